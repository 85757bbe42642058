"""The calendar as it is looked at: a week of one host, or of the whole office."""

from datetime import date, timedelta

from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from appointments.models import Appointment
from appointments.week import links, weeks
from appointments.week.facts import Facts, appointments_of, counts
from appointments.week.host_week import heads, host_week
from appointments.week.overview import lines
from availability.generation import horizon
from offices.models import Host
from offices.roles import Permission
from offices.staff import OfficePage
from offices.times import full_date

REACH = timedelta(days=3660)  # how far from today the calendar can be turned


class WeekPage(OfficePage):
    """A page about the hours of the office's hosts; `?host=` and `?day=` choose."""

    title = _("Calendar")

    @cached_property
    def hosts(self):
        """The hosts that serve now, by name."""
        seen = Host.objects.visible_to(self.request.user)
        active = seen.filter(office=self.office, is_active=True)
        return list(active.order_by("name", "pk"))

    @cached_property
    def host(self):
        """The host that is asked for, of this office; None for all."""
        asked = self.request.GET.get("host")
        if not asked:
            return None
        by_key = {str(host.pk): host for host in self.hosts}
        if asked in by_key:
            return by_key[asked]
        seen = Host.objects.visible_to(self.request.user)
        if not asked.isdecimal():
            raise Http404
        found = seen.filter(office=self.office, pk=asked).first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def day(self):
        """The date that is asked for; else today, or the Monday of another week."""
        today = self.office.today()
        day = self._asked_day() or self._asked_week(today) or today
        if abs(day - today) > REACH:
            raise Http404
        return day

    def _asked_day(self):
        asked = self.request.GET.get("day")
        try:
            return date.fromisoformat(asked) if asked else None
        except ValueError as error:
            raise Http404 from error

    def _asked_week(self, today):
        asked = self.request.GET.get("week")
        if not asked:
            return None
        monday = weeks.read(asked)
        if monday is None:
            raise Http404
        return today if monday == weeks.monday_of(today) else monday

    @property
    def monday(self):
        return weeks.monday_of(self.day)


class Calendar(WeekPage):
    """Looked at by all who see the office's appointments."""

    permission = Permission.VIEW_APPOINTMENTS

    @property
    def template_name(self):
        return f"admin/calendar/{'host' if self.host else 'office'}.html"

    def get_context_data(self, **kwargs):
        shown = self.host_week() if self.host else self.office_week()
        may_change = self.may(Permission.MANAGE_HOURS)
        return super().get_context_data(
            host=self.host,
            hosts=self.hosts,
            own=self.own(),
            week=weeks.title(self.monday),
            chosen=self.day,
            turns=self.turns(),
            actions=self.actions() if may_change else [],
            booked_until=self.booked_until(),
            **shown,
            **kwargs,
        )

    def own(self):
        """The host that the person is here, if any."""
        user = self.request.user.pk
        return next((host for host in self.hosts if host.user_id == user), None)

    def host_week(self):
        facts = Facts(self.office, [self.host], weeks.days_of(self.monday))
        seen = Appointment.objects.visible_to(self.request.user)
        window, days = host_week(
            facts,
            self.host,
            appointments_of(seen, self.host, facts.days),
            self.day,
            may_change=self.may(Permission.MANAGE_HOURS),
        )
        return {"days": days, "hours": window.hours()}

    def office_week(self):
        facts = Facts(self.office, self.hosts, weeks.days_of(self.monday))
        seen = Appointment.objects.visible_to(self.request.user)
        days = heads(facts, self.day, may_change=self.may(Permission.MANAGE_HOURS))
        return {
            "days": days,
            "lines": [
                (line, list(zip(days, line.cells, strict=True)))
                for line in lines(facts, counts(seen, self.office, facts.days))
            ],
        }

    def turns(self):
        """Where the week before, this one and the next are."""
        return {
            "previous": self._week(self.monday - weeks.WEEK),
            "current": self._week(weeks.monday_of(self.office.today())),
            "next": self._week(self.monday + weeks.WEEK),
        }

    def _week(self, monday):
        return links.week(self.office, monday, host=self.host)

    def actions(self):
        """What can be added from here: [(words, address)]."""
        host = self.host and self.host.pk
        day = max(self.day, self.office.today()).isoformat()
        pages = [
            (_("Add weekly hours"), "calendar_weekly", {"day": day}),
            (_("Add hours once"), "calendar_once", {"day": day}),
            (_("Time off"), "calendar_time_off", {"day": day}),
            (
                _("Copy this week"),
                "calendar_copy",
                {"week": weeks.name_of(self.monday)},
            ),
        ]
        return [
            (words, links.page(self.office, name, host=host, **query))
            for words, name, query in pages
        ]

    def booked_until(self):
        """The last day that citizens can book, where the week goes beyond it."""
        last = horizon(self.office)
        return full_date(last) if last < self.monday + timedelta(days=6) else ""
