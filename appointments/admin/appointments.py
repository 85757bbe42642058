"""A window on appointments: it looks at rows and calls operations."""

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from appointments import finding, operations
from appointments.admin import moving
from appointments.admin.events import EventInline
from appointments.models import Appointment
from config.admin import LIST_AND_FORM, ReadOnly
from offices.admin_base import DayFilter, HostFilter, OfficeScopedAdmin, reach_of
from offices.roles import Permission
from offices.times import office_time, office_when

NOTHING = "–"


def two_lines(first, second):
    """Two facts in one column of a list, so that it fits a screen."""
    return format_html('{}<span class="second-line">{}</span>', first, second)


class LostHoursFilter(admin.SimpleListFilter):
    title = _("hours")
    parameter_name = "hours"

    def lookups(self, request, model_admin):
        return [("lost", _("Lost its hours"))]

    def queryset(self, request, queryset):
        return queryset.unsupported() if self.value() == "lost" else queryset


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=_("The citizen reads it."),
    )


@admin.register(Appointment)
class AppointmentAdmin(ReadOnly, OfficeScopedAdmin):
    list_display = ["when", "citizen", "what", "status", "office"]
    list_filter = [
        DayFilter,
        "status",
        LostHoursFilter,
        "office",
        ("host", HostFilter),
        "channel",
    ]
    date_hierarchy = "day"
    search_fields = ["reference"]  # shows the box; get_search_results says how
    search_help_text = _("Reference, or the citizen’s name, e-mail address or phone.")
    ordering = ["starts_at", "pk"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("reference", "status"),
                    ("time", "ends"),
                    ("office", "host", "supported"),
                    ("service", "quantity"),
                    "purpose",
                    "note",
                ]
            },
        ),
        (
            _("Citizen"),
            {
                "fields": [
                    "citizen",
                    ("email", "phone"),
                    ("access_needs", "language"),
                ]
            },
        ),
        (_("Booked"), {"fields": [("channel", "booked")]}),
    ]
    inlines = [EventInline]
    actions = [
        "approve",
        "deny",
        "check_in",
        "start",
        "complete",
        "mark_no_show",
        "undo",
        "cancel",
    ]

    class Media:
        css = {"all": ["css/staff/appointments.css"]}

    def get_queryset(self, request):
        return super().get_queryset(request).with_details()

    def get_search_results(self, request, queryset, search_term):
        """As the search box finds them, whole references too."""
        if not search_term.strip():
            return queryset, False
        exact = finding.by_reference(queryset, search_term)
        if exact:
            return queryset.filter(pk=exact.pk), False
        return finding.matching(queryset, search_term), False

    def get_urls(self):
        return [*moving.urls(), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        context = {"may_book": self.has_book_permission(request)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["buttons"] = moving.buttons(request, obj) if obj else []
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    # --- what it shows ---

    @admin.display(description=_("when"), ordering="starts_at")
    def when(self, appointment):
        return two_lines(self.time(appointment), appointment.reference)

    @admin.display(description=_("what, with whom"), ordering="service__name")
    def what(self, appointment):
        return two_lines(appointment.service, appointment.host)

    @admin.display(description=_("time"), ordering="starts_at")
    def time(self, appointment):
        return office_when(appointment.starts_at, appointment.office)

    @admin.display(description=_("until"))
    def ends(self, appointment):
        return office_time(appointment.ends_at, appointment.office)

    @admin.display(description=_("booked"))
    def booked(self, appointment):
        return office_when(appointment.created_at, appointment.office)

    @admin.display(description=_("e-mail address"))
    def email(self, appointment):
        return appointment.citizen.email or NOTHING

    @admin.display(description=_("phone"))
    def phone(self, appointment):
        return appointment.citizen.phone or NOTHING

    @admin.display(description=_("within the host’s hours"), boolean=True)
    def supported(self, appointment):
        same = Appointment.objects.filter(pk=appointment.pk)
        return not same.unsupported().exists()

    # --- what it offers to do; the operations ask again, office by office ---

    def has_decide_permission(self, request):
        return reach_of(request).may(Permission.DECIDE_REQUESTS)

    def has_desk_permission(self, request):
        return reach_of(request).may(Permission.RUN_DESK)

    def has_book_permission(self, request):
        return reach_of(request).may(Permission.BOOK_APPOINTMENTS)

    @admin.action(
        permissions=["decide"], description=_("Approve"), location=LIST_AND_FORM
    )
    def approve(self, request, queryset):
        self.perform(operations.approve, request, queryset, done=_("Approved."))

    @admin.action(
        permissions=["decide"], description=_("Deny …"), location=LIST_AND_FORM
    )
    def deny(self, request, queryset):
        return self.ask_reason(
            operations.deny,
            request,
            queryset,
            title=_("Deny requests"),
            done=_("Denied."),
        )

    @admin.action(
        permissions=["desk"], description=_("Check in"), location=LIST_AND_FORM
    )
    def check_in(self, request, queryset):
        self.perform(operations.check_in, request, queryset, done=_("Checked in."))

    @admin.action(permissions=["desk"], description=_("Start"), location=LIST_AND_FORM)
    def start(self, request, queryset):
        self.perform(operations.start, request, queryset, done=_("Started."))

    @admin.action(
        permissions=["desk"], description=_("Complete"), location=LIST_AND_FORM
    )
    def complete(self, request, queryset):
        self.perform(operations.complete, request, queryset, done=_("Completed."))

    @admin.action(
        permissions=["desk"], description=_("Did not come"), location=LIST_AND_FORM
    )
    def mark_no_show(self, request, queryset):
        self.perform(
            operations.mark_no_show,
            request,
            queryset,
            done=_("Marked as not having come."),
        )

    @admin.action(
        permissions=["desk"],
        description=_("Take back check-in or no-show"),
        location=LIST_AND_FORM,
    )
    def undo(self, request, queryset):
        self.perform(operations.undo, request, queryset, done=_("Taken back."))

    @admin.action(
        permissions=["book"], description=_("Cancel …"), location=LIST_AND_FORM
    )
    def cancel(self, request, queryset):
        return self.ask_reason(
            operations.cancel,
            request,
            queryset,
            title=_("Cancel appointments"),
            done=_("Cancelled."),
        )

    def ask_reason(self, operation, request, queryset, *, title, done):
        """Ask why on a page of its own; then do it."""
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_valid():
            return self.perform(
                operation, request, queryset, done=done, **form.cleaned_data
            )
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "form": form,
            "appointments": queryset,
            "chosen": [
                (name, request.POST[name])
                for name in request.POST
                if name.endswith("action") and name != ACTION_CHECKBOX_NAME
            ],
            "checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/appointments/reason.html", context)
