"""What commands about slots are told: which offices, until which day."""

from argparse import ArgumentTypeError
from datetime import timedelta

from django.utils import timezone

from offices.management import choosing
from offices.models import Office

FURTHEST = timedelta(days=3650)  # beyond, it is a slip: each host has a row a day


def add_arguments(parser):
    choosing.add_offices(parser)
    parser.add_argument(
        "--until",
        type=day_to_come,
        metavar="YYYY-MM-DD",
        help="the last day, instead of each office's booking horizon",
    )


def day_to_come(text):
    found, today = choosing.day(text), timezone.now().date()
    if found < today:
        raise ArgumentTypeError(f"{text} is over; say a day to come.")
    if found - today > FURTHEST:
        raise ArgumentTypeError(f"{text} is more than ten years ahead.")
    return found


def offices_called(slugs):
    """The offices of these names, or all, without those that are closed for good."""
    offices = Office.objects.exclude(status="closed").order_by("slug")
    return choosing.offices_called(slugs, among=offices)
