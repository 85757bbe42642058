"""Phone numbers: stored as E.164, written and read as people do."""

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

POSSIBLE = ValidationResult.IS_POSSIBLE  # with its area code


def read(text, region):
    """A number that somebody typed in `region`, as E.164; None if it is none.

    It must be one that could be dialled, not one that is given out at present: lists of
    those grow old, and the office knows its people better.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != POSSIBLE:
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
