"""A window on what is owed: it looks at rows, and has what failed sent again."""

from django.contrib import admin
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from config.admin import LIST_AND_FORM, ReadOnly
from notifications import operations
from notifications.models import (
    Message,
    MessageTemplate,
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


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnly, OfficeScopedAdmin):
    """To look at; its secret is shown nowhere."""

    view_permission = Permission.MANAGE_OFFICE
    list_display = ["url", "office", "is_active", "created_at"]
    list_filter = ["office", "is_active"]
    list_select_related = ["office"]
    fields = ["office", "url", "events", "is_active", "created_at"]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnly, OfficeScopedAdmin):
    office_path = "endpoint__office"
    view_permission = Permission.MANAGE_OFFICE
    list_display = ["created_at", "endpoint", "event", "status", "response_status"]
    list_filter = ["status", "endpoint__office"]
    list_select_related = ["endpoint", "event__appointment"]
    fields = [
        *("endpoint", "event", "payload", "status", "attempts", "due_at"),
        *("response_status", "last_error", "sent_at", "created_at"),
    ]
