"""Who calls about appointments: an account, a program, or a guest.

A guest needs no account: the answer to a booking has a `manage_url`, and the token in
it, sent as `Appointment-Token`, does by API what the link does on the pages.
"""

import uuid
from functools import cached_property

import orjson
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions
from rest_framework.permissions import AllowAny

from appointments import links
from appointments.models import Appointment
from appointments.permissions import is_own
from offices.querysets import offices_of
from offices.roles import Permission

HEADER = "Appointment-Token"

TOKEN = OpenApiParameter(
    HEADER,
    {"type": "string"},
    OpenApiParameter.HEADER,
    description="Of a guest: the token in `manage_url`, instead of a sign-in.",
)


class AppointmentTokenNotValid(exceptions.AuthenticationFailed):
    default_code = "appointment_token_not_valid"
    default_detail = _(
        "This Appointment-Token opens no appointment: it is damaged, or too old."
    )


class Callers:
    """A view of appointments; `for_guests` names what takes no sign-in."""

    for_guests = frozenset()
    guest = None  # who books without an account, once that is known

    def get_permissions(self):
        if self.action in self.for_guests:
            return [AllowAny()]
        return super().get_permissions()

    @cached_property
    def opened(self):
        """The appointment that the caller's token opens; None without a token."""
        token = self.request.headers.get(HEADER)
        if not token or self.action not in self.for_guests:
            return None
        try:
            return links.appointment_for(token)
        except (links.BadLink, links.PurgedLink, links.StaleLink) as error:
            raise AppointmentTokenNotValid from error

    @property
    def by(self):
        """Who acts: a user, or the Citizen who has no account."""
        if self.guest:
            return self.guest
        return self.opened.citizen if self.opened else self.request.user

    def appointments(self):
        """Those that exist for the caller."""
        rows = Appointment.objects.with_details()
        if getattr(self, "swagger_fake_view", False):
            return rows
        if self.opened:
            return rows.filter(pk=self.opened.pk)
        if not self.request.user.is_authenticated:
            raise exceptions.NotAuthenticated
        return rows.visible_to(self.request.user)

    # --- what of an appointment the caller is shown ---

    def is_staff_of(self, office_id):
        return office_id in self._sees

    def may_manage(self, appointment):
        """Whether the caller may have the link that moves and cancels it."""
        own = is_own(self.by, appointment.citizen)
        return own or appointment.office_id in self._books

    @cached_property
    def _sees(self):
        return self._offices(Permission.VIEW_APPOINTMENTS)

    @cached_property
    def _books(self):
        return self._offices(Permission.BOOK_APPOINTMENTS)

    def _offices(self, permission):
        if self.by != self.request.user:
            return set()
        return set(offices_of(self.by, permission).values_list("pk", flat=True))

    # --- the link is not kept under an Idempotency-Key; it is made anew ---

    def seal(self, body):
        told = orjson.loads(body)
        if told.get("manage_url"):
            told["manage_url"] = ""
        return orjson.dumps(told).decode()

    def unseal(self, kept):
        told = orjson.loads(kept)
        if told.get("manage_url") == "":
            appointment = Appointment(pk=uuid.UUID(told["id"]))
            told["manage_url"] = links.url_for(appointment)
        return orjson.dumps(told).decode()
