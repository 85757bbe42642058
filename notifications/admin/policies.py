"""When and to whom an office writes."""

from django.contrib import admin

from notifications import policies
from notifications.models import MessagePolicy, Notice
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


@admin.register(Notice)
class NoticeAdmin(PolicyAdmin):
    list_display = ["office", "kind", "audience", "channel", "is_sent"]
    list_filter = ["office", "kind", "audience", "channel"]
    list_select_related = ["office"]
