"""Booking for somebody: at the telephone, or at the desk.

Choose a service and a time, which is held; say who comes; done. The next free time of
all is one click away, so that nobody waits at the telephone for a page of times.
"""

from functools import cached_property

from django.contrib import admin
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from appointments import finding, holder, operations
from appointments.admin.moving import page_of
from appointments.forms import HeldForm, TimeForm
from appointments.models import Appointment, Citizen
from appointments.staff_booking.forms import OwnTimeForm, PersonForm
from appointments.staff_booking.page import BookingPage
from appointments.staff_booking.rules import BREAKABLE
from appointments.states import Channel
from appointments.views import buttons, words
from config.exceptions import DomainError
from config.views import OperationView
from offices.roles import Permission
from offices.staff import allowed
from offices.times import day_name, full_date, office_when, read_day

COPIED = ("purpose", "access_needs", "note", "language", "override")


class Book(BookingPage):
    """What for, with whom, and when."""

    template_name = "admin/booking/book.html"
    refusal = ""

    def post(self, request, *args, **kwargs):
        if self.choice is None:
            return self.show(422)
        if "next" in request.POST:
            return self.take(next(iter(self.choice.soonest()), None))
        if "service" in request.POST:
            return redirect(self.choice.choose_url)
        if "own_time" in request.POST:
            return self.take(self.read(self.own_time, "own_time"))
        return self.take(self.read(TimeForm(request.POST), "starts_at"))

    def read(self, form, name):
        return form.cleaned_data[name] if form.is_valid() else None

    def take(self, starts_at):
        """Hold it and ask who comes; a time beyond the rules is not held."""
        if starts_at is None:
            self.refusal = self.refusal or _("There is no such free time.")
            return self.show(422)
        try:
            hold = self.keep(starts_at)
        except DomainError as error:
            if isinstance(error, BREAKABLE) and self.broken_by(starts_at):
                return redirect(self.choice.check_url(starts_at, ""))
            self.refusal = str(error)
            return self.show(409)
        return redirect(self.choice.check_url(hold.starts_at, hold.pk))

    @cached_property
    def own_time(self):
        typed = self.request.POST if "own_time" in self.request.POST else None
        return OwnTimeForm(typed, office=self.office)

    def show(self, status):
        return self.render_to_response(self.get_context_data(), status=status)

    def get_context_data(self, **kwargs):
        times = self.times() if self.choice else {}
        return super().get_context_data(
            asked=self.asked,
            choice=self.choice,
            own_time=self.own_time,
            refusal=self.refusal,
            **times,
            **kwargs,
        )

    def times(self):
        """The next free times, the days that have any, and those of one day."""
        today = self.office.today()
        day = read_day(self.request.GET.get("day", ""))
        soonest = self.choice.soonest()
        shown = {
            "soonest": [
                {"value": start.isoformat(), "label": office_when(start, self.office)}
                for start in soonest
            ],
            "day": day,
            "days": [
                {
                    "name": day_name(each, today),
                    "free": self.choice.counts[each],
                    "url": self.choice.day_url(each),
                    "is_shown": each == day,
                }
                for each in self.choice.days(max(day or today, today))
            ],
        }
        if day:
            starts = self.choice.free_starts(day)
            shown |= {
                "day_name": full_date(day),
                "groups": buttons.by_part_of_day(starts, self.office),
            }
        return shown


class Details(BookingPage, OperationView):
    """Who comes; the time is held meanwhile, unless it is beyond the rules."""

    template_name = "admin/booking/details.html"
    form_class = PersonForm

    def dispatch(self, request, *args, **kwargs):
        about = HeldForm(request.GET)
        if not about.is_valid() or self.office is None or self.choice is None:
            return redirect("admin:book")
        self.starts_at = about.cleaned_data["at"]
        self.hold = about.cleaned_data["hold"]
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def held(self):
        return holder.held(self.hold, self.starts_at, holder=self.holder)

    def get(self, request, *args, **kwargs):
        form = self.get_form()
        if self.held is None:
            form.broken = self.broken_by(self.starts_at)
        return self.render_to_response(self.get_context_data(form=form))

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"office": self.office}

    def get_initial(self):
        """The language of the site, and whoever has been here before and is named."""
        initial = {"language": get_language()}
        chosen = self.request.GET.get("person", "")
        if chosen.isdecimal():
            people = Citizen.objects.visible_to(self.request.user)
            person = people.filter(pk=chosen).first()
            names = ("name", "email", "phone", "language")
            initial |= {n: v for n in names if (v := getattr(person, n, ""))}
        return initial

    def post(self, request, *args, **kwargs):
        if "starts_at" in request.POST:
            return self.hold_another()
        return super().post(request, *args, **kwargs)

    def hold_another(self):
        """Keep the time whose button was pressed, and the answers with it."""
        form = PersonForm(initial=self.request.POST.dict(), office=self.office)
        time = TimeForm(self.request.POST)
        refusal, status = "", 200
        if time.is_valid():
            try:
                self.held = self.keep(time.cleaned_data["starts_at"])
            except DomainError as error:
                refusal, status = str(error), 409
            else:
                self.starts_at, self.hold = self.held.starts_at, self.held.pk
        context = self.get_context_data(form=form, refusal=refusal)
        return self.render_to_response(context, status=status)

    def perform(self, form):
        given = form.cleaned_data
        citizen = form.citizen(language=given["language"])
        what = (self.choice.offered.pk, self.starts_at.isoformat(), self.hold)
        who = (citizen.name, citizen.email, citizen.phone)
        return operations.book_once(
            holder.booking_key(self.holder, *what, *who),
            self.choice.offered,
            self.starts_at,
            citizen=citizen,
            by=self.request.user,
            channel=Channel.STAFF,
            hold=self.hold,
            holder=self.holder,
            **{name: given[name] for name in COPIED},
            **self.choice.about,
        )

    def refused(self, form, error):
        if isinstance(error, BREAKABLE):
            found = self.broken_by(self.starts_at, form.cleaned_data["email"])
            if found:
                form.warn_of(found)
                return self.show(form, 409)
        return super().refused(form, error)

    def get_success_url(self):
        address = reverse("admin:booked", args=[self.result.pk])
        return f"{address}?{urlencode({'office': self.office.slug})}"

    def get_context_data(self, **kwargs):
        others = [s for s in self.choice.nearest(self.starts_at) if s != self.starts_at]
        sought = self.request.GET.get("who", "").strip()
        return super().get_context_data(
            choice=self.choice,
            action=self.choice.check_url(self.starts_at, self.hold or ""),
            hidden=[*self.choice.query.items(), *self.held_in_address()],
            when=words.when(self.starts_at, self.office),
            until=self.held and words.clock_at(self.held.expires_at, self.office),
            others=[
                {"value": start.isoformat(), "label": office_when(start, self.office)}
                for start in others
            ],
            sought=sought,
            people=self.people(sought) if sought else [],
            **kwargs,
        )

    def people(self, sought):
        """Who of that name has been at one's offices."""
        page = admin.site.get_model_admin(Appointment)
        return finding.people(page.get_queryset(self.request), sought)

    def held_in_address(self):
        yield "at", self.starts_at.isoformat()
        yield "hold", self.hold or ""


class Booked(BookingPage):
    """What to read out and to hand over, and what was sent to whom."""

    template_name = "admin/booking/booked.html"
    title = gettext_lazy("Booked")

    def get_context_data(self, **kwargs):
        rows = Appointment.objects.visible_to(self.request.user).with_details()
        here = rows.filter(office=self.office)
        appointment = get_object_or_404(here, pk=self.kwargs["pk"])
        return super().get_context_data(
            appointment=appointment,
            visit=words.of_visit(appointment),
            citizen=words.of_citizen(appointment),
            told=appointment.messages.order_by("pk"),
            page_url=page_of(appointment),
            **kwargs,
        )


admin.site.add_page(
    "book",
    gettext_lazy("Book"),
    order=3,
    allowed=allowed(Permission.BOOK_APPOINTMENTS),
    urls=[
        path("book/", Book.as_view(), name="book"),
        path("book/details/", Details.as_view(), name="book_details"),
        path("book/<uuid:pk>/", Booked.as_view(), name="booked"),
    ],
)
