from datetime import timedelta

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from appointments.models import Citizen
from notifications.states import Channel, Status
from offices.querysets import offices_of
from offices.roles import Permission

NOTICE_LEASE = timedelta(minutes=5)


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


class BlockQuerySet(QuerySet):
    def visible_to(self, user):
        """Those of people with appointments at one's offices."""
        offices = offices_of(user, Permission.VIEW_APPOINTMENTS)
        citizens = Citizen.objects.filter(appointments__office__in=offices)
        return self.filter(
            Q(channel=Channel.MAIL, address__in=citizens.values("email"))
            | Q(channel=Channel.SMS, address__in=citizens.values("phone"))
        )

    def standing(self):
        """Those that nobody has lifted."""
        return self.filter(lifted_at=None)

    def of(self, channel, address):
        return self.standing().filter(channel=channel, address=address.lower())


class MessagePolicyQuerySet(QuerySet):
    def visible_to(self, user):
        return self.filter(office__in=offices_of(user, Permission.MANAGE_OFFICE))


class NoticeQuerySet(QuerySet):
    def visible_to(self, user):
        return self.filter(office__in=offices_of(user, Permission.MANAGE_OFFICE))


class DayListQuerySet(OwedQuerySet):
    def visible_to(self, user):
        return self.filter(office__in=offices_of(user, Permission.VIEW_APPOINTMENTS))


class MessageTemplateQuerySet(QuerySet):
    def visible_to(self, user):
        return self.filter(office__in=offices_of(user, Permission.MANAGE_OFFICE))

    def broken_at(self, offices):
        """{office id: how many of its words do not work}."""
        broken = self.filter(office__in=offices, broken_since__isnull=False)
        return dict(broken.order_by().values_list("office").annotate(Count("pk")))


class WebhookEndpointQuerySet(QuerySet):
    def visible_to(self, user):
        return self.filter(office__in=offices_of(user, Permission.MANAGE_OFFICE))

    def hearing(self, event):
        """Those that want to be told of an event."""
        office = event.appointment.office_id
        return self.filter(office=office, is_active=True, events__contains=[event.kind])

    def notice_due(self):
        """Those whose managers are still to be told that they are off."""
        return self.filter(notice_due_at__lte=timezone.now())

    def claim_notice(self, pk):
        """Lend the telling of it to one caller; give others None."""
        until = timezone.now() + NOTICE_LEASE
        lent = self.notice_due().filter(pk=pk).update(notice_due_at=until)
        return self.get(pk=pk) if lent else None


class WebhookDeliveryQuerySet(OwedQuerySet):
    def visible_to(self, user):
        offices = offices_of(user, Permission.MANAGE_OFFICE)
        return self.filter(endpoint__office__in=offices)

    def next_due(self):
        """The oldest that is due at each endpoint: one that is down costs one try."""
        oldest = self.due().order_by("endpoint_id", "due_at", "pk")
        return oldest.distinct("endpoint_id")

    def of_age(self, before):
        """Those that nobody waits for any more, and that were wanted before then."""
        return self.exclude(status=Status.QUEUED).filter(wanted_at__lt=before)


class WebhookAttemptQuerySet(QuerySet):
    def visible_to(self, user):
        offices = offices_of(user, Permission.MANAGE_OFFICE)
        return self.filter(delivery__endpoint__office__in=offices)
