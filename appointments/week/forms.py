"""What the pages that change hours take in. Each becomes a plan (changes.Plan).

A form knows its office; one that is valid has a `plan()`. Nothing is written here.
"""

from datetime import time

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.week import changes
from appointments.week.facts import Facts
from appointments.week.fields import (
    OVER,
    day_field,
    host_field,
    instant_of,
    reason_field,
    time_field,
    weekdays_field,
)
from appointments.week.hours import wall_of
from availability import quarters
from availability.models import ExceptionKind
from availability.quarters import wall_span
from offices.models import Closure

MIDNIGHT = time()


class OfficeForm(forms.Form):
    """A form about an office, whose `hosts` may be chosen, and one row, if any."""

    required_css_class = "required"

    def __init__(self, *args, office, hosts=None, about=None, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.office, self.about = office, about
        if "host" in self.fields:
            self.fields["host"].queryset = hosts

    def not_over(self, name):
        """The date of a field, unless it is over."""
        day = self.cleaned_data[name]
        if day < self.office.today():
            raise forms.ValidationError(OVER)
        return day


class SpanForm(OfficeForm):
    """From a time until another, on quarters of an hour."""

    start = time_field(_("From"))
    end = time_field(_("Until"), help_text=_("00:00 is the end of the day."))

    def clean(self):
        cleaned_data = super().clean()
        start, end = cleaned_data.get("start"), cleaned_data.get("end")
        if None not in (start, end) and end <= start and end != MIDNIGHT:
            self.add_error(
                "end", _("The hours must end after they start. Choose a later time.")
            )
        return cleaned_data


class SeriesForm(SpanForm):
    """A series from a date on; `about` is the rule that it changes."""

    weekdays = weekdays_field()
    since = day_field(_("From this day on"))
    until = day_field(
        _("Last day"), required=False, help_text=_("Empty: until further notice.")
    )
    field_order = ["host", "weekdays", "start", "end", "since", "until"]

    def clean_since(self):
        return self.not_over("since")

    def clean(self):
        cleaned_data = super().clean()
        since, until = cleaned_data.get("since"), cleaned_data.get("until")
        if since and until and until < since:
            self.add_error(
                "until", _("The last day is before the first. Choose a later one.")
            )
        return cleaned_data

    def plan(self):
        told = dict(self.cleaned_data)
        return changes.change_series(self.about, told.pop("since"), **told)


class WeeklyForm(SeriesForm):
    """Hours of every week for a host."""

    host = host_field()

    def plan(self):
        told = dict(self.cleaned_data)
        return changes.weekly(told.pop("host"), **told)


class OnceForm(SpanForm):
    """Hours on one date for a host."""

    host = host_field()
    day = day_field(_("Day"))
    field_order = ["host", "day", "start", "end"]

    def clean_day(self):
        return self.not_over("day")

    def clean(self):
        cleaned_data = super().clean()
        if not self.errors:
            self._check_day(**cleaned_data)
        return cleaned_data

    def _check_day(self, host, day, start, end):
        """Refuse hours that would offer nothing more."""
        facts = Facts(self.office, [host], [day])
        hours, wanted = facts.hours(host, day), wall_span(start, end)
        local = facts.local[0]
        if not wanted & ~hours.offered:
            self.add_error("start", _("The host has these hours already."))
        for away in hours.of_kind(ExceptionKind.AWAY):
            if wall_of(away) & wanted:
                self.add_error(
                    "start",
                    _("%(away)s. Take it back first, or choose another time.")
                    % {"away": away},
                )
        for closure, taken in facts.closed(host, local):
            if not closure.is_overridden and taken & quarters.elapsed(wanted, local):
                self.add_error(
                    "day",
                    _("Closed then: %(closure)s. Reopen first, or choose another day.")
                    % {"closure": closure},
                )

    def plan(self):
        return changes.once(**self.cleaned_data)


class OfBlock(OfficeForm):
    """About one stretch of a day's hours: `about` is a row_pages.Block.

    Its reason is that of an exception; hours of one date need none.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.about.rule.day:
            del self.fields["reason"]


class BlockForm(OfBlock, SpanForm):
    """The stretch at other times."""

    reason = reason_field(help_text=_("For the office; of the time taken away."))

    def plan(self):
        block, told = self.about, self.cleaned_data
        if block.rule.day:
            return changes.change_once(block.rule, **told)
        return changes.change_block(block.hours, block.host, block.wall, **told)


class DropBlockForm(OfBlock):
    reason = reason_field()

    def plan(self):
        block = self.about
        if block.rule.day:
            return changes.drop_row(block.rule)
        return changes.drop_block(
            block.hours, block.host, block.wall, **self.cleaned_data
        )


class EndSeriesForm(OfficeForm):
    since = day_field(_("No more from this day on"))

    def clean_since(self):
        return self.not_over("since")

    def plan(self):
        return changes.end_series(self.about, self.cleaned_data["since"])


class ExceptionForm(SpanForm):
    """Extra hours or time away on one date; `about` is the exception."""

    reason = reason_field()

    def plan(self):
        return changes.change_exception(self.about, **self.cleaned_data)


class DropRowForm(OfficeForm):
    def plan(self):
        return changes.drop_row(self.about)


class ClosureForm(OfficeForm):
    """A stretch of whole days or from a time until another; `about` is a Closure."""

    first = day_field(_("First day"))
    start = time_field(
        _("From"), required=False, help_text=_("Empty: from the start of the day.")
    )
    last = day_field(_("Last day"), required=False, help_text=_("Empty: the same day."))
    end = time_field(
        _("Until"), required=False, help_text=_("Empty: until the end of the day.")
    )
    reason = reason_field(help_text=_("If the whole office closes, citizens read it."))
    field_order = ["host", "first", "start", "last", "end", "reason"]

    def clean(self):
        cleaned_data = super().clean()
        if self.errors:
            return cleaned_data
        last = cleaned_data["last"] or cleaned_data["first"]
        starts_at = self._instant("start", cleaned_data["first"], MIDNIGHT)
        ends_at = self._instant("end", last, None, last=True)
        if starts_at and ends_at:
            self._check_order(starts_at, ends_at)
        return {**cleaned_data, "starts_at": starts_at, "ends_at": ends_at}

    def _instant(self, name, day, otherwise, **which):
        clock = self.cleaned_data[name]
        try:
            if clock is None:
                clock = otherwise
            return instant_of(day, clock, self.office, **which)
        except forms.ValidationError as error:
            self.add_error(name, error)

    def _check_order(self, starts_at, ends_at):
        name = "last" if self.cleaned_data["last"] else "end"
        if ends_at <= starts_at:
            self.add_error(name, _("This is before the start. Choose a later one."))
        elif ends_at <= timezone.now():
            self.add_error(name, _("This is over already. Choose a later one."))

    def plan(self):
        told = ("starts_at", "ends_at", "reason")
        return changes.time_off(
            self.closure(), **{name: self.cleaned_data[name] for name in told}
        )

    def closure(self):
        return self.about

    @staticmethod
    def initial_of(closure):
        """What the form says of a closure; whole days without times."""
        zone = closure.office.zone
        start, end = (t.astimezone(zone) for t in (closure.starts_at, closure.ends_at))
        ends_at_midnight = end.time() == MIDNIGHT
        return {
            "first": start.date(),
            "start": None if start.time() == MIDNIGHT else start.time(),
            "last": end.date() - changes.DAY if ends_at_midnight else end.date(),
            "end": None if ends_at_midnight else end.time(),
            "reason": closure.reason,
        }


class TimeOffForm(ClosureForm):
    """The same for a host, or for the whole office."""

    host = host_field(required=False, empty_label=_("The whole office"))

    def closure(self):
        return Closure(office=self.office, host=self.cleaned_data["host"])


class EndClosureForm(OfficeForm):
    def plan(self):
        return changes.end_time_off(self.about, timezone.now())


class HolidayForm(OfficeForm):
    def plan(self):
        closed = self.about.is_overridden
        return changes.keep_holiday(self.about, closed=closed)
