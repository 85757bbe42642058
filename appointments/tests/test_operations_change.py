"""Changing what is written on an appointment, or its host alone."""

from datetime import timedelta

import pytest

from appointments import operations
from appointments.exceptions import Changed
from appointments.models import Appointment
from appointments.tests.factories import AppointmentFactory
from availability.tests.factories import OpenHostFactory

pytestmark = pytest.mark.django_db


def test_another_host_leaves_the_time():
    appointment = AppointmentFactory()
    other = OpenHostFactory(office=appointment.office)

    changed = operations.change(appointment, by=None, host=other)

    assert (changed.host, changed.starts_at) == (other, appointment.starts_at)


def test_another_host_by_an_old_copy_does_not_move_it_back():
    stale = AppointmentFactory()
    other = OpenHostFactory(office=stale.office)
    later = stale.starts_at + timedelta(hours=1)
    moved = operations.reschedule(stale, later, by=None)

    with pytest.raises(Changed):
        operations.change(stale, by=None, host=other)

    kept = Appointment.objects.get(pk=stale.pk)
    assert (kept.host_id, kept.starts_at) == (moved.host_id, later)
    assert kept.events.count() == 2
