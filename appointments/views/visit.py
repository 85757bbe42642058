"""One appointment's own pages, for whoever holds its signed link."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from appointments import links, operations
from appointments.calendar import calendar_file, filename
from appointments.exceptions import Changed, SameTime, TransitionRefused
from appointments.forms import CancelForm
from appointments.states import MOVABLE, Status
from appointments.views import words
from appointments.views.base import PageByLink
from appointments.views.choosing import MovePage
from appointments.views.details import HeldPage
from appointments.views.qr import qr_code
from availability.cards import map_url
from config.exceptions import DomainError
from config.views import OperationView

# It was to be, and will not.
OFF = {Status.CANCELLED, Status.DENIED}


class Manage(PageByLink, TemplateView):
    """All about it, and what can be done."""

    template_name = "appointments/manage.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            visit=words.of_visit(self.appointment),
            citizen=words.of_citizen(self.appointment),
            is_open=self.is_open(),
            is_off=self.appointment.status in OFF,
            address="\n".join(self.appointment.office.address),
            map_url=map_url(self.appointment.office),
            history=words.history(self.appointment),
            why_not_move=why_not(operations.check_movable, self.appointment),
            why_not_cancel=why_not(operations.check_cancellable, self.appointment),
            qr_code=qr_code(links.url_for(self.appointment)),
            **kwargs,
        )

    def is_open(self):
        """Whether it is still to come, so that something can be done about it."""
        visit = self.appointment
        return visit.status in MOVABLE and visit.ends_at > timezone.now()


class Confirmation(PageByLink, TemplateView):
    """It worked: what to write down, bring and keep."""

    template_name = "appointments/confirmation.html"

    def get(self, request, *args, **kwargs):
        if self.appointment.status not in MOVABLE:
            return redirect("appointments:manage", kwargs["token"])
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            visit=words.of_visit(self.appointment),
            qr_code=qr_code(links.url_for(self.appointment)),
            **kwargs,
        )


class CalendarFile(PageByLink, View):
    """The appointment for the citizen's own calendar."""

    def get(self, request, *args, **kwargs):
        name = filename(self.appointment)
        return HttpResponse(
            calendar_file(self.appointment),
            content_type="text/calendar; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class OwnOperation(PageByLink, OperationView):
    """Something the citizen does to the appointment, and back to it."""

    def get_success_url(self):
        return reverse("appointments:manage", args=[self.kwargs["token"]])


class Cancel(OwnOperation):
    template_name = "appointments/cancel.html"
    form_class = CancelForm
    success_message = _("Your appointment is cancelled.")

    def get(self, request, *args, **kwargs):
        operations.check_cancellable(self.appointment)
        return super().get(request, *args, **kwargs)

    def perform(self, form):
        try:
            return operations.cancel(
                self.appointment, by=self.appointment.citizen, **form.cleaned_data
            )
        except TransitionRefused:
            self.appointment.refresh_from_db()
            if self.appointment.status != Status.CANCELLED:
                raise
            return self.appointment  # by the first of two clicks

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            visit=words.of_visit(self.appointment), **kwargs
        )


class MoveCheck(HeldPage, MovePage, OwnOperation):
    """The old time and the new one, and the move."""

    template_name = "appointments/move_check.html"
    form_class = forms.Form

    def perform(self, form):
        try:
            return operations.reschedule(
                self.appointment,
                self.starts_at,
                by=self.appointment.citizen,
                host=self.choice.host,
                hold=self.hold,
                holder=self.holder,
            )
        except (Changed, SameTime):
            self.appointment.refresh_from_db()
            if self.held or self.appointment.starts_at != self.starts_at:
                raise
            return self.appointment  # moved by the first of two clicks

    @property
    def success_message(self):
        if self.result.status == Status.PENDING:
            return _("Your appointment is moved. The office still has to confirm it.")
        return _("Your appointment is moved.")


def why_not(check, appointment):
    """The sentence for which something cannot be done now; empty if it can."""
    try:
        check(appointment)
    except DomainError as error:
        return str(error)
    return ""
