from typing import Protocol

TIMEOUT = 10  # seconds


class Provider(Protocol):
    """What sends text messages."""

    def send(self, *, to, text, key):
        """Hand one over; returns the provider's id of it, perhaps "".

        `to` is a number as E.164. `key` stays the same however often one message
        is sent, so that a provider which knows keys sends it once. Raises
        DeliveryError when it was not taken, Refused when it never will be, Stopped
        when whoever has the number wants no messages.
        """
