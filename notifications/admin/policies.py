"""When and to whom an office writes."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from config.admin import OperationForm
from notifications import policies
from notifications.models import MessagePolicy, Notice
from notifications.policies import CHOICES
from offices.admin_base import OfficeScopedAdmin
from offices.roles import Permission


class PolicyAdmin(OfficeScopedAdmin):
    """Written through operations, which keep the history of settings."""

    permission = view_permission = Permission.MANAGE_OFFICE

    def get_readonly_fields(self, request, obj=None):
        return ["office"] if obj else []

    def save_model(self, request, obj, form, change):
        policies.save(obj, by=request.user)

    def delete_rows(self, request, rows):
        for row in rows:
            policies.delete(row, by=request.user)


@admin.register(MessagePolicy)
class MessagePolicyAdmin(PolicyAdmin):
    list_display = [
        *("office", "sms_reminder_hours"),
        *("quiet_from", "quiet_until", "late_after"),
    ]
    list_filter = ["office"]
    list_select_related = ["office"]


class NoticeForm(OperationForm):
    def clean(self):
        """Refuse what nobody could be sent, and say what can be."""
        given = super().clean()
        choice = tuple(given.get(name) for name in ("kind", "audience", "channel"))
        if all(choice) and choice not in CHOICES:
            self.add_error("channel", _("Nobody is told this by this channel."))
        return given


@admin.register(Notice)
class NoticeAdmin(PolicyAdmin):
    form = NoticeForm
    list_display = ["office", "kind", "audience", "channel", "is_sent"]
    list_filter = ["office", "kind", "audience", "channel"]
    list_select_related = ["office"]
