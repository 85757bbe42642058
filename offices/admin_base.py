"""Pages of the admin whose rows belong to an office.

Members hold no model permissions: what they may see and change follows from the
object permissions that their roles give them on offices (offices.roles).
"""

from django.utils.formats import date_format
from guardian.core import ObjectPermissionChecker

from config.admin import OperationAdmin
from offices.models import Host, Office
from offices.roles import Permission


class Reach:
    """What one person may do at which offices, looked up once a request."""

    def __init__(self, user):
        self.everything = user.is_superuser
        self._permissions = {}
        if not self.everything:
            offices = list(Office.objects.visible_to(user))
            checker = ObjectPermissionChecker(user)
            checker.prefetch_perms(offices)
            self._permissions = {o.pk: set(checker.get_perms(o)) for o in offices}

    def offices(self, permission):
        """Ids of the offices at which the person holds `permission`; not for admins."""
        return {pk for pk, held in self._permissions.items() if permission in held}

    def may(self, permission, office_id=None):
        """Whether at this office; without one, whether anywhere."""
        if self.everything:
            return True
        offices = self.offices(permission)
        return bool(offices) if office_id is None else office_id in offices


def reach_of(request):
    """The reach of who asks. Operations ask again, under their locks."""
    if not hasattr(request, "office_reach"):
        request.office_reach = Reach(request.user)
    return request.office_reach


def local_time(instant, office):
    """An instant on the office's clock, as people write it."""
    return date_format(instant.astimezone(office.zone), "D j M Y, H:i")


class OfficeScopedAdmin(OperationAdmin):
    """Rows of the offices where the person works."""

    # How a look-up gets from a row to its office; "" when the row is one.
    office_path = "office"
    # What writing a row asks for at its office; None: it is for superusers alone.
    permission = None
    # What seeing the page asks for, beyond seeing the office.
    view_permission = Permission.VIEW_APPOINTMENTS

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return self.within(rows, self.office_path, request, self.view_permission)

    def within(self, rows, path, request, permission):
        """Only those whose office lets the person do something."""
        reach = reach_of(request)
        if reach.everything:
            return rows
        look_up = f"{path or 'pk'}__in"
        return rows.filter(**{look_up: reach.offices(permission)})

    def office_id(self, row):
        """The id of the office that a row belongs to."""
        if not self.office_path:
            return row.pk
        *path, last = self.office_path.split("__")
        for name in path:
            row = getattr(row, name)
        return getattr(row, f"{last}_id")

    def has_view_permission(self, request, obj=None):
        office_id = obj and self.office_id(obj)
        return reach_of(request).may(self.view_permission, office_id)

    def may_write(self, request, obj=None):
        reach = reach_of(request)
        if self.permission is None:
            return reach.everything
        return reach.may(self.permission, obj and self.office_id(obj))

    def has_add_permission(self, request):
        return self.may_write(request)

    def has_change_permission(self, request, obj=None):
        return self.may_write(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self.may_write(request, obj)

    def get_field_queryset(self, db, db_field, request):
        """Offer for writing what belongs to offices where the person may write."""
        model = db_field.remote_field.model
        rows = super().get_field_queryset(db, db_field, request)
        path = getattr(self.admin_site.get_model_admin(model), "office_path", None)
        if path is None or self.permission is None:
            return rows
        return self.within(rows, path, request, self.permission)

    def label(self, row):
        """Hosts of several offices may be named alike."""
        return f"{row.office}: {row}" if isinstance(row, Host) else str(row)
