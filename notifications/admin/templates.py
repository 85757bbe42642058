from django.contrib import admin
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from notifications import wording
from notifications.models import MessageTemplate
from notifications.sandbox import VARIABLES
from offices.admin_base import OfficeScopedAdmin
from offices.roles import Permission


@admin.register(MessageTemplate)
class MessageTemplateAdmin(OfficeScopedAdmin):
    """The office's own words; a broken template is refused with line and reason."""

    permission = view_permission = Permission.MANAGE_OFFICE
    list_display = ["office", "kind", "channel", "language", "subject"]
    list_filter = ["office", "kind", "channel", "language"]
    list_select_related = ["office"]
    search_fields = ["office__name", "subject", "body"]
    fieldsets = [
        (None, {"fields": ["office", "kind", "channel", "language"]}),
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
