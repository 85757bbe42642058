"""Offices, hosts and closures: what is written here changes what can be booked."""

from itertools import groupby
from zoneinfo import available_timezones

import holidays
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from availability import operations
from availability.admin.asking import ask_first
from config.admin import AskFirst
from offices.admin_base import (
    HostFilter,
    HtmlForm,
    OfficeScopedAdmin,
    reach_of,
)
from offices.admin_texts import MissingTranslation, TextsAdmin, TextsForm
from offices.history import recorded
from offices.models import Closure, ClosureKind, Host, Office
from offices.roles import Permission
from offices.times import office_when
from offices.validators import UNSUPPORTED_TIME_ZONES

SERVICES_LATER = _(
    "Which services the host gives has not been changed. Change it once this is done."
)


def named(values):
    return [(value, value) for value in sorted(values)]


class OfficeForm(TextsForm, HtmlForm):
    texts = ["name", "description", "keywords", "accessibility"]

    class Meta:
        widgets = {
            "country": forms.Select(choices=named(holidays.list_supported_countries())),
            "time_zone": forms.Select(
                choices=named(available_timezones() - UNSUPPORTED_TIME_ZONES)
            ),
        }


@admin.register(Office)
class OfficeAdmin(TextsAdmin, OfficeScopedAdmin):
    office_path = ""
    permission = Permission.MANAGE_OFFICE
    form = OfficeForm
    list_display = [
        *("name", "city", "status", "is_public", "approval_required"),
        "not_translated",
    ]
    list_filter = ["status", "is_public", MissingTranslation]
    texts_after = 4
    search_fields = ["name", "keywords", "street", "city"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    *("name", "slug", "language", "status", "is_public"),
                    "description",
                ]
            },
        ),
        (
            _("Address"),
            {"fields": ["street", "postal_code", "city", "latitude", "longitude"]},
        ),
        (_("Contact"), {"fields": ["email", "phone", "website", "accessibility"]}),
        (_("Search"), {"fields": ["keywords"]}),
        (
            _("Clock and public holidays"),
            {"fields": ["time_zone", "country", "subdivision"]},
        ),
        (
            _("Booking"),
            {
                "fields": [
                    "lead_time",
                    "booking_horizon_days",
                    "cancellation_cutoff",
                    "max_open_appointments",
                    "approval_required",
                    "hold_time",
                    "reminder_hours",
                ]
            },
        ),
        (
            _("Desk"),
            {"fields": ["queue_rule", "one_queue", "no_show_after", "day_list_at"]},
        ),
        (_("Privacy"), {"fields": ["retention_days"]}),
    ]

    def get_fieldsets(self, request, obj=None):
        shown = super().get_fieldsets(request, obj)
        if reach_of(request).everything:
            shown = [*shown, (_("Import"), {"fields": ["source", "source_id"]})]
        return shown

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ["name"]}

    def has_add_permission(self, request):
        return reach_of(request).everything

    def has_delete_permission(self, request, obj=None):
        """An office that is no more gets the status that says so."""
        return False

    def save_model(self, request, obj, form, change):
        if change:
            ask_first(request, Office.objects.get(pk=obj.pk), save=[obj])
        operations.save_office(obj, by=request.user)


@admin.register(Host)
class HostAdmin(OfficeScopedAdmin):
    permission = Permission.MANAGE_OFFICE
    list_display = ["name", "office", "user", "serves", "is_active"]
    list_filter = ["office", "is_active"]
    search_fields = ["name", "user__name", "office__name"]
    autocomplete_fields = ["user", "services"]
    fields = ["office", "name", "user", "place", "services", "is_active"]

    def get_queryset(self, request):
        hosts = super().get_queryset(request).select_related("office", "user")
        return hosts.prefetch_related("services")

    @admin.display(description=_("serves"))
    def serves(self, host):
        services = [str(service) for service in host.services.all()]
        return ", ".join(services) or _("All that the office offers")

    def get_readonly_fields(self, request, obj=None):
        return ["office"] if obj else []

    def has_delete_permission(self, request, obj=None):
        """A host that serves no more is made inactive; its history stays."""
        return False

    def save_model(self, request, obj, form, change):
        if change:
            self._ask(request, obj, form)
        operations.save_host(obj, by=request.user)

    def _ask(self, request, host, form):
        """Ask first whom it hurts; what the question does not carry on is said."""
        try:
            ask_first(request, host.office, save=[host])
        except AskFirst:
            if "services" in form.changed_data:
                messages.warning(request, SERVICES_LATER)
            raise

    def save_related(self, request, form, formsets, change):
        """Which services it gives is written after the host itself."""
        with recorded(form.instance, by=request.user):
            super().save_related(request, form, formsets, change)


class ClosureForm(TextsForm):
    """Its times are those of the office's clock, wherever they are typed."""

    texts = ["reason"]
    times = ["starts_at", "ends_at"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in self.times:
                shown = getattr(self.instance, name).astimezone(
                    self.instance.office.zone
                )
                self.initial[name] = shown.replace(
                    tzinfo=timezone.get_current_timezone()
                )

    def clean(self):
        cleaned_data = super().clean()
        office = self.instance.office if self.instance.pk else None
        office = cleaned_data.get("office", office)
        for name in self.times:
            if office and cleaned_data.get(name):
                self._read_on_clock_of(office, name)
        return cleaned_data

    def _read_on_clock_of(self, office, name):
        typed = self.cleaned_data[name].replace(tzinfo=None)
        try:
            with timezone.override(office.zone):
                self.cleaned_data[name] = from_current_timezone(typed)
        except ValidationError as error:  # the hour that clocks skip or show twice
            self.add_error(name, error)


@admin.register(Closure)
class ClosureAdmin(TextsAdmin, OfficeScopedAdmin):
    permission = Permission.MANAGE_HOURS
    form = ClosureForm
    list_display = ["what", "office", "host", "begins", "ends", "is_overridden"]
    list_filter = ["office", ("host", HostFilter), "kind", "is_overridden"]
    list_select_related = ["office", "host"]
    search_fields = ["reason", "office__name"]
    ordering = ["-starts_at"]

    @admin.display(description=_("closure"), ordering="reason")
    def what(self, closure):
        return closure.reason or closure.get_kind_display()

    @admin.display(description=_("from"), ordering="starts_at")
    def begins(self, closure):
        return office_when(closure.starts_at, closure.office)

    @admin.display(description=_("until"), ordering="ends_at")
    def ends(self, closure):
        return office_when(closure.ends_at, closure.office)

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["office", "host", "starts_at", "ends_at", "reason"]
        if obj.kind == ClosureKind.HOLIDAY or not self.may_write(request, obj):
            return ["office", "host", "begins", "ends", "reason", "is_overridden"]
        return ["office", "host", "starts_at", "ends_at", "reason"]

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        if obj.kind == ClosureKind.HOLIDAY:
            return ["office", "host", "begins", "ends", "reason"]
        return ["office", "begins", "ends"]

    def has_delete_permission(self, request, obj=None):
        """A public holiday comes back; an office opens on it by overriding it."""
        if obj is not None and obj.kind == ClosureKind.HOLIDAY:
            return False
        return super().has_delete_permission(request, obj)

    def save_model(self, request, obj, form, change):
        ask_first(request, obj.office, save=[obj])
        operations.save_closure(obj, by=request.user)

    def delete_rows(self, request, rows):
        rows = sorted(rows, key=lambda row: (row.office_id, row.pk))
        for _office_id, of_office in groupby(rows, key=lambda row: row.office_id):
            gone = list(of_office)
            ask_first(request, gone[0].office, delete=gone)
        for closure in rows:
            operations.reopen(closure, by=request.user)
