from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
)
from django.utils import timezone

from appointments.functions import Unsupported
from appointments.states import MOVABLE, OPEN, TAKES_TIME
from offices.models import Closure, OfficeStatus
from offices.querysets import is_user, offices_of
from offices.roles import Permission

GONE = Q(office__status=OfficeStatus.CLOSED) | Q(host__is_active=False)


def _closure():
    """Whether a closure of its office or host is in the way of an appointment."""
    closures = Closure.objects.effective().filter(
        Q(host=None) | Q(host=OuterRef("host")), office=OuterRef("office")
    )
    return Exists(closures.overlapping(OuterRef("starts_at"), OuterRef("busy_until")))


class AppointmentQuerySet(QuerySet):
    def visible_to(self, user):
        """Start every look-up here: what a person may not see does not exist."""
        offices = offices_of(user, Permission.VIEW_APPOINTMENTS)
        return self.filter(is_user(user, "citizen__user") | Q(office__in=offices))

    def taking_time(self):
        """Those that take up time of their host."""
        return self.filter(status__in=TAKES_TIME)

    def open(self):
        """Neither over nor called off."""
        return self.filter(status__in=OPEN, ends_at__gt=timezone.now())

    def overlapping(self, start, end):
        return self.filter(starts_at__lt=end, busy_until__gt=start)

    def unsupported(self):
        """Those to come whose host no longer has hours for all of their time.

        What staff have put outside the hours on purpose is among them once the host,
        the office or a closure that was not there yet is in its way.
        """
        return self.filter(
            Q(outside_hours=False) | GONE | Q(_closure(), despite_closure=False),
            Unsupported(F("host_id"), F("day"), F("quarters")),
            status__in=MOVABLE,
            starts_at__gt=timezone.now(),
        )

    def unpurged(self):
        """Those that still say who came."""
        return self.filter(purged_at=None)

    def with_closed(self):
        """Each with `is_closed`: nobody is there at all, for whichever reason."""
        closed = ExpressionWrapper(GONE | Q(_closure()), output_field=BooleanField())
        return self.annotate(is_closed=closed)

    def with_details(self):
        """All that a page, a mail or the API shows, in one query."""
        return self.select_related("office", "service", "host", "citizen")


class AppointmentEventQuerySet(QuerySet):
    def visible_to(self, user):
        offices = offices_of(user, Permission.VIEW_APPOINTMENTS)
        return self.filter(
            is_user(user, "appointment__citizen__user")
            | Q(appointment__office__in=offices)
        )


class CitizenQuerySet(QuerySet):
    def visible_to(self, user):
        """Oneself, and whoever has an appointment at one's offices."""
        offices = offices_of(user, Permission.VIEW_APPOINTMENTS)
        found = self.filter(is_user(user, "user") | Q(appointments__office__in=offices))
        return found.filter(is_nobody=False).distinct()

    def nobody(self):
        """Whose appointments are those that no longer say whose they were."""
        return self.get_or_create(is_nobody=True)[0]


class CalendarFeedQuerySet(QuerySet):
    def visible_to(self, user):
        """One's own, and those of the offices whose members one manages."""
        mine = offices_of(user, Permission.VIEW_APPOINTMENTS)
        managed = offices_of(user, Permission.MANAGE_MEMBERS)
        return self.filter(
            is_user(user, "user") & Q(office__in=mine) | Q(office__in=managed)
        )


class NextFreeDayQuerySet(QuerySet):
    def visible_to(self, user):
        return self.filter(office__in=offices_of(user, Permission.VIEW_STATISTICS))


class AccessQuerySet(QuerySet):
    def visible_to(self, user):
        """For those who manage the office; what is about none, for admins."""
        if user.is_superuser:
            return self
        return self.filter(office__in=offices_of(user, Permission.MANAGE_OFFICE))


class ExportQuerySet(QuerySet):
    def visible_to(self, user):
        """Who may export sees what others have."""
        return self.filter(office__in=offices_of(user, Permission.EXPORT_DATA))
