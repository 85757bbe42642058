from django.db.models import F, QuerySet
from django.utils import timezone

from notifications.states import Status
from offices.querysets import offices_of
from offices.roles import Permission


class OwedQuerySet(QuerySet):
    """Rows that somebody must deliver."""

    def queued(self):
        return self.filter(status=Status.QUEUED)

    def due(self):
        """Those to deliver now, and that nobody is delivering."""
        return self.queued().filter(due_at__lte=timezone.now())

    def claim(self, pk):
        """Lend a due row to one caller for LEASE; give others None."""
        until = timezone.now() + self.model.LEASE
        row = self.due().filter(pk=pk)
        lent = row.update(due_at=until, attempts=F("attempts") + 1)
        return self.get(pk=pk) if lent else None


class MessageQuerySet(OwedQuerySet):
    def visible_to(self, user):
        offices = offices_of(user, Permission.VIEW_APPOINTMENTS)
        return self.filter(appointment__office__in=offices)

    def with_details(self):
        """All that its texts show, in one query: one moment of the appointment."""
        return self.select_related(
            "event",
            "appointment__office",
            "appointment__service",
            "appointment__host",
            "appointment__citizen",
        )


class MessageTemplateQuerySet(QuerySet):
    def visible_to(self, user):
        return self.filter(office__in=offices_of(user, Permission.MANAGE_OFFICE))


class WebhookEndpointQuerySet(QuerySet):
    def visible_to(self, user):
        return self.filter(office__in=offices_of(user, Permission.MANAGE_OFFICE))


class WebhookDeliveryQuerySet(OwedQuerySet):
    def visible_to(self, user):
        offices = offices_of(user, Permission.MANAGE_OFFICE)
        return self.filter(endpoint__office__in=offices)
