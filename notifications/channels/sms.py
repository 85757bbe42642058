"""Text messages, through the configured provider."""

from notifications import sms


def send(message, letter):
    return sms.provider().send(to=message.recipient, text=letter.text, key=message.pk)
