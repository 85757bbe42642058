from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models import Appointment, AppointmentEvent
from notifications.models.owed import Owed
from notifications.querysets import MessageQuerySet
from notifications.states import (
    OF_EVENTS,
    Audience,
    Channel,
    Kind,
    Receipt,
    Status,
    Why,
)

# What did not get to whom it is for, however hard we tried.
LOST = (
    Q(status=Status.FAILED)
    | Q(dropped_because=Why.BLOCKED)
    | Q(receipt=Receipt.BOUNCED)
)


class Message(Owed):
    """What somebody must be told of an appointment, because of an event of it.

    Change it only through notifications.operations. Its text is written when it
    is sent, from the appointment as it then is; `subject` and `body` keep what
    was sent, without the token that opens the appointment.
    """

    # Trying on is worth nobody's while after this.
    GIVE_UP_AFTER = timedelta(hours=24)

    appointment = models.ForeignKey(
        Appointment,
        models.CASCADE,
        related_name="messages",
        verbose_name=_("appointment"),
    )
    event = models.ForeignKey(
        AppointmentEvent,
        models.CASCADE,
        related_name="messages",
        db_index=False,  # message_owed_once has it in front
        verbose_name=_("because of"),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    audience = models.CharField(
        _("who"), max_length=8, choices=Audience, default=Audience.CITIZEN
    )
    recipient = models.CharField(_("to"), max_length=254)
    language = models.CharField(_("language"), max_length=12)
    planned_for = models.DateTimeField(
        _("planned for"),
        default=timezone.now,
        help_text=_("When it was first to be sent; never moves."),
    )
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    body = models.TextField(_("text"), blank=True)
    provider_id = models.CharField(_("id at the provider"), max_length=255, blank=True)
    segments = models.PositiveSmallIntegerField(
        _("parts"), null=True, blank=True, help_text=_("Of a text message.")
    )
    dropped_because = models.CharField(
        _("dropped because"), max_length=8, choices=Why, blank=True
    )
    receipt = models.CharField(_("receipt"), max_length=10, choices=Receipt, blank=True)
    receipt_at = models.DateTimeField(_("receipt of"), null=True, blank=True)
    receipt_detail = models.TextField(_("what the provider said"), blank=True)
    called_at = models.DateTimeField(
        _("told by telephone"),
        null=True,
        blank=True,
        help_text=_("When somebody of the office said it, since it did not arrive."),
    )
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # nobody looks for it
        verbose_name=_("told by"),
    )

    objects = MessageQuerySet.as_manager()

    class Meta(Owed.Meta):
        abstract = False
        ordering = ["-pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            *Owed.Meta.indexes,
            models.Index(
                name="message_provider_id",
                fields=["provider_id"],
                condition=~Q(provider_id=""),
            ),
            models.Index(name="message_lost", fields=["appointment"], condition=LOST),
        ]
        constraints = [
            *Owed.Meta.constraints,
            models.CheckConstraint(
                name="message_kind_known", condition=Q(kind__in=Kind.values)
            ),
            models.CheckConstraint(
                name="message_channel_known", condition=Q(channel__in=Channel.values)
            ),
            models.CheckConstraint(
                name="message_audience_known",
                condition=Q(audience__in=Audience.values),
            ),
            models.CheckConstraint(
                name="message_dropped_says_why",
                condition=Q(status=Status.DROPPED, dropped_because__in=Why.values)
                | (~Q(status=Status.DROPPED) & Q(dropped_because="")),
            ),
            models.CheckConstraint(
                name="message_receipt_has_its_time",
                condition=Q(receipt__in=Receipt.values, receipt_at__isnull=False)
                | Q(receipt="", receipt_at=None),
            ),
            models.CheckConstraint(
                name="message_has_a_recipient", condition=~Q(recipient="")
            ),
            models.UniqueConstraint(
                name="message_owed_once",
                fields=[
                    *("event", "kind", "channel"),
                    *("audience", "recipient", "planned_for"),
                ],
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.recipient}"

    @property
    def is_given_up(self):
        """Whether it was tried, in vain, for as long as that is worth while.

        To have been claimed is no try: whoever claimed it may have been killed then.
        """
        was_tried = self.attempts > 1 and self.last_error != ""
        return was_tried and self.planned_for + self.GIVE_UP_AFTER < timezone.now()

    @property
    def still_holds(self):
        """Whether nothing has happened since that says otherwise."""
        later = self.appointment.events.filter(pk__gt=self.event_id)
        if self.audience == Audience.FORMER:  # until he has it again
            return not later.filter(host__user__email=self.recipient).exists()
        newer = {*OF_EVENTS}
        if self.audience == Audience.HOST:  # who may be another by then
            newer.add(Kind.REASSIGNED)
        return not later.filter(kind__in=newer).exists()
