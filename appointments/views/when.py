"""Choosing a day and a time: the same pages for a booking and for a move."""

from dataclasses import replace
from datetime import date, datetime, time

import orjson
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from appointments import holder
from appointments.forms import TimeForm
from appointments.queries import elsewhere
from appointments.views import buttons, month
from appointments.views.base import NoSuchDay, limit_posts
from appointments.views.choosing import (
    OTHER_TIME_HELPS,
    BookingPage,
    ChoicePage,
    MovePage,
)
from availability import kept_times, slots
from availability.cards import place_card
from availability.exceptions import SlotPast, SlotTooFar
from availability.queries import open_days
from config.views import OperationView
from offices.times import full_date, office_when


class Days(ChoicePage, TemplateView):
    """A month, each day with how many times are free on it."""

    template_name = "appointments/days.html"

    def get_context_data(self, **kwargs):
        wanted = month.read_month(self.request.GET.get("month", ""), self.bounds)
        shown = wanted or month.first_of(self.bounds.first_day)
        has_free, calendar = self.calendar(shown)
        found = {} if has_free else self.look_further(shown)
        if "next_day" in found and not wanted:
            shown = month.first_of(found["next_day"])
            _has_free, calendar = self.calendar(shown)
        return super().get_context_data(
            form=self.asked,
            month=f"{shown:%Y-%m}",
            calendar=calendar,
            **found,
            **kwargs,
        )

    def look_further(self, empty):
        """What is said of a month without free times."""
        office = self.choice.offered.office
        next_start = self.next_start(empty)
        if next_start is None:
            others = elsewhere(self.choice.offered, quantity=self.choice.quantity)
            return {
                "anyone_url": replace(self.choice, host=None).days_url(),
                "nothing_until": full_date(self.bounds.last_day),
                "elsewhere": [place_card(each) for each in others],
            }
        day = office.local_day(next_start)
        return {
            "empty_month": month.month_name(empty),
            "next_day": day,
            "next_when": office_when(next_start, office),
            "next_url": self.choice.times_url(day),
        }

    def next_start(self, empty):
        """The first free start after a month; or before it, if there is none after."""
        ahead = self.choice.free_counts(self.bounds.first_day, self.bounds.last_day)
        day = min([day for day in ahead if day > empty] or ahead, default=None)
        return day and min(self.choice.free_starts(day), default=None)

    def calendar(self, shown):
        """Whether any time of a month is free, and the month as HTML."""
        last = month.last_of(shown)
        counts = self.choice.free_counts(shown, last)
        hours = open_days(self.choice.offered, shown, last, host=self.choice.host)
        about = {"counts": counts, "open_days": hours, "bounds": self.bounds}
        grid = month.grid(shown, self.choice, **about)
        return bool(counts), render_to_string("components/calendar.html", grid)

    def render_to_response(self, context, **kwargs):
        status = 422 if self.asked.errors else 200
        return super().render_to_response(context, status=status, **kwargs)


@limit_posts("hold")
class Times(ChoicePage, OperationView):
    """The free times of a day, each a button that holds it."""

    template_name = "appointments/times.html"
    form_class = TimeForm
    refused_start = None

    def prepare(self):
        super().prepare()
        self.insist_on_choice()
        self.day = self.read_day(self.kwargs["day"])

    def read_day(self, text):
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise NoSuchDay(
                _("There is no such day. Please choose another.")
            ) from error
        if day < self.bounds.first_day:
            raise SlotPast(_("That day is over, or too soon to book."))
        if day > self.bounds.last_day:
            raise SlotTooFar
        return day

    def perform(self, form):
        return holder.keep(
            self.choice.offered,
            form.cleaned_data["starts_at"],
            holder=self.holder,
            **self.choice.about,
        )

    def get_success_url(self):
        return self.choice.check_url(self.result.starts_at, self.result.pk)

    def refused(self, form, error):
        if isinstance(error, OTHER_TIME_HELPS):
            self.refused_start = form.cleaned_data["starts_at"]
        return super().refused(form, error)

    def get_context_data(self, **kwargs):
        starts = self.choice.free_starts(self.day)
        return super().get_context_data(
            day=full_date(self.day),
            is_full=not starts,
            groups=[
                *self.nearest(is_full=not starts),
                *buttons.by_part_of_day(starts, self.choice.offered.office),
            ],
            days_url=self.choice.days_url(self.day),
            **kwargs,
        )

    def nearest(self, *, is_full):
        """Other times: around one that was refused, or of a day that has none."""
        office = self.choice.offered.office
        if self.refused_start is None and not is_full:
            return []
        noon = datetime.combine(self.day, time(12), office.zone)
        found = self.choice.nearest(self.refused_start or noon)
        return buttons.nearest(found, office)


class BookDays(Days, BookingPage):
    """Which day, for a first time; the month is the same for everybody, and kept."""

    def calendar(self, shown):
        office, last = self.offered.office, month.last_of(shown)
        about = (
            *(get_language(), self.choice.days_path, self.choice.query, shown),
            *(slots.count(self.offered, self.choice.quantity), office.time_zone),
            *(office.today(), self.bounds.first_day, self.bounds.last_day),
            self.bounds.reach(shown, last, office.time_zone),
        )
        work_out = super().calendar
        kept = kept_times.kept(
            office.pk,
            self.offered.service_id,
            (shown, last),
            about=lambda _office: about,
            work_out=lambda: orjson.dumps(work_out(shown)),
        )
        return orjson.loads(kept)


class BookTimes(Times, BookingPage):
    """What time, for a first time."""


class MoveDays(Days, MovePage):
    """Which day instead."""


class MoveTimes(Times, MovePage):
    """What time instead."""
