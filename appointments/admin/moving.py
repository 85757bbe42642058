"""The pages on which staff move one appointment, or write on it.

Each is one operation, asked for by a button on the appointment's own page.
"""

from functools import cached_property

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appointments import operations
from appointments.models import Appointment
from appointments.staff_booking.forms import (
    HostForm,
    WhenForm,
    WhichForm,
    WordsForm,
)
from appointments.staff_booking.rules import BREAKABLE, broken
from appointments.states import MOVABLE, Status
from appointments.views.buttons import clock
from appointments.views.choice import Choice
from appointments.views.choosing import natural_order
from availability.models import HostDay
from availability.queries import serving
from config.views import OperationView
from offices.admin_base import reach_of
from offices.roles import Permission
from offices.times import day_name, office_when


class AppointmentPage(OperationView):
    """A page about an appointment of an office at which the person may do this."""

    permissions = (Permission.BOOK_APPOINTMENTS,)
    statuses = tuple(Status)  # in which it can be done; the operation asks again
    title = ""

    def dispatch(self, request, *args, **kwargs):
        self.appointment = get_object_or_404(self.rows(), pk=kwargs["pk"])
        if not all(map(self.may, self.permissions)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def rows(self):
        """The appointments that the page is about, as their own page has them."""
        return admin.site.get_model_admin(Appointment).get_queryset(self.request)

    def may(self, permission):
        return reach_of(self.request).may(permission, self.appointment.office_id)

    @cached_property
    def offered(self):
        """What it was booked as. Raises NotOffered when that is gone."""
        return operations.offered_of(self.appointment)

    def get_success_url(self):
        return page_of(self.appointment)

    def get_context_data(self, **kwargs):
        return {
            **admin.site.each_context(self.request),
            "title": self.title,
            "appointment": self.appointment,
            "office": self.appointment.office,
            "back_url": self.get_success_url(),
            **super().get_context_data(**kwargs),
        }


class AnotherTime(AppointmentPage):
    """Choose another time for it; `operation` gives it that time."""

    template_name = "admin/appointments/move.html"
    form_class = WhenForm
    operation = None
    button = done = ""

    @cached_property
    def which(self):
        """Which times are asked for, in the address."""
        hosts = sorted(serving(self.offered).values(), key=natural_order)
        form = WhichForm(self.request.GET, hosts=hosts)
        form.full_clean()
        return form

    @cached_property
    def choice(self):
        return Choice(
            offered=self.offered,
            quantity=self.appointment.quantity,
            host=self.which.cleaned_data.get("host"),
        )

    @cached_property
    def starts(self):
        """The free times to choose from: of the day asked for, or the nearest."""
        day, now_at = self.which.cleaned_data.get("day"), self.appointment.starts_at
        if day:
            found = self.choice.free_starts(day)
        else:
            found = self.choice.nearest(max(now_at, timezone.now()))
        return [start for start in found if self.choice.host or start != now_at]

    def label(self, start):
        local = start.astimezone(self.appointment.office.zone)
        if self.which.cleaned_data.get("day"):
            return clock(local)
        day = day_name(local.date(), self.appointment.office.today())
        return _("%(day)s, %(time)s") % {"day": day, "time": clock(local)}

    def get_form_kwargs(self):
        starts = [(start.isoformat(), self.label(start)) for start in self.starts]
        return {
            **super().get_form_kwargs(),
            "office": self.appointment.office,
            "starts": starts,
        }

    def perform(self, form):
        given = form.cleaned_data
        moved = type(self).operation(
            self.appointment,
            given["instant"],
            by=self.request.user,
            host=self.choice.host,
            reason=given["reason"],
            override=given["override"],
        )
        when = office_when(moved.starts_at, moved.office)
        messages.success(self.request, self.done % {"when": when, "host": moved.host})
        return moved

    def refused(self, form, error):
        """Say which rules stand in the way to who may go beyond them."""
        if isinstance(error, BREAKABLE) and self.may(Permission.OVERRIDE_RULES):
            found = broken(
                self.offered,
                form.cleaned_data["instant"],
                **self.choice.about,
            )
            if found:
                form.warn_of(found)
                return self.show(form, 409)
        return super().refused(form, error)

    def get_context_data(self, **kwargs):
        return super().get_context_data(which=self.which, button=self.button, **kwargs)


class Move(AnotherTime):
    title = gettext_lazy("Move appointment")
    statuses = MOVABLE
    operation = operations.postpone
    button = gettext_lazy("Move appointment")
    done = gettext_lazy("Moved: now %(when)s with %(host)s.")


class Reassign(AppointmentPage):
    """Give it to another host, at the same time."""

    template_name = "admin/appointments/reassign.html"
    title = gettext_lazy("Give to another host")
    statuses = (*MOVABLE, Status.CHECKED_IN)
    form_class = HostForm

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "hosts": self.free}

    @cached_property
    def free(self):
        """Who else serves this and is free for all of its time."""
        appointment = self.appointment
        others = serving(self.offered)
        others.pop(appointment.host_id, None)
        days = HostDay.objects.filter(host__in=others, day=appointment.day)
        fits = [
            others[host]
            for host, free in days.values_list("host", "free")
            if free & appointment.quarters == appointment.quarters
        ]
        return sorted(fits, key=natural_order)

    def perform(self, form):
        given = operations.reassign(
            self.appointment, by=self.request.user, **form.cleaned_data
        )
        done = _("Given to %(host)s.") % {"host": given.host}
        messages.success(self.request, done)
        return given

    def get_context_data(self, **kwargs):
        return super().get_context_data(free=self.free, **kwargs)


class Words(AppointmentPage):
    """Write the note, and what the citizen has told us."""

    template_name = "admin/appointments/words.html"
    title = gettext_lazy("Note and purpose")
    permissions = (Permission.RUN_DESK,)
    form_class = WordsForm
    success_message = gettext_lazy("Written.")

    def get_form_kwargs(self):
        writes = ["note"]
        if self.may(Permission.BOOK_APPOINTMENTS):
            writes = ["purpose", "access_needs", "note"]
        return {**super().get_form_kwargs(), "writes": writes}

    def get_initial(self):
        names = WordsForm.base_fields
        return {name: getattr(self.appointment, name) for name in names}

    def perform(self, form):
        return operations.change(
            self.appointment, by=self.request.user, **form.cleaned_data
        )


def page_of(appointment):
    """The address of an appointment's own page in the admin."""
    return reverse("admin:appointments_appointment_change", args=[appointment.pk])


PAGES = [("move", Move), ("reassign", Reassign), ("words", Words)]


def urls():
    """The addresses of these pages, below that of the list of appointments."""
    return [
        path(
            f"<uuid:pk>/{name}/",
            admin.site.admin_view(page.as_view()),
            name=f"appointments_appointment_{name}",
        )
        for name, page in PAGES
    ]


def buttons(request, appointment):
    """What an appointment's own page offers to do on these: [{"url", "label"}]."""
    reach = reach_of(request)
    return [
        {
            "label": page.title,
            "url": reverse(
                f"admin:appointments_appointment_{name}", args=[appointment.pk]
            ),
        }
        for name, page in PAGES
        if appointment.status in page.statuses
        and all(reach.may(each, appointment.office_id) for each in page.permissions)
    ]
