"""An address of one's own that takes text messages: a gateway, or a trap for tests.

It is posted `{"id", "to", "from", "text"}` as JSON, with SMS_API_KEY as bearer token
if that is set; `id` stays the same when a message is posted again. Any 2xx takes
it; an `id` in a JSON answer is kept.
"""

import requests
from django.conf import settings

from notifications.channels.errors import Down, Refused
from notifications.sms.provider import TIMEOUT

# What is wrong with us or with the moment, not with the message.
TRY_AGAIN = {401, 403, 404, 405, 408, 425, 429}


class SmsCatcher:
    def send(self, *, to, text, key):
        key_header = f"Bearer {settings.SMS_API_KEY}"
        headers = {"Authorization": key_header} if settings.SMS_API_KEY else {}
        content = {
            "id": str(key),
            "to": to,
            "from": settings.SMS_SENDER,
            "text": text,
        }
        try:
            answer = requests.post(
                settings.SMS_URL,
                json=content,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise Down(type(error).__name__) from error
        if not 200 <= answer.status_code < 300:
            raise _refusal(answer.status_code)
        return _id(answer)


def _refusal(status):
    for_good = 400 <= status < 500 and status not in TRY_AGAIN
    kind = Refused if for_good else Down
    return kind(f"The gateway answered {status}.")


def _id(answer):
    try:
        told = answer.json()
    except ValueError:
        return ""
    return str(told.get("id", "")) if isinstance(told, dict) else ""
