"""What commands about slots are told: which offices, until which day."""

from argparse import ArgumentTypeError

from django.utils import timezone

from offices.management import choosing
from offices.models import Office


def add_arguments(parser):
    choosing.add_offices(parser)
    parser.add_argument(
        "--until",
        type=day_to_come,
        metavar="YYYY-MM-DD",
        help="the last day, instead of each office's booking horizon",
    )


def day_to_come(text):
    found = choosing.day(text)
    if found < timezone.now().date():
        raise ArgumentTypeError(f"{text} is over; say a day to come.")
    return found


def offices_called(slugs):
    """The offices of these names, or all, without those that are closed for good."""
    offices = Office.objects.exclude(status="closed").order_by("slug")
    return choosing.offices_called(slugs, among=offices)
