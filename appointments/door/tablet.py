"""The tablet at the door: people check themselves in, and learn nothing of others."""

import uuid

from django.core import signing
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from appointments import operations
from appointments.door import keys, queries
from appointments.door.forms import NameForm, ReferenceForm
from appointments.exceptions import TransitionRefused
from appointments.models import Appointment
from appointments.states import Status
from appointments.views.base import Page, limit_posts
from config.headers import permissions
from config.languages import prefer
from config.views import OperationView

SALT = "appointments.ticket"
ASK = _("Please ask at the reception.")
TICKET_SHOWN = 120  # seconds; no script need be there to take it off the screen


def address_of(group, request):
    """Each tablet has a limit of its own, though many share a town's address."""
    return request.path


class TabletPage(Page):
    """A page of one office's tablet, for whoever has its secret address."""

    headers = {
        "Cache-Control": "private, no-store",
        "Permissions-Policy": permissions("camera"),
        # Not `no-referrer`: with it browsers send `Origin: null`, which CSRF refuses.
        "Referrer-Policy": "same-origin",
        "X-Robots-Tag": "noindex, nofollow",
    }

    def prepare(self):
        self.office = keys.office_for(self.kwargs["slug"], self.kwargs["key"])
        if self.office is None:
            raise Http404
        prefer(self.request, self.office.language)

    def start(self):
        return reverse("appointments:tablet", args=self.own())

    def own(self, *more):
        return [self.kwargs["slug"], self.kwargs["key"], *more]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            office=self.office, start=self.start(), **kwargs
        )


@limit_posts("tablet", key=address_of)
class Tablet(TabletPage, OperationView):
    """Who are you? By reference; or, with `?by=name`, by name and time."""

    template_name = "appointments/door/tablet.html"

    def by_name(self):
        return self.request.GET.get("by") == "name"

    def get_form_class(self):
        return NameForm if self.by_name() else ReferenceForm

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "office": self.office}

    def perform(self, form):
        found = form.appointment
        if found.status == Status.CHECKED_IN:
            return found
        try:
            return operations.check_in_at_door(found, key=self.office.tablet_key)
        except TransitionRefused:
            found.refresh_from_db()
            if found.status != Status.CHECKED_IN:
                raise
            return found  # by the first of two taps

    def refused(self, form, error):
        """What the tablet cannot mend, a person can."""
        if isinstance(error, TransitionRefused):
            error = f"{error} {ASK}"
        return super().refused(form, error)

    def get_success_url(self):
        signed = signing.TimestampSigner(salt=SALT).sign(self.result.pk.hex)
        return reverse("appointments:ticket", args=self.own(signed))

    def get_context_data(self, **kwargs):
        return super().get_context_data(by_name=self.by_name(), **kwargs)


class Ticket(TabletPage, TemplateView):
    """The number, and how many come before; soon the start again."""

    template_name = "appointments/door/ticket.html"

    def get(self, request, *args, **kwargs):
        self.appointment = self.checked_in()
        if self.appointment is None:
            return HttpResponseRedirect(self.start())
        return super().get(request, *args, **kwargs)

    def checked_in(self):
        """Who has just checked in here; None once that is a while ago."""
        signer = signing.TimestampSigner(salt=SALT)
        try:
            signed = signer.unsign(self.kwargs["signed"], max_age=TICKET_SHOWN)
        except signing.BadSignature:
            return None
        rows = Appointment.objects.filter(
            office=self.office, status=Status.CHECKED_IN, pk=uuid.UUID(hex=signed)
        )
        return rows.with_details().first()

    def get_context_data(self, **kwargs):
        visit = self.appointment
        host = visit.called_to or visit.host
        return super().get_context_data(
            appointment=visit,
            before=queries.waiting_before(visit),
            place=queries.place_of(host) if visit.called_at else "",
            **kwargs,
        )
