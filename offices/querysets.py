from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from offices.roles import Permission, Role

# The keys of the offices at which a person holds a permission, by a role there, or as a
# program by itself. It finds what guardian's get_objects_for_user finds, whose query
# takes longer to put together than to run, and every page of staff asks.
GRANTED = """
    SELECT granted.object_pk::bigint FROM (
        SELECT permission_id, object_pk FROM guardian_userobjectpermission
        WHERE user_id = %s
        UNION ALL
        SELECT permission_id, object_pk FROM guardian_groupobjectpermission
        JOIN accounts_user_groups USING (group_id) WHERE user_id = %s
    ) AS granted
    JOIN auth_permission ON auth_permission.id = granted.permission_id
    JOIN django_content_type AS kind ON kind.id = auth_permission.content_type_id
    WHERE kind.app_label = 'offices' AND kind.model = 'office' AND codename = %s
"""


def offices_of(user, permission):
    """The offices at which `user` holds `permission`; of an admin, all."""
    offices = apps.get_model("offices", "Office").objects
    if not user.is_authenticated:
        return offices.none()
    if user.is_superuser:
        return offices.all()
    granted = RawSQL(GRANTED, [user.pk, user.pk, str(permission)])  # noqa: S611 (a constant)  # nosec B611
    return offices.filter(pk__in=granted)


def is_user(user, lookup):
    """A condition that rows are `user`'s own; of somebody not signed in, none are.

    Comparing with the key of an anonymous user, None, would find all guests' rows.
    """
    return Q(**{lookup: user.pk}) if user.is_authenticated else Q(pk__in=[])


def _findable(path=""):
    """A condition on offices, at the end of `path`, that citizens can find."""
    return Q(**{f"{path}is_public": True}) & ~Q(**{f"{path}status": "closed"})


class OfficeQuerySet(QuerySet):
    def visible_to(self, user):
        """For staff: the offices they work at."""
        return self.filter(pk__in=offices_of(user, Permission.VIEW_APPOINTMENTS))

    def known_to(self, user):
        """What everybody can find, and for staff the offices they work at."""
        mine = offices_of(user, Permission.VIEW_APPOINTMENTS)
        return self.filter(_findable() | Q(pk__in=mine))

    def listed(self):
        """Those that citizens can find: not hidden and not closed for good."""
        return self.filter(_findable())

    def bookable(self):
        """Those that take appointments now."""
        return self.filter(status="open")


class ServiceQuerySet(QuerySet):
    def visible_to(self, user):
        """The catalogue is one for all offices: any member may read it."""
        if offices_of(user, Permission.VIEW_APPOINTMENTS).exists():
            return self
        return self.none()

    def listed(self):
        """Those that some office offers to the public."""
        offered = self.model.offices.through.objects.public().filter(
            service=OuterRef("pk")
        )
        return self.filter(Exists(offered), is_public=True)


class OfficeServiceQuerySet(QuerySet):
    def visible_to(self, user):
        return self.filter(office__in=offices_of(user, Permission.VIEW_APPOINTMENTS))

    def listed(self):
        """What citizens can find, also at an office that takes none at present."""
        return self.filter(
            is_public=True, service__is_public=True, office__is_public=True
        ).exclude(office__status="closed")

    def public(self):
        """What citizens may book themselves."""
        return self.listed().filter(office__status="open")

    def with_details(self):
        return self.select_related("office", "service")


class HostQuerySet(QuerySet):
    def visible_to(self, user):
        return self.filter(office__in=offices_of(user, Permission.VIEW_APPOINTMENTS))

    def known_to(self, user):
        """Those that citizens can choose, and for staff all of their offices."""
        mine = offices_of(user, Permission.VIEW_APPOINTMENTS)
        return self.filter(
            _findable("office__") & Q(is_active=True) | Q(office__in=mine)
        )

    def active(self):
        return self.filter(is_active=True)

    def serving(self, service):
        """Active hosts of offices that offer `service` (an id) who can serve it."""
        serving = "SELECT host_id FROM offices_serving WHERE service_id = %s"
        return self.filter(pk__in=RawSQL(serving, [service]))  # noqa: S611 (a constant)  # nosec B611


class MembershipQuerySet(QuerySet):
    def visible_to(self, user):
        """One's own, and those of the offices whose members one manages."""
        managed = offices_of(user, Permission.MANAGE_MEMBERS)
        return self.filter(is_user(user, "user") | Q(office__in=managed))

    def current(self):
        """Not ended."""
        return self.filter(ended_at=None)

    def managing(self):
        return self.filter(role=Role.MANAGER)


class ClosureQuerySet(QuerySet):
    def visible_to(self, user):
        return self.filter(office__in=offices_of(user, Permission.VIEW_APPOINTMENTS))

    def effective(self):
        """Those that do close: an office can choose to open on a holiday."""
        return self.filter(is_overridden=False)

    def overlapping(self, start, end):
        return self.filter(starts_at__lt=end, ends_at__gt=start)

    def of_office(self):
        return self.filter(host=None)

    def holidays(self):
        return self.filter(kind="holiday")


class ApiKeyQuerySet(QuerySet):
    def visible_to(self, user):
        """Those of the offices whose members one manages."""
        if user.is_superuser:
            return self
        managed = offices_of(user, Permission.MANAGE_MEMBERS)
        return self.filter(offices__in=managed).distinct()

    def live(self):
        """Neither revoked nor expired, with their users."""
        expired = Q(expires_at__lte=timezone.now())
        rows = self.filter(~expired, revoked_at=None, user__is_active=True)
        return rows.select_related("user")


class SettingChangeQuerySet(QuerySet):
    def visible_to(self, user):
        """For those who manage the office; what concerns all offices, for admins."""
        if user.is_superuser:
            return self
        return self.filter(office__in=offices_of(user, Permission.MANAGE_OFFICE))

    def of(self, row):
        """Those of one setting."""
        return self.filter(model=row._meta.label_lower, row=row.pk)


class InvitationQuerySet(QuerySet):
    def visible_to(self, user):
        """Those of the offices whose members one manages."""
        return self.filter(office__in=offices_of(user, Permission.MANAGE_MEMBERS))

    def open(self):
        """Neither accepted nor withdrawn; they may have expired."""
        return self.filter(accepted_at=None, withdrawn_at=None)
