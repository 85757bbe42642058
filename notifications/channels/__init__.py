"""How messages travel. A new channel is a module here and a line in SENDERS."""

from notifications.channels import mail, sms
from notifications.states import Channel

SENDERS = {Channel.MAIL: mail.send, Channel.SMS: sms.send}


def send(message, letter):
    """Hand the letter over; returns the provider's id for it.

    Raises DeliveryError when it was not taken, Refused when it never will be.
    """
    return SENDERS[Channel(message.channel)](message, letter)
