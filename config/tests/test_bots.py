"""The forms for strangers refuse programs, and no person for long."""

from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountMail
from config import bots
from config.bots import GuardedForm, stamp

pytestmark = pytest.mark.django_db

FORGOTTEN = reverse("admin_password_reset")
FIND = reverse("appointments:find")


@pytest.fixture(autouse=True)
def a_second(settings):
    settings.FORM_FILL_SECONDS = 1


def ask(client, **fields):
    response = client.post(FORGOTTEN, {"email": "ada@example.org", **fields})
    form = response.context["form"] if response.context else None
    return response.status_code, form and form.non_field_errors()


def shown(seconds):
    """The stamp of a form that was shown so many seconds ago."""
    with time_machine.travel(timezone.now() - timedelta(seconds=seconds)):
        return stamp()


def test_a_person_passes(client):
    assert ask(client, shown_at=shown(2)) == (302, None)
    assert AccountMail.objects.count() == 1


def test_who_comes_back_after_hours_passes(client):
    assert ask(client, shown_at=shown(86_400))[0] == 302


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"shown_at": ""}, "Please send the form once more."),
        ({"shown_at": "shown:1xyz:forged"}, "Please send the form once more."),
        ({"leave_empty": "x"}, "Leave the field “Leave this empty” empty, then send"),
    ],
)
def test_a_program_is_told_so_and_changes_nothing(client, fields, sentence):
    status, errors = ask(client, **{"shown_at": shown(2)} | fields)

    assert status == 422
    assert errors[0].startswith(sentence)
    assert not AccountMail.objects.exists()


def test_what_comes_at_once_is_refused_and_passes_a_moment_later(client):
    first = stamp()

    refused = client.post(FORGOTTEN, {"email": "a@example.org", "shown_at": first})
    with time_machine.travel(timezone.now() + timedelta(seconds=3)):
        status, _errors = ask(client, shown_at=first)

    assert (refused.status_code, status) == (422, 302)
    assert "That was very fast" in refused.text
    assert first in refused.text


def test_a_lost_stamp_is_replaced(client):
    response = client.post(FORGOTTEN, {"email": "ada@example.org"})

    fresh = response.context["form"]["shown_at"].value()
    signing.TimestampSigner(salt=bots.SALT).unsign(fresh)


def test_the_trap_is_empty_when_it_is_shown_again():
    form = GuardedForm({"leave_empty": "filled in by a browser", "shown_at": stamp()})

    assert "filled in" not in str(form["leave_empty"])
    assert 'aria-hidden="true"' in str(form["leave_empty"])
    assert 'tabindex="-1"' in str(form["leave_empty"])


def test_looking_up_an_appointment_is_guarded(client):
    about = {"reference": "K7M4-QX2P", "email": "ada@example.org"}

    response = client.post(FIND, {**about, "shown_at": stamp()})

    assert response.status_code == 422
    assert "That was very fast" in response.text
    assert 'name="leave_empty"' in client.get(FIND).text


def test_what_is_refused_is_counted(client, caplog):
    ask(client, leave_empty="x", shown_at=shown(2))

    assert "bot_refused" in caplog.text
    assert "ada@example.org" not in caplog.text
