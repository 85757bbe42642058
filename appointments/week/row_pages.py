"""Changes of what is there already: hours, exceptions, closures of this office."""

from typing import NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.week import forms, links
from appointments.week.change_pages import ChangePage
from appointments.week.facts import Facts
from appointments.week.hours import DayHours
from availability.models import AvailabilityException, AvailabilityRule
from availability.opening_hours import spans
from availability.quarters import wall_span
from offices.models import Closure, ClosureKind, Host
from offices.times import clock_span, full_date


class OfRule(ChangePage):
    """A change of hours that a rule offers."""

    @cached_property
    def rule(self):
        return get_object_or_404(self.rules(), pk=self.kwargs["pk"])

    def rules(self):
        seen = AvailabilityRule.objects.visible_to(self.request.user)
        return seen.filter(host__office=self.office).select_related("host__office")

    @property
    def about(self):
        return self.rule

    @property
    def host(self):
        return self.rule.host

    def sentence(self):
        return f"{self.host}: {self.rule}"


class OfSeries(OfRule):
    """A change of weekly hours."""

    def rules(self):
        return super().rules().weekly()

    def where(self, form):
        return form.cleaned_data["since"], self.host


class Series(OfSeries):
    title = _("Change the series")
    form_class = forms.SeriesForm

    def initial(self):
        return {
            "weekdays": self.rule.weekdays,
            "start": self.rule.start_time,
            "end": self.rule.end_time,
            "since": max(self.day, self.office.today()),
            "until": self.rule.valid_until,
        }


class EndSeries(OfSeries):
    title = _("Drop the series")
    form_class = forms.EndSeriesForm
    button = _("Drop the series")

    def initial(self):
        return {"since": max(self.day, self.office.today())}


class Block(NamedTuple):
    """A stretch of a host's hours on a date: the rule that offers it, its quarters."""

    rule: AvailabilityRule
    host: Host
    hours: DayHours
    wall: int

    @property
    def span(self):
        return spans(self.wall)[0]


class OfBlock(OfRule):
    """A change of one stretch, which begins `?from=`, on one day alone."""

    @cached_property
    def about(self):
        """The Block; None when the hours have changed meanwhile."""
        if self.day < self.office.today():
            raise Http404  # what is over stays as it was
        hours = Facts(self.office, [self.host], [self.day]).hours(self.host, self.day)
        begins = self.request.GET.get("from")
        for row, wall in hours.blocks():
            for start, end in spans(wall) if row == self.rule else []:
                if start.strftime("%H:%M") == begins:
                    return Block(self.rule, self.host, hours, wall_span(start, end))
        return None

    def sentence(self):
        day, hours = full_date(self.day), clock_span(*self.about.span)
        return f"{self.host}: {day}, {hours}"

    def get(self, request, *args, **kwargs):
        return self.stale() if self.about is None else super().get(request)

    def post(self, request, *args, **kwargs):
        return self.stale() if self.about is None else super().post(request)

    def stale(self):
        words = gettext("These hours have changed meanwhile. Please look again.")
        messages.error(self.request, words)
        return HttpResponseRedirect(links.week_with(self.office, self.day, self.host))


class ChangeBlock(OfBlock):
    title = _("Change this day only")
    form_class = forms.BlockForm

    def initial(self):
        start, end = self.about.span
        return {"start": start, "end": end}


class DropBlock(OfBlock):
    title = _("Drop this day")
    form_class = forms.DropBlockForm
    button = _("Drop this day")


class OfException(ChangePage):
    """A change of an exception that is not over."""

    @cached_property
    def about(self):
        seen = AvailabilityException.objects.visible_to(self.request.user)
        to_come = seen.filter(host__office=self.office, day__gte=self.office.today())
        return get_object_or_404(
            to_come.select_related("host__office"), pk=self.kwargs["pk"]
        )

    @property
    def host(self):
        return self.about.host

    @property
    def day(self):
        return self.about.day

    def sentence(self):
        return f"{self.host}: {self.about}"


class ChangeException(OfException):
    title = _("Change this day only")
    form_class = forms.ExceptionForm

    def initial(self):
        return {
            "start": self.about.start_time,
            "end": self.about.end_time,
            "reason": self.about.reason,
        }


class DropException(OfException):
    title = _("Take the exception back")
    form_class = forms.DropRowForm
    button = _("Take it back")


class OfClosure(ChangePage):
    """A change of a closure that is not over; `kind` says of which kind."""

    kind = ClosureKind.STAFF

    @cached_property
    def about(self):
        to_come = Closure.objects.visible_to(self.request.user).filter(
            office=self.office, kind=self.kind, ends_at__gt=timezone.now()
        )
        return get_object_or_404(
            to_come.select_related("office", "host"), pk=self.kwargs["pk"]
        )

    def sentence(self):
        whose = self.about.host or self.office
        return f"{whose}: {self.about}"


class ChangeClosure(OfClosure):
    title = _("Change the time off")
    form_class = forms.ClosureForm

    def initial(self):
        return forms.ClosureForm.initial_of(self.about)


class EndClosure(OfClosure):
    title = _("Reopen")
    form_class = forms.EndClosureForm
    button = _("Reopen")


class Holiday(OfClosure):
    """Opens the office on a public holiday, or closes it after all."""

    kind = ClosureKind.HOLIDAY
    form_class = forms.HolidayForm

    @property
    def title(self):
        if self.about.is_overridden:
            return _("Close on this holiday after all")
        return _("Open on this holiday")

    @property
    def button(self):
        return self.title
