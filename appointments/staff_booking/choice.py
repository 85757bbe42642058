"""What staff have chosen so far for somebody, and the pages that lead on from there."""

from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from appointments.views.choice import Choice
from availability import slots
from availability.queries import NEAREST

SALT = "appointments.staff_booking"
DAYS_SHOWN = 14


def holder_of(request):
    """The name under which this session of a member of staff keeps a time."""
    digest = salted_hmac(SALT, request.session.session_key, algorithm="sha256")
    return f"staff:{digest.hexdigest()[:32]}"


@dataclass(kw_only=True)
class StaffBooking(Choice):
    """A time for somebody at the telephone or at the desk."""

    check_page = "details/"

    @property
    def query(self):
        about = {
            "office": self.offered.office.slug,
            "service": self.offered.service_id,
            "quantity": self.quantity,
        }
        return about | ({"host": self.host.pk} if self.host else {})

    @cached_property
    def days_path(self):
        return reverse("admin:book")

    @property
    def choose_url(self):
        return self._url("")

    def day_url(self, day):
        return self._url("", day=day)

    @cached_property
    def counts(self):
        """{local date: how many times are free}, as far ahead as can be booked."""
        bounds = slots.window(self.offered.office, timezone.now())
        return self.free_counts(bounds.first_day, bounds.last_day)

    def soonest(self):
        """The next free times, of any host that will do: in UTC and in order."""
        found = self.nearest(timezone.now())
        if not found and self.counts:
            found = list(self.free_starts(min(self.counts)))
        return found[:NEAREST]

    def days(self, first):
        """The days from `first` on that have free times, some of them."""
        return [day for day in self.counts if day >= first][:DAYS_SHOWN]
