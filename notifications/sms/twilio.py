"""Twilio, by its own client.

SMS_API_KEY is the account's SID with SMS_API_SECRET its auth token; or a key's SID
(SK…) with its secret, and SMS_ACCOUNT is the account's. SMS_URL is another address of
the API than Twilio's own, for a proxy or a test.
"""

import requests
from django.conf import settings
from django.urls import reverse
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from notifications.channels.errors import DeliveryError, Down, Refused, Stopped
from notifications.sms.provider import TIMEOUT

# Twilio's error dictionary (https://www.twilio.com/docs/api/errors): the number is
# wrong, cannot be reached or takes no text messages.
WRONG_NUMBER = {21211, 21214, 21217, 21265, 21407, 21612, 21614, 21635}
SERVER_ERROR, TOO_MANY = 500, 429
STOPPED = 21610  # its owner has answered STOP


class Twilio:
    def __init__(self):
        account = settings.SMS_ACCOUNT or settings.SMS_API_KEY
        self.client = Client(
            settings.SMS_API_KEY,
            settings.SMS_API_SECRET,
            account_sid=account,
            http_client=TwilioHttpClient(timeout=TIMEOUT),
        )
        if settings.SMS_URL:
            self.client.api.base_url = settings.SMS_URL.rstrip("/")

    def send(self, *, to, text, key):
        try:
            sent = self.client.messages.create(
                to=to,
                from_=settings.SMS_SENDER,
                body=text,
                status_callback=_callback(),
            )
        except TwilioRestException as error:
            raise _translated(error) from error
        except (TwilioException, requests.RequestException) as error:
            raise Down(type(error).__name__) from error
        return sent.sid


def _callback():
    """Where Twilio tells what became of it; it calls public https addresses only."""
    if not settings.OVER_HTTPS:
        return None
    return f"{settings.FRONTEND_HOST}{reverse('notifications:sms_status')}"


def _translated(error):
    told = f"Twilio answered {error.status}, error {error.code}."
    if error.code == STOPPED:
        return Stopped(told)
    if error.code in WRONG_NUMBER:
        return Refused(told)
    busy = error.status >= SERVER_ERROR or error.status == TOO_MANY
    return (Down if busy else DeliveryError)(told)
