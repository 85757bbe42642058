"""What can be booked, and what is being kept: to look at, not to write."""

from datetime import timedelta

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from availability import operations, quarters
from availability.models import Hold, HostDay
from config.admin import ReadOnly
from offices.admin_base import DayFilter, HostFilter, OfficeScopedAdmin, reach_of
from offices.roles import Permission
from offices.times import day_name, office_time, office_when


def stretches(found, day, office):
    """A set of quarter-hours in words: "08:00–12:00, 13:00–16:00"."""
    local_day = quarters.local_day(day, office.time_zone)
    words = []
    while found:
        first = next(quarters.numbers(found))
        length = next(quarters.numbers(~(found >> first)))
        found &= ~quarters.span(first, length)
        begins = quarters.start_of(first, local_day)
        ends = begins + timedelta(minutes=15) * length
        words.append(f"{office_time(begins, office)}–{office_time(ends, office)}")
    return ", ".join(words) or "–"


@admin.register(HostDay)
class HostDayAdmin(ReadOnly, OfficeScopedAdmin):
    list_display = ["on", "host", "office", "opens", "takes", "offers"]
    list_filter = [DayFilter, "office", ("host", HostFilter)]
    list_select_related = ["office", "host"]
    date_hierarchy = "day"
    search_fields = ["host__name", "office__name"]
    fields = list_display

    @admin.display(description=_("day"), ordering="day")
    def on(self, host_day):
        return day_name(host_day.day, host_day.office.today())

    @admin.display(description=_("hours"))
    def opens(self, host_day):
        return stretches(host_day.open, host_day.day, host_day.office)

    @admin.display(description=_("taken"))
    def takes(self, host_day):
        return stretches(host_day.claimed, host_day.day, host_day.office)

    @admin.display(description=_("free"))
    def offers(self, host_day):
        return stretches(host_day.free, host_day.day, host_day.office)


@admin.register(Hold)
class HoldAdmin(ReadOnly, OfficeScopedAdmin):
    office_path = "host__office"
    list_display = ["begins", "service", "host", "office", "until"]
    list_filter = ["host__office", ("host", HostFilter)]
    list_select_related = ["host__office", "service"]
    fields = [*list_display, "quantity"]
    actions = ["release"]

    @admin.display(description=_("time"), ordering="starts_at")
    def begins(self, hold):
        return office_when(hold.starts_at, hold.host.office)

    @admin.display(description=_("office"), ordering="host__office")
    def office(self, hold):
        return hold.host.office

    @admin.display(description=_("kept until"), ordering="expires_at")
    def until(self, hold):
        return office_when(hold.expires_at, hold.host.office)

    def has_release_permission(self, request):
        return reach_of(request).may(Permission.BOOK_APPOINTMENTS)

    @admin.action(permissions=["release"], description=_("Release"))
    def release(self, request, queryset):
        self.perform(
            operations.release_as_staff, request, queryset, done=_("Released.")
        )
