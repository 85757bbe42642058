"""What a person has chosen so far, and the pages that lead on from there.

Nothing of it is kept on the server: office and service, or the appointment to move,
stand in the path, the rest in the query. Booking and moving differ here, and in
nothing else until a time is chosen.
"""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from appointments import links
from appointments.models import Appointment
from availability import queries
from offices.models import Host, OfficeService


@dataclass(kw_only=True)
class Choice:
    """A service at an office, how many of it, and with whom (None: with anyone)."""

    offered: OfficeService
    quantity: int = 1
    host: Host | None = None

    @property
    def about(self):
        """What the queries for free times and the hold are told of it."""
        return {"quantity": self.quantity, "host": self.host}

    @property
    def query(self):
        """What the query repeats from page to page; empty for what is usual."""
        several = {"quantity": self.quantity} if self.quantity > 1 else {}
        return several | ({"host": self.host.pk} if self.host else {})

    def free_starts(self, day):
        return queries.free_starts(self.offered, day, **self.about)

    def free_counts(self, first, last):
        return queries.free_counts(self.offered, first, last, **self.about)

    def nearest(self, instant):
        return queries.nearest(self.offered, instant, **self.about)

    def days_url(self, month=None):
        return self._url("", **({"month": f"{month:%Y-%m}"} if month else {}))

    def times_url(self, day):
        return self._url(f"{day}/")

    def check_url(self, starts_at, hold):
        """The page after a time has been held, with the time on the office's clock."""
        at = starts_at.astimezone(self.offered.office.zone)
        return self._url(
            self.check_page, at=at.isoformat(timespec="minutes"), hold=hold
        )

    def _url(self, page, **query):
        """The address of a page below the one where the day is chosen."""
        query = urlencode(query | self.query)
        return f"{self.days_path}{page}?{query}" if query else f"{self.days_path}{page}"


@dataclass(kw_only=True)
class Booking(Choice):
    """A time for somebody whom we do not know yet."""

    day_question = _("Which day suits you?")
    time_question = _("What time suits you?")
    steps = 4
    check_page = "details/"

    @cached_property
    def days_path(self):
        office, service = self.offered.office, self.offered.service
        return reverse("appointments:days", args=[office.slug, service.code])

    @property
    def start_url(self):
        return self.offered.service.get_absolute_url()


@dataclass(kw_only=True)
class Move(Choice):
    """Another time for an appointment; how many it is for stays."""

    appointment: Appointment

    day_question = _("Which day suits you better?")
    time_question = _("What time suits you better?")
    steps = 3
    check_page = "check/"

    @property
    def query(self):
        return {"host": self.host.pk} if self.host else {}

    @cached_property
    def days_path(self):
        return reverse("appointments:move", args=[self._token])

    @property
    def start_url(self):
        return reverse("appointments:manage", args=[self._token])

    @cached_property
    def _token(self):
        return links.token_for(self.appointment)
