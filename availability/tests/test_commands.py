from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from availability import operations, tasks
from availability.models import Hold, HostDay
from availability.tests.factories import AvailabilityRuleFactory, OpenHostFactory
from availability.tests.races import in_threads
from offices.models import Office
from offices.tests.factories import OfficeFactory, OfficeServiceFactory

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
    [
        ("2030-02-30", "is no date; say 2027-03-31"),
        ("2030-03-03", "is over"),
        ("2203-03-10", "is more than ten years ahead"),
    ],
)
def test_a_last_day_that_cannot_be_is_refused(day, remedy):
    with pytest.raises(CommandError, match=f"{day} {remedy}"):
        call_command("generate_slots", "--until", day)


def test_the_task_of_an_office_can_run_twice():
    office = AvailabilityRuleFactory().host.office

    for _ in range(2):
        tasks.generate_slots_of([office.pk])

    assert HostDay.objects.count() == 61
    assert office.closures.count() == 3


def test_the_task_of_an_office_that_is_gone_does_nothing():
    tasks.generate_slots_of([0])

    assert not HostDay.objects.exists()


def test_the_sweep_gives_back_what_has_expired():
    offered = OfficeServiceFactory()
    OpenHostFactory(office=offered.office)
    operations.hold(offered, NOW + timedelta(days=1), holder="me")
    Hold.objects.update(expires_at=timezone.now())

    tasks.sweep_holds()

    assert not Hold.objects.exists()
    assert not HostDay.objects.exclude(claimed=0).exists()


def test_a_night_is_spread_over_tasks_of_some_offices_each(monkeypatch):
    monkeypatch.setattr(tasks, "OFFICES_A_TASK", 2)
    offices = [rule.host.office for rule in AvailabilityRuleFactory.create_batch(3)]
    AvailabilityRuleFactory(host__office__status="closed")
    sent = []
    monkeypatch.setattr(tasks.generate_slots_of, "delay", sent.append)

    tasks.generate_slots()

    first, second, third = sorted(office.pk for office in offices)
    assert sent == [(first, second), (third,)]


@pytest.mark.django_db(transaction=True)
def test_an_office_that_is_being_changed_comes_again_and_keeps_no_other(monkeypatch):
    busy, other = (rule.host.office for rule in AvailabilityRuleFactory.create_batch(2))
    again = []

    def retry(args, exc):
        again.append(args)
        return exc

    monkeypatch.setattr(tasks.generate_slots_of, "retry", retry)

    def generate():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        with pytest.raises(OperationalError):
            tasks.generate_slots_of([busy.pk, other.pk])

    with transaction.atomic():
        Office.objects.select_for_update(no_key=True).get(pk=busy.pk)
        in_threads([generate])

    assert again == [[[busy.pk]]]
    written = HostDay.objects.values_list("office", flat=True).distinct()
    assert set(written) == {other.pk}


def extend_slots(capsys, **options):
    call_command("extend_slots", **options)
    return capsys.readouterr().out.splitlines()


def test_offices_that_are_short_of_days_are_extended(capsys):
    short, whole = (
        rule.host.office for rule in AvailabilityRuleFactory.create_batch(2)
    )
    call_command("generate_slots", office=[short.slug], until=date(2030, 3, 10))
    call_command("generate_slots", office=[whole.slug])
    capsys.readouterr()

    would = extend_slots(capsys, dry_run=True)
    said = extend_slots(capsys)
    again = extend_slots(capsys)

    assert would == [
        f"{short.slug}: would be extended from 2030-03-10 to 2030-05-03.",
        "1 of 2 offices would be extended.",
    ]
    assert said == [
        f"{short.slug}: extended from 2030-03-10 to 2030-05-03.",
        "1 of 2 offices extended, 54 days written.",
    ]
    assert again == ["0 of 2 offices extended, 0 days written."]


def test_an_office_is_extended_to_a_day_beyond_its_horizon(capsys):
    office, _other = (
        rule.host.office for rule in AvailabilityRuleFactory.create_batch(2)
    )

    said = extend_slots(capsys, office=[office.slug], until=date(2030, 12, 31))

    assert said == [
        f"{office.slug}: extended from nothing to 2030-12-31.",
        "1 of 1 offices extended, 303 days written.",
    ]


def test_one_host_without_days_makes_an_office_short(capsys):
    office = AvailabilityRuleFactory().host.office
    call_command("generate_slots")
    AvailabilityRuleFactory(host__office=office)
    OfficeFactory()  # without hosts there is nothing to extend
    capsys.readouterr()

    assert extend_slots(capsys, dry_run=True) == [
        f"{office.slug}: would be extended from nothing to 2030-05-03.",
        "1 of 2 offices would be extended.",
    ]


def test_an_office_to_extend_that_is_not_known_is_named():
    with pytest.raises(CommandError, match="No office is called atlantis"):
        call_command("extend_slots", office=["atlantis"])
