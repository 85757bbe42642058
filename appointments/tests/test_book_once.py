"""One request, sent twice, books once; and what is held does not come too late."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection, transaction

from appointments import operations
from appointments.models import Appointment, Citizen
from appointments.states import Channel
from appointments.tests.factories import AppointmentFactory, tomorrow_at
from availability.exceptions import SlotPast, SlotTaken
from availability.operations import hold
from availability.tests.factories import OpenHostFactory
from offices.tests.factories import OfficeServiceFactory


def book_once(key, offered, starts_at, **how):
    citizen = Citizen(name="Ada", email="ada@example.org")
    return operations.book_once(
        key, offered, starts_at, citizen=citizen, by=citizen, channel=Channel.WEB, **how
    )


@pytest.mark.django_db
def test_the_second_time_gives_what_was_booked_first():
    offered = OfficeServiceFactory()
    OpenHostFactory.create_batch(2, office=offered.office)
    key = uuid.uuid4()

    first = book_once(key, offered, tomorrow_at(offered.office))
    second = book_once(key, offered, tomorrow_at(offered.office))

    assert (first.pk, second.pk) == (key, key)
    assert Appointment.objects.count() == Citizen.objects.count() == 1


@pytest.mark.django_db
def test_a_refused_booking_leaves_its_key_free():
    taken = AppointmentFactory()
    key = uuid.uuid4()
    later = taken.starts_at + timedelta(hours=1)
    offered = taken.office.offered.get()

    with pytest.raises(SlotTaken):
        book_once(key, offered, taken.starts_at)

    assert book_once(key, offered, later).starts_at == later


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_one_books_and_all_are_given_it():
    offered = OfficeServiceFactory()
    OpenHostFactory.create_batch(4, office=offered.office)
    starts_at = tomorrow_at(offered.office)
    key = uuid.uuid4()
    start = threading.Barrier(4)

    def book(_number):
        start.wait()
        try:
            return book_once(key, offered, starts_at).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        booked = list(pool.map(book, range(4)))

    assert booked == [key] * 4
    assert Appointment.objects.get().events.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_second_waits_until_the_first_is_done():
    offered = OfficeServiceFactory()
    OpenHostFactory.create_batch(2, office=offered.office)
    starts_at = tomorrow_at(offered.office)
    key = uuid.uuid4()

    def book_again():
        try:
            return book_once(key, offered, starts_at).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            book_once(key, offered, starts_at)
            second = pool.submit(book_again)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)

        assert second.result(timeout=5) == key
    assert Appointment.objects.count() == 1


@pytest.mark.django_db
def test_a_time_that_is_held_is_not_too_soon_while_the_form_is_filled_in():
    with time_machine.travel(datetime(2030, 3, 12, 7, 58, tzinfo=UTC), tick=False):
        offered = OfficeServiceFactory(office__time_zone="UTC")
        OpenHostFactory(office=offered.office)
        nine = datetime.combine(offered.office.today(), time(9), UTC)
        held = hold(offered, nine, holder="browser")

    with time_machine.travel(datetime(2030, 3, 12, 8, 3, tzinfo=UTC), tick=False):
        with pytest.raises(SlotPast):
            book_once(uuid.uuid4(), offered, nine)
        booked = book_once(uuid.uuid4(), offered, nine, hold=held.pk, holder="browser")

    assert booked.starts_at == nine


@pytest.mark.django_db
def test_a_hold_that_is_over_does_not_help_against_the_lead_time():
    with time_machine.travel(datetime(2030, 3, 12, 7, 58, tzinfo=UTC), tick=False):
        offered = OfficeServiceFactory(office__time_zone="UTC")
        OpenHostFactory(office=offered.office)
        nine = datetime.combine(offered.office.today(), time(9), UTC)
        held = hold(offered, nine, holder="browser")

    with (
        time_machine.travel(datetime(2030, 3, 12, 8, 10, tzinfo=UTC), tick=False),
        pytest.raises(SlotPast),
    ):
        book_once(uuid.uuid4(), offered, nine, hold=held.pk, holder="browser")
