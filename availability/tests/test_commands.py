from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from availability import operations, tasks
from availability.models import Hold, HostDay
from availability.tests.factories import AvailabilityRuleFactory, OpenHostFactory
from offices.tests.factories import OfficeServiceFactory

NOW = datetime(2030, 3, 4, 7, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def generate_slots(capsys, **options):
    call_command("generate_slots", **options)
    return capsys.readouterr().out.strip()


def test_slots_of_all_offices_that_are_not_closed_are_generated(capsys):
    open_office, suspended, _closed = (
        AvailabilityRuleFactory(host__office__status=status).host.office
        for status in ("open", "suspended", "closed")
    )

    said = [generate_slots(capsys) for _ in range(2)]

    assert said == [
        "2 offices, 122 days new or changed.",
        "2 offices, 0 days new or changed.",
    ]
    written = HostDay.objects.values_list("office", flat=True).distinct()
    assert set(written) == {open_office.pk, suspended.pk}


def test_some_offices_can_be_named_and_a_last_day(capsys):
    first, second, _other = (
        rule.host.office for rule in AvailabilityRuleFactory.create_batch(3)
    )

    said = generate_slots(
        capsys, office=[first.slug, second.slug], until=date(2030, 3, 8)
    )

    assert said == "2 offices, 10 days new or changed."


def test_an_office_that_is_not_known_is_named(capsys):
    office = AvailabilityRuleFactory().host.office

    with pytest.raises(CommandError, match="No office is called atlantis, eldorado"):
        generate_slots(capsys, office=["eldorado", office.slug, "atlantis"])

    assert not HostDay.objects.exists()


@pytest.mark.parametrize(
    ("day", "remedy"),
    [("2030-02-30", "is no date; say 2027-03-31"), ("2030-03-03", "is over")],
)
def test_a_last_day_that_cannot_be_is_refused(day, remedy):
    with pytest.raises(CommandError, match=f"{day} {remedy}"):
        call_command("generate_slots", "--until", day)


def test_the_task_of_an_office_can_run_twice():
    office = AvailabilityRuleFactory().host.office

    for _ in range(2):
        tasks.generate_office_slots(office.pk)

    assert HostDay.objects.count() == 61
    assert office.closures.count() == 3


def test_the_task_of_an_office_that_is_gone_does_nothing():
    tasks.generate_office_slots(0)

    assert not HostDay.objects.exists()


def test_the_sweep_gives_back_what_has_expired():
    offered = OfficeServiceFactory()
    OpenHostFactory(office=offered.office)
    operations.hold(offered, NOW + timedelta(days=1), holder="me")
    Hold.objects.update(expires_at=timezone.now())

    tasks.sweep_holds()

    assert not Hold.objects.exists()
    assert not HostDay.objects.exclude(claimed=0).exists()
