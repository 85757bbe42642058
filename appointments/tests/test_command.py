"""`manage.py appointment`: what else it says; its verbs are in test_channels.py."""

from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from appointments.states import Status
from appointments.tests.channels import NOW, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    with world(Status.CONFIRMED) as here, time_machine.travel(NOW, tick=False):
        yield here.appointment


def run(*arguments, **options):
    out = StringIO()
    call_command("appointment", *arguments, **options, stdout=out)
    return out.getvalue()


def test_it_shows_an_appointment(visit):
    visit.events.update(reason="By telephone")

    told = run(visit.reference.lower())

    for said in (visit.reference, "Confirmed", "09:00", "Ada Example", "By telephone"):
        assert said in told
    assert str(visit.service) in told


def test_it_says_how_the_appointment_is_then(visit):
    told = run(visit.reference, "move", to="2030-03-13T10:00")

    assert told.startswith(f"{visit.reference}: Confirmed")
    assert "10:00" in told


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (["K7M4-QX2P"], {}, "There is no appointment K7M4-QX2P."),
        (["nonsense"], {}, "There is no appointment nonsense."),
        (["move"], {}, "Say --to with move"),
        (["cancel"], {"to": "2030-03-13T10:00"}, "Say --to with move"),
        (["approve"], {"reason": "Why not"}, "approve takes no --reason."),
        (["move"], {"to": "tomorrow"}, "tomorrow is no time like"),
        (["deny"], {}, "Say why, so that the citizen knows."),
        (["complete"], {}, "This cannot be done now"),
        (["eat"], {}, "invalid choice"),
    ],
)
def test_what_is_wrong_is_said(visit, arguments, options, said):
    known = {"move", "cancel", "approve", "deny", "complete", "eat"}
    if arguments[0] in known:
        arguments = [visit.reference, *arguments]

    with pytest.raises(CommandError, match=said):
        run(*arguments, **options)

    visit.refresh_from_db()
    assert visit.status == Status.CONFIRMED
    assert visit.events.count() == 1
