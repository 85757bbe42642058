"""A window on what is owed: it looks at rows, and has what failed sent again."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from config.admin import LIST_AND_FORM, ReadOnly
from notifications import operations, permissions, receipts
from notifications.models import Block, DayList, Message
from notifications.states import Status
from offices.admin_base import OfficeScopedAdmin, reach_of
from offices.roles import Permission
from offices.times import office_when

NOTHING = "–"


@admin.register(Message)
class MessageAdmin(ReadOnly, OfficeScopedAdmin):
    office_path = "appointment__office"
    list_display = [
        *("owed", "appointment", "kind", "channel", "recipient"),
        *("status", "receipt", "attempts"),
    ]
    list_filter = [
        *("status", "receipt", "kind", "channel", "audience"),
        "appointment__office",
    ]
    search_fields = ["appointment__reference", "recipient"]
    search_help_text = _("Reference, or the address it goes to.")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    *("status", "dropped_because", "kind", "appointment"),
                    *("channel", "audience", "recipient"),
                ]
            },
        ),
        (_("What was sent"), {"fields": ["language", "subject", "body", "segments"]}),
        (
            _("Delivery"),
            {
                "fields": [
                    *("owed", "planned", "sent", "attempts", "next_try"),
                    *("last_error", "provider_id"),
                    *("receipt", "receipt_at", "receipt_detail"),
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

    @admin.display(description=_("planned for"))
    def planned(self, message):
        return office_when(message.planned_for, message.appointment.office)

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


@admin.register(Block)
class BlockAdmin(ReadOnly, OfficeScopedAdmin):
    """Addresses that nothing is sent to, of people whom the office would write to."""

    office_path = None
    list_display = ["address", "channel", "cause", "since", "lifted_at"]
    list_filter = ["channel", "cause", ("lifted_at", admin.EmptyFieldListFilter)]
    search_fields = ["address"]
    fields = [*list_display, "lifted_by", "detail"]
    actions = ["lift"]

    def has_lift_permission(self, request):
        return reach_of(request).may(permissions.LIFT)

    @admin.action(
        permissions=["lift"], description=_("Send there again"), location=LIST_AND_FORM
    )
    def lift(self, request, queryset):
        done = _("Takes messages again.")
        self.perform(receipts.lift, request, queryset, done=done)


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
