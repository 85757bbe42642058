"""A window on what is owed: it looks at rows, and has what failed sent again."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from appointments.admin.appointments import AppointmentAdmin
from config.admin import LIST_AND_FORM, ReadOnly, VisibleInline
from notifications import day_lists, operations, permissions, receipts
from notifications.log_words import outcome
from notifications.models import Block, DayList, Message
from notifications.states import Status
from offices.admin_base import OfficeScopedAdmin, reach_of
from offices.roles import Permission
from offices.times import office_when

NOTHING = "–"
SOON = _("Goes out within a minute.")


class Outcomes:
    """What became of messages, in words. Put it before the admin class."""

    @admin.display(description=_("to"), ordering="recipient")
    def to(self, message):
        return format_html(
            '<span class="recipient">{}</span><span class="second-line">{}, {}</span>',
            message.recipient,
            message.get_audience_display(),
            message.get_channel_display(),
        )

    @admin.display(description=_("what became of it"), ordering="status")
    def outcome(self, message):
        told = outcome(message)
        return format_html(
            '<span class="outcome outcome--{}">{}</span><span class="second-line">'
            "{}</span>",
            told.level,
            told.words,
            told.detail,
        )


@admin.register(Message)
class MessageAdmin(Outcomes, ReadOnly, OfficeScopedAdmin):
    office_path = "appointment__office"
    list_display = ["owed", "about", "to", "outcome"]
    list_filter = [
        *("status", "receipt", "kind", "channel", "audience", "dropped_because"),
        ("planned_for", admin.DateFieldListFilter),
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
                    *("called", "called_by"),
                ]
            },
        ),
    ]
    actions = ["send_again"]

    class Media:
        css = {"all": ["css/staff/messages_log.css"]}

    def get_queryset(self, request):
        messages = super().get_queryset(request).with_details()
        return messages.select_related("called_by")

    @admin.display(description=_("owed since"), ordering="pk")
    def owed(self, message):
        return office_when(message.created_at, message.appointment.office)

    @admin.display(description=_("message"), ordering="kind")
    def about(self, message):
        return format_html(
            '{}<span class="second-line">{}</span>',
            message.get_kind_display(),
            message.appointment.reference,
        )

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

    @admin.display(description=_("told by telephone"))
    def called(self, message):
        if message.called_at is None:
            return NOTHING
        return office_when(message.called_at, message.appointment.office)

    def has_send_permission(self, request):
        return reach_of(request).may(Permission.BOOK_APPOINTMENTS)

    @admin.action(
        permissions=["send"], description=_("Send again"), location=LIST_AND_FORM
    )
    def send_again(self, request, queryset):
        self.perform(operations.send_again, request, queryset, done=SOON)


class MessageInline(Outcomes, VisibleInline):
    """The message log of one appointment, on its page."""

    model = Message
    fields = readonly_fields = ["owed", "what", "to", "outcome", "step"]
    show_change_link = False

    class Media:
        css = {"all": ["css/staff/messages_log.css"]}

    def get_formset(self, request, obj=None, **kwargs):
        self.may_send = reach_of(request).may(
            Permission.BOOK_APPOINTMENTS, obj and obj.office_id
        )
        return super().get_formset(request, obj, **kwargs)

    @admin.display(description=_("owed since"))
    def owed(self, message):
        return office_when(message.created_at, message.appointment.office)

    @admin.display(description=_("message"))
    def what(self, message):
        page = reverse("admin:notifications_message_change", args=[message.pk])
        return format_html('<a href="{}">{}</a>', page, message.get_kind_display())

    @admin.display(description="")
    def step(self, message):
        """The form around it is that of the page; the button sends it elsewhere."""
        if message.status != Status.FAILED or not self.may_send:
            return ""
        return format_html(
            '<button class="button send-again" formaction="{}">{}</button>',
            reverse("admin:message_send_again", args=[message.pk]),
            _now("Send again"),
        )


AppointmentAdmin.inlines.append(MessageInline)


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
    actions = ["send_again"]

    @admin.display(description=_("sent"), ordering="sent_at")
    def sent(self, row):
        return office_when(row.sent_at, row.office) if row.sent_at else NOTHING

    def has_send_permission(self, request):
        return reach_of(request).may(Permission.BOOK_APPOINTMENTS)

    @admin.action(
        permissions=["send"], description=_("Send again"), location=LIST_AND_FORM
    )
    def send_again(self, request, queryset):
        done = _("Goes out within five minutes.")
        self.perform(day_lists.send_again, request, queryset, done=done)
