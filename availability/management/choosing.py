"""What commands about slots are told: which offices, until which day."""

from argparse import ArgumentTypeError
from datetime import date

from django.core.management.base import CommandError
from django.utils import timezone

from offices.models import Office


def add_arguments(parser):
    parser.add_argument(
        "--office",
        action="append",
        default=[],
        metavar="SLUG",
        help="only this office; may be given several times",
    )
    parser.add_argument(
        "--until",
        type=day_to_come,
        metavar="YYYY-MM-DD",
        help="the last day, instead of each office's booking horizon",
    )


def day(text):
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no date; say 2027-03-31.") from error


def day_to_come(text):
    found = day(text)
    if found < timezone.now().date():
        raise ArgumentTypeError(f"{text} is over; say a day to come.")
    return found


def offices_called(slugs):
    """The offices of these names, or all, without those that are closed for good."""
    offices = Office.objects.exclude(status="closed").order_by("slug")
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
