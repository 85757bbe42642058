from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from appointments import feeds
from appointments.models import CalendarFeed
from appointments.permissions import can_revoke
from offices.admin_base import OfficeScopedAdmin
from offices.roles import Permission

NOTHING = "–"


@admin.register(CalendarFeed)
class CalendarFeedAdmin(OfficeScopedAdmin):
    """One's own feeds with their addresses; for managers those of all, without."""

    permission = Permission.VIEW_APPOINTMENTS
    list_display = ["whole", "office", "user", "created_at"]
    list_filter = ["office"]
    list_select_related = ["office", "host", "user"]

    @admin.display(description=_("calendar"), ordering="office")
    def whole(self, feed):
        return str(feed)

    def get_fields(self, request, obj=None):
        given = ["office", "host"]
        return [*given, "user", "created_at", "address"] if obj else given

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        obj.is_own = obj.user_id == request.user.pk
        return self.get_fields(request, obj)

    @admin.display(description=_("secret address"))
    def address(self, feed):
        return feeds.webcal_url_for(feed) if feed.is_own else NOTHING

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return obj is None or can_revoke(request.user, obj)

    def save_model(self, request, obj, form, change):
        """Keep what the operation has made: the form's own object stays unsaved."""
        obj.pk = feeds.add(obj.office, host=obj.host, by=request.user).pk

    def delete_rows(self, request, rows):
        for feed in rows:
            feeds.revoke(feed, by=request.user)
