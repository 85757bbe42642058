"""The demo town, on a working morning and on a Sunday night."""

from collections import Counter
from datetime import datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from appointments.demo import people, plan
from appointments.desk.board import load
from appointments.invariants import untimely
from appointments.models import Appointment
from appointments.states import TAKES_TIME, Channel, Status
from availability.models import HostDay
from offices.models import Host, Membership, Office, OfficeStatus, Service
from offices.roles import Role

pytestmark = pytest.mark.django_db

DUBLIN = ZoneInfo("Europe/Dublin")
TUESDAY_MORNING = datetime(2030, 5, 14, 10, 10, tzinfo=DUBLIN)
SUNDAY_NIGHT = datetime(2030, 10, 27, 23, 30, tzinfo=DUBLIN)  # clocks have changed
OURS = ["accounts", "offices", "availability", "appointments", "notifications"]


def demo():
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def everything():
    return {
        model: list(model.objects.order_by("pk").values())
        for app in OURS
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    }


@pytest.fixture(scope="module")
def built(module_rows):
    """The town with three days each way, on a Tuesday morning; what its making said."""
    with (
        pytest.MonkeyPatch.context() as patch,
        time_machine.travel(TUESDAY_MORNING, tick=False),
    ):
        patch.setattr(plan, "DAYS", 3)
        return demo()


@pytest.fixture
def little_town(built, monkeypatch):
    """The same, while that Tuesday stands still."""
    monkeypatch.setattr(plan, "DAYS", 3)
    with time_machine.travel(TUESDAY_MORNING, tick=False):
        yield built


@pytest.mark.parametrize(
    ("now", "days"),
    [(TUESDAY_MORNING, plan.DAYS), (SUNDAY_NIGHT, 11)],
    ids=["tue", "sun"],
)
def test_the_town_is_complete_and_believable(monkeypatch, now, days):
    monkeypatch.setattr(plan, "DAYS", days)
    with time_machine.travel(now, tick=False):
        said = demo()

        _check_town(said)
        _check_appointments()
        _check_claims()
        _check_desk()


def _check_desk():
    """People wait with tickets; one has been called, one is being served."""
    assert untimely() == []
    today = load(Office.objects.get(slug="town-hall"))
    assert len(today.waiting) >= 2
    assert len(today.called) == 1
    assert any(column.serving for column in today.columns)


def _check_town(said):
    assert (Office.objects.count(), Service.objects.count(), Host.objects.count()) == (
        6,
        20,
        25,
    )
    assert set(Office.objects.values_list("time_zone", flat=True)) == {
        "Europe/Dublin",
        "America/St_Johns",
    }
    assert Office.objects.filter(status=OfficeStatus.SUSPENDED).count() == 1
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role)
    for account, _what in people.accounts():
        assert account in said
    assert people.PASSWORD in said
    assert User.objects.get(email="host@example.org").check_password(people.PASSWORD)


def _check_appointments():
    now = timezone.now()
    assert set(Appointment.objects.values_list("status", flat=True)) == set(Status)
    over = Appointment.objects.filter(ends_at__lte=now)
    ahead = Appointment.objects.filter(starts_at__gt=now)
    assert over.filter(starts_at__lt=now - timedelta(days=10)).exists()
    assert ahead.filter(starts_at__gt=now + timedelta(days=10)).exists()
    assert not over.filter(status=Status.PENDING).exists()
    assert not ahead.filter(status__in=[Status.COMPLETED, Status.NO_SHOW]).exists()
    assert {*over.values_list("channel", flat=True)} >= {Channel.WEB, Channel.WALK_IN}
    assert ahead.unsupported().exists()
    for appointment in Appointment.objects.prefetch_related("events"):
        instants = [event.created_at for event in appointment.events.all()]
        assert instants
        assert instants == sorted(instants)
        assert appointment.created_at <= now


def _check_claims():
    """What is claimed is what takes time, bit for bit; and nothing else."""
    expected = Counter()
    for row in Appointment.objects.filter(status__in=TAKES_TIME):
        expected[row.host_id, row.day] |= row.quarters
    claimed = {(row.host_id, row.day): row.claimed for row in HostDay.objects.all()}
    assert {key: bits for key, bits in claimed.items() if bits} == dict(expected)


@pytest.mark.parametrize("minutes", [0, 25])
def test_a_second_run_changes_nothing(little_town, minutes):
    before = everything()

    with time_machine.travel(TUESDAY_MORNING + timedelta(minutes=minutes), tick=False):
        assert demo() == little_town

    assert everything() == before


def test_what_people_changed_in_the_town_stays(little_town):
    Office.objects.filter(slug="registry").update(name="Renamed")
    Membership.objects.filter(office__slug="planning").update(ended_at=timezone.now())
    Host.objects.filter(office__slug="licensing").update(is_active=False)
    before = everything()

    demo()

    assert everything() == before


def test_a_later_run_books_what_the_days_since_would_have_brought(little_town):
    before = set(Appointment.objects.values_list("pk", flat=True))

    with time_machine.travel(TUESDAY_MORNING + timedelta(days=4), tick=False):
        demo()

    added = Appointment.objects.exclude(pk__in=before)
    assert added.filter(day__gt=TUESDAY_MORNING + timedelta(days=3)).exists()
    assert Office.objects.count() == 6
    _check_claims()


def test_a_handful_of_mails_is_owed_and_none_for_the_past(little_town):
    messages = apps.get_model("notifications.Message").objects.all()

    assert 0 < messages.count() < 60
    assert not messages.exclude(recipient__regex=r"[@.]example\.(org|com)$").exists()
    assert not messages.filter(appointment__starts_at__lt=TUESDAY_MORNING).exists()


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_demo_is_for_desks_alone(settings, environment):
    settings.ENVIRONMENT, settings.ON_A_DESK = environment, False
    before = everything()

    with pytest.raises(CommandError, match=f"never made in {environment}"):
        demo()

    assert everything() == before
