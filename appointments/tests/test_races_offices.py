"""An office is deleted while somebody books there: one of the two comes too late."""

from functools import partial

import pytest
from django.db import transaction

from appointments.models import Appointment
from appointments.tests.factories import AppointmentFactory, tomorrow_at
from availability.operations import delete_office
from availability.tests.factories import OpenHostFactory
from availability.tests.races import at_once, start_and_wait
from offices.models import Office, OfficeStatus
from offices.tests.factories import OfficeServiceFactory

pytestmark = pytest.mark.django_db(transaction=True)


def town_hall():
    offered = OfficeServiceFactory(office__booking_horizon_days=2)
    OpenHostFactory(office=offered.office)
    return offered


def book(offered):
    AppointmentFactory(offered=offered, starts_at=tomorrow_at(offered.office))
    return "booked"


def delete(office):
    return "deleted" if delete_office(office, by=None) else "closed"


def test_of_a_deletion_and_a_booking_one_comes_too_late():
    for _ in range(6):
        offered = town_hall()

        outcomes = at_once(partial(delete, offered.office), partial(book, offered))

        left = [Office.objects.count(), Appointment.objects.count()]
        if outcomes == ["closed", "booked"]:
            assert left == [1, 1]
        else:
            assert outcomes == ["deleted", "slot_closed"]
            assert left == [0, 0]
        Appointment.objects.all().delete()
        Office.objects.all().delete()


def test_a_deletion_waits_for_a_booking_and_closes():
    offered = town_hall()
    with transaction.atomic():
        book(offered)
        outcome = start_and_wait(partial(delete, offered.office))

    assert outcome.result() == "closed"
    assert Office.objects.get().status == OfficeStatus.CLOSED


def test_a_booking_waits_for_a_deletion_and_is_refused():
    offered = town_hall()
    with transaction.atomic():
        delete(Office.objects.get())
        outcome = start_and_wait(partial(book, offered))

    assert outcome.result() == "slot_closed"
    assert not Appointment.objects.exists()
