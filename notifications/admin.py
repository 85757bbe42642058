"""A window on what is owed: it looks at rows, and has what failed sent again."""

from django import forms
from django.contrib import admin, messages
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from appointments.states import EventKind
from config.admin import LIST_AND_FORM, OperationForm, ReadOnly, VisibleInline
from notifications import operations, webhooks, wording
from notifications.models import (
    DayList,
    Message,
    MessageTemplate,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from notifications.sandbox import VARIABLES
from notifications.states import Status
from offices.admin_base import OfficeScopedAdmin, reach_of
from offices.roles import Permission
from offices.times import office_when

NOTHING = "–"


@admin.register(Message)
class MessageAdmin(ReadOnly, OfficeScopedAdmin):
    office_path = "appointment__office"
    list_display = ["owed", "appointment", "kind", "recipient", "status", "attempts"]
    list_filter = ["status", "kind", "channel", "appointment__office"]
    search_fields = ["appointment__reference", "recipient"]
    search_help_text = _("Reference, or the address it goes to.")
    fieldsets = [
        (None, {"fields": ["status", "kind", "appointment", "channel", "recipient"]}),
        (_("What was sent"), {"fields": ["language", "subject", "body"]}),
        (
            _("Delivery"),
            {
                "fields": [
                    *("owed", "sent", "attempts", "next_try"),
                    *("last_error", "provider_id"),
                ]
            },
        ),
    ]
    actions = ["send_again"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_details()

    @admin.display(description=_("owed since"), ordering="pk")
    def owed(self, message):
        return office_when(message.created_at, message.appointment.office)

    @admin.display(description=_("sent"))
    def sent(self, message):
        if message.sent_at is None:
            return NOTHING
        return office_when(message.sent_at, message.appointment.office)

    @admin.display(description=_("next try"))
    def next_try(self, message):
        if message.status != Status.QUEUED:
            return NOTHING
        return office_when(message.due_at, message.appointment.office)

    def has_send_permission(self, request):
        return reach_of(request).may(Permission.BOOK_APPOINTMENTS)

    @admin.action(
        permissions=["send"], description=_("Send again"), location=LIST_AND_FORM
    )
    def send_again(self, request, queryset):
        self.perform(
            operations.send_again,
            request,
            queryset,
            done=_("Goes out within a minute."),
        )


@admin.register(MessageTemplate)
class MessageTemplateAdmin(OfficeScopedAdmin):
    """The office's own words; a broken template is refused with line and reason."""

    permission = view_permission = Permission.MANAGE_OFFICE
    list_display = ["office", "kind", "language", "subject"]
    list_filter = ["office", "kind", "language"]
    list_select_related = ["office"]
    search_fields = ["office__name", "subject", "body"]
    fieldsets = [
        (None, {"fields": ["office", "kind", "language"]}),
        (
            _("Words"),
            {
                "fields": ["subject", "body"],
                "description": format_lazy(
                    _("These names stand for what they say: {names}"),
                    names=", ".join(f"{{{{ {name} }}}}" for name in VARIABLES),
                ),
            },
        ),
    ]

    def save_model(self, request, obj, form, change):
        wording.save(obj, by=request.user)

    def delete_rows(self, request, rows):
        for template in rows:
            wording.delete(template, by=request.user)


class WebhookForm(OperationForm):
    events = forms.MultipleChoiceField(
        label=_("Events"), choices=EventKind, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["office", "url", "events", "is_active"]


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(OfficeScopedAdmin):
    """Its secret is shown once: when it is made, or given a new one."""

    permission = view_permission = Permission.MANAGE_OFFICE
    form = WebhookForm
    list_display = ["url", "office", "is_active", "created_at"]
    list_filter = ["office", "is_active"]
    list_select_related = ["office"]
    actions = ["rotate", "delete_selected"]

    def get_fields(self, request, obj=None):
        given = ["office", "url", "events"]
        since = ["is_active", "switched_off_at", "old_secret_until", "created_at"]
        return [*given, *since] if obj else given

    def get_readonly_fields(self, request, obj=None):
        since = ["switched_off_at", "old_secret_until", "created_at"]
        return ["office", *since] if obj else []

    def save_model(self, request, obj, form, change):
        webhooks.save(obj, by=request.user)
        if not change:
            self.show_secret(request, obj)

    def get_deleted_objects(self, objs, request):
        """Its log goes with it, though nobody deletes lines of that alone."""
        rows, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return rows, counts, set(), protected

    def delete_rows(self, request, rows):
        for endpoint in rows:
            webhooks.delete(endpoint, by=request.user)

    @admin.action(
        permissions=["change"], description=_("New secret"), location=LIST_AND_FORM
    )
    def rotate(self, request, queryset):
        def rotate(endpoint, *, by):
            self.show_secret(request, webhooks.rotate(endpoint, by=by))

        done = _("For 24 hours the old secret signs as well.")
        self.perform(rotate, request, queryset, done=done)

    def show_secret(self, request, endpoint):
        text = _("Copy the secret of {url} now, it is shown this once: {secret}")
        text = text.format(url=endpoint.url, secret=endpoint.secret)
        messages.warning(request, text)


@admin.register(WebhookAttempt)
class WebhookAttemptAdmin(ReadOnly, OfficeScopedAdmin):
    """The log: each request, and what came back."""

    office_path = "delivery__endpoint__office"
    permission = view_permission = Permission.MANAGE_OFFICE
    list_display = ["tried_at", "delivery", "response_status", "error", "took"]
    list_filter = ["response_status", "delivery__endpoint__office"]
    list_select_related = ["delivery__endpoint", "delivery__event__appointment"]
    fields = [
        *("delivery", "tried_at", "took"),
        *("request_headers", "response_status", "response_body", "error"),
    ]

    @admin.display(description=_("took"), ordering="duration")
    def took(self, attempt):
        return f"{attempt.duration.total_seconds():.3f} s"


class WebhookAttemptInline(VisibleInline):
    model = WebhookAttempt
    fields = [
        *("tried_at", "took", "request_headers"),
        *("response_status", "response_body", "error"),
    ]
    readonly_fields = ["took"]
    ordering = ["pk"]
    show_change_link = False

    took = WebhookAttemptAdmin.took


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnly, OfficeScopedAdmin):
    """What each event has become, with every try of it."""

    office_path = "endpoint__office"
    permission = view_permission = Permission.MANAGE_OFFICE
    list_display = ["created_at", "endpoint", "event", "status", "attempts"]
    list_filter = ["status", "endpoint__office"]
    list_select_related = ["endpoint", "event__appointment"]
    fieldsets = [
        (None, {"fields": ["endpoint", "event", "status", "sent_at", "created_at"]}),
        (_("Delivery"), {"fields": ["attempts", "due_at", "last_error"]}),
        (_("Request"), {"fields": ["payload"]}),
    ]
    inlines = [WebhookAttemptInline]
    actions = ["replay"]

    def has_replay_permission(self, request):
        return self.may_write(request)

    @admin.action(
        permissions=["replay"], description=_("Send again"), location=LIST_AND_FORM
    )
    def replay(self, request, queryset):
        done = _("Goes out within a minute.")
        self.perform(webhooks.replay, request, queryset, done=done)


@admin.register(DayList)
class DayListAdmin(ReadOnly, OfficeScopedAdmin):
    """Which lists of the day went to which office; what they said is not kept."""

    list_display = ["day", "office", "recipient", "status", "sent", "attempts"]
    list_filter = ["status", "office"]
    list_select_related = ["office"]
    fields = ["day", "office", "recipient", "status", "sent", "attempts", "last_error"]

    @admin.display(description=_("sent"), ordering="sent_at")
    def sent(self, row):
        return office_when(row.sent_at, row.office) if row.sent_at else NOTHING
