"""What the tests of changed hours share: a town hall, and a counter that is away."""

from datetime import date, time

from django.apps import apps

from appointments.impact.changes import HoursChange
from appointments.models import Access, Appointment
from availability.models import AvailabilityException
from offices.roles import Role
from offices.tests.factories import MembershipFactory

OURS = ["accounts", "offices", "availability", "appointments", "notifications"]
WEDNESDAY = date(2030, 3, 13)


def away(host, start=time(), end=time(), day=WEDNESDAY):
    """Time away, unsaved; the whole day unless told."""
    return AvailabilityException(
        host=host, kind="away", day=day, start_time=start, end_time=end
    )


def change_of(office, *save, delete=()):
    return HoursChange(office, "A change.", list(save), list(delete), back="/admin/")


def member_of(office, role=Role.MANAGER):
    return MembershipFactory(office=office, role=role).user


def everything():
    """All rows of all tables of ours; to look at people leaves a line of its own."""
    return {
        model: list(model._base_manager.order_by("pk").values())
        for name in OURS
        for model in apps.get_app_config(name).get_models()
        if model is not Access
    }


def of(appointment):
    """The appointment as it is now, with its details."""
    return Appointment.objects.with_details().get(pk=appointment.pk)


def history(appointment):
    return list(appointment.events.values_list("kind", flat=True))[1:]


def owed(appointment):
    """What is owed to its citizen for what happened after the booking."""
    messages = appointment.messages.order_by("pk").exclude(kind="booked")
    return list(messages.values_list("kind", "status"))
