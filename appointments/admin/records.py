"""What has been written down once: the log of exports, and the waits of each night."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from appointments.models import Export, NextFreeDay
from config.admin import ReadOnly
from offices.admin_base import OfficeScopedAdmin
from offices.roles import Permission
from offices.times import office_when


@admin.register(Export)
class ExportAdmin(ReadOnly, OfficeScopedAdmin):
    """Who may export sees what others have."""

    view_permission = Permission.EXPORT_DATA
    list_display = [
        "happened",
        "user",
        "content",
        "file_format",
        "office",
        "first",
        "last",
        "host",
        "service",
        "rows",
    ]
    list_filter = ["office", "content"]
    list_select_related = ["office", "user", "host", "service"]
    fields = list_display

    @admin.display(description=_("when"), ordering="created_at")
    def happened(self, export):
        return office_when(export.created_at, export.office)


@admin.register(NextFreeDay)
class NextFreeDayAdmin(ReadOnly, OfficeScopedAdmin):
    view_permission = Permission.VIEW_STATISTICS
    list_display = ["day", "office", "service", "days"]
    list_filter = ["office"]
    list_select_related = ["office", "service"]
    date_hierarchy = "day"
