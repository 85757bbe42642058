"""How commands are told which offices, and which days."""

from argparse import ArgumentTypeError
from datetime import date

from django.core.management.base import CommandError

from offices.models import Office


def add_offices(parser):
    parser.add_argument(
        "--office",
        action="append",
        default=[],
        metavar="SLUG",
        help="only this office; may be given several times",
    )


def offices_called(slugs, among=None):
    """The offices of these names, or all. Raises CommandError for an unknown name.

    `among` says which offices there are to choose from; without it, all.
    """
    offices = Office.objects.all() if among is None else among
    if not slugs:
        return list(offices)
    found = list(offices.filter(slug__in=slugs))
    unknown = set(slugs) - {office.slug for office in found}
    if unknown:
        raise CommandError(
            f"No office is called {', '.join(sorted(unknown))}. "
            "Use the name in its web address."
        )
    return found


def day(text):
    """A date as argparse's `type`."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no date; say 2027-03-31.") from error
