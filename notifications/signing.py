"""What webhook deliveries are signed with, as standardwebhooks.com has it."""

import base64
import hmac
import secrets

PREFIX = "whsec_"


def new_secret():
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(event_id, timestamp, body, keys):
    """The headers that prove a body to be ours: one signature for each secret."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    return {
        "Webhook-Id": str(event_id),
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": " ".join(_signature(signed, key) for key in keys),
    }


def _signature(signed, secret):
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
