from django.db.models import QuerySet
from django.utils import timezone

from offices.querysets import offices_of
from offices.roles import Permission


class OfHostQuerySet(QuerySet):
    """Rows that belong to a host: hours and exceptions."""

    def visible_to(self, user):
        offices = offices_of(user, Permission.VIEW_APPOINTMENTS)
        return self.filter(host__office__in=offices)


class AvailabilityRuleQuerySet(OfHostQuerySet):
    def weekly(self):
        return self.filter(day=None)

    def in_force(self, first, last):
        """Those that can offer a time between two local dates, both included."""
        return self.exclude(valid_from__gt=last).exclude(valid_until__lt=first)


class HostDayQuerySet(QuerySet):
    def visible_to(self, user):
        return self.filter(office__in=offices_of(user, Permission.VIEW_APPOINTMENTS))


class HoldQuerySet(QuerySet):
    def visible_to(self, user):
        offices = offices_of(user, Permission.VIEW_APPOINTMENTS)
        return self.filter(host__office__in=offices)

    def live(self):
        return self.filter(expires_at__gt=timezone.now())

    def expired(self):
        return self.filter(expires_at__lte=timezone.now())
