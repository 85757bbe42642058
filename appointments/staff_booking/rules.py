"""Which of an office's rules a time would break; staff may, with permission and reason.

Another appointment is never among them: nobody books over that.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from appointments.exceptions import LimitReached
from appointments.models import Appointment
from availability import queries, slots
from availability.exceptions import SlotClosed, SlotPast, SlotTooFar
from availability.models import HostDay
from config.exceptions import DomainError
from offices.times import time_needed

# What operations refuse without `override`, and may do with it.
BREAKABLE = (SlotPast, SlotTooFar, SlotClosed, LimitReached)


def broken(offered, starts_at, *, quantity=1, host=None, email=""):
    """Sentences on the rules that booking this time would break.

    Empty when there are none, and for a time that no permission makes possible: one
    that is over, or on no quarter-hour of the office's clock.
    """
    try:
        slot = slots.slot_at(offered, starts_at, quantity)
        slots.check_not_over(slot, timezone.now())
    except DomainError:
        return []
    found = [
        _of_window(offered.office, slot),
        _of_hours(offered, slot, host),
        _of_limit(offered.office, email),
    ]
    return [sentence for sentence in found if sentence]


def _of_window(office, slot):
    try:
        slots.check_window(office, slot, timezone.now())
    except SlotPast:
        return _("This is sooner than the lead time of %(length)s allows.") % {
            "length": time_needed(office.lead_time)
        }
    except SlotTooFar:
        return _("This is further ahead than the %(days)s days that can be booked.") % {
            "days": office.booking_horizon_days
        }
    return ""


def _of_hours(offered, slot, host):
    hosts = queries.serving(offered, host)
    days = HostDay.objects.filter(host__in=hosts, day=slot.day)
    hours = days.values_list("open", flat=True)
    if any(each & slot.quarters == slot.quarters for each in hours):
        return ""
    if host is None:
        return _("This is outside the hours of everybody who serves this.")
    return _("This is outside the hours of %(host)s.") % {"host": host}


def _of_limit(office, email):
    if not email:
        return ""
    open_now = Appointment.objects.open().filter(
        office=office, citizen__email=email.lower()
    )
    most = office.max_open_appointments
    if open_now.count() < most:
        return ""
    return _("This address has as many open appointments as may be: %(most)s.") % {
        "most": most
    }
