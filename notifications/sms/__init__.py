"""Text messages, through the provider that the settings name.

A provider is a class with `send`; a new one is a module here, a line in PROVIDERS
and a case in tests/test_sms_providers.py, whose contract every provider passes.
"""

from django.conf import settings

from notifications.sms.console import Console
from notifications.sms.smscatcher import SmsCatcher
from notifications.sms.twilio import Twilio

PROVIDERS = {"console": Console, "smscatcher": SmsCatcher, "twilio": Twilio}


def provider():
    """The one to send through now."""
    return PROVIDERS[settings.SMS_PROVIDER]()
