"""What the commands about one person share."""

from django.core.management.base import CommandError

from appointments.privacy import subjects


def add_person(parser):
    parser.add_argument("email", nargs="?", help="whose: the e-mail address")
    parser.add_argument(
        "--reference",
        help="instead: the person of this appointment, like K7M4-QX2P; of a guest it "
        "is this booking alone",
    )


def find_person(email, reference):
    """The Subject. Raises CommandError."""
    if bool(email) == bool(reference):
        raise CommandError("Say an e-mail address, or --reference.")
    if email:
        subject = subjects.of_email(email, by=None)
    else:
        subject = subjects.of_reference(reference, by=None)
    if subject is None or subject.is_empty:
        raise CommandError(f"Nothing is kept about {email or reference}.")
    return subject
