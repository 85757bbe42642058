"""When hosts see people: the weekly hours, and the days that differ."""

from itertools import groupby

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from availability import operations
from availability.admin.asking import ask_first
from availability.models import AvailabilityException, AvailabilityRule, Weekday
from config.admin import OperationForm
from offices.admin_base import DayFilter, HostFilter, OfficeScopedAdmin
from offices.roles import Permission
from offices.times import clock_time, day_name


class HoursAdmin(OfficeScopedAdmin):
    """Rows that one operation writes, host by host."""

    office_path = "host__office"
    permission = Permission.MANAGE_HOURS

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("host__office")

    def get_readonly_fields(self, request, obj=None):
        return ["host"] if obj else []

    @admin.display(description=_("office"), ordering="host__office")
    def office(self, row):
        return row.host.office

    @admin.display(description=_("hours"), ordering="start_time")
    def hours(self, row):
        return f"{clock_time(row.start_time)}–{clock_time(row.end_time)}"

    def save_model(self, request, obj, form, change):
        ask_first(request, obj.host.office, save=[obj])
        operations.set_hours(obj.host, save=[obj], by=request.user)

    def delete_rows(self, request, rows):
        rows = sorted(rows, key=lambda row: (row.host.office_id, row.host_id))
        for _office_id, of_office in groupby(rows, key=lambda row: row.host.office_id):
            gone = list(of_office)
            ask_first(request, gone[0].host.office, delete=gone)
        for _host_id, of_host in groupby(rows, key=lambda row: row.host_id):
            gone = list(of_host)
            operations.set_hours(gone[0].host, delete=gone, by=request.user)


class RuleForm(OperationForm):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"),
        choices=Weekday,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


@admin.register(AvailabilityRule)
class AvailabilityRuleAdmin(HoursAdmin):
    form = RuleForm
    list_display = ["days", "hours", "host", "office", "valid_from", "valid_until"]
    list_filter = ["host__office", ("host", HostFilter)]
    search_fields = ["host__name", "host__office__name"]
    fieldsets = [
        (None, {"fields": ["host", ("start_time", "end_time")]}),
        (_("Every week"), {"fields": ["weekdays", ("valid_from", "valid_until")]}),
        (_("Or once"), {"fields": ["day"]}),
    ]

    @admin.display(description=_("days"), ordering="day")
    def days(self, rule):
        if rule.day:
            return day_name(rule.day, rule.host.office.today())
        return ", ".join(str(Weekday(day).label) for day in rule.weekdays)


@admin.register(AvailabilityException)
class AvailabilityExceptionAdmin(HoursAdmin):
    list_display = ["on", "hours", "kind", "host", "office", "reason"]
    list_filter = [DayFilter, "host__office", ("host", HostFilter), "kind"]
    search_fields = ["reason", "host__name", "host__office__name"]
    ordering = ["day", "start_time", "pk"]
    fields = ["host", "kind", "day", ("start_time", "end_time"), "reason"]

    @admin.display(description=_("day"), ordering="day")
    def on(self, exception):
        return day_name(exception.day, exception.host.office.today())
