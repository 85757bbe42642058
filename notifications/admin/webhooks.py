"""Webhooks, and what has become of each event on its way to one."""

from django import forms
from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _

from appointments.states import EventKind
from config.admin import LIST_AND_FORM, OperationForm, ReadOnly, VisibleInline
from notifications import webhooks
from notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from offices.admin_base import OfficeScopedAdmin
from offices.roles import Permission


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
