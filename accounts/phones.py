"""Phone numbers: stored as E.164, written and read as people do."""

import phonenumbers
from phonenumbers import PhoneNumberFormat


def read(text, region):
    """A number that somebody typed in `region`, as E.164; None if it is none."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def words(number):
    """A stored number as people read it."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def example(region):
    """How a number looks in `region`."""
    number = phonenumbers.example_number(region) or phonenumbers.example_number("DE")
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
