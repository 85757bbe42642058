class DeliveryError(Exception):
    """It was not taken; another try may do better."""


class Down(DeliveryError):
    """The provider takes nothing at present, whatever it is."""


class Refused(DeliveryError):
    """It will not be taken, however often one tries."""


class Stopped(Refused):
    """Whoever has this address wants no messages."""
