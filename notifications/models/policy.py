from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.querysets import MessagePolicyQuerySet, NoticeQuerySet
from notifications.states import CHOICES, Audience, Channel, Kind
from offices.fields import MinutesField
from offices.models import Office


class MessagePolicy(models.Model):
    """When and how an office writes; without one, what the defaults here say.

    Mail reminders are `Office.reminder_hours`. Times are the office's local ones.
    """

    office = models.OneToOneField(
        Office,
        models.CASCADE,
        related_name="message_policy",
        verbose_name=_("office"),
    )
    sms_reminder_hours = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1)]),
        verbose_name=_("reminders by text message (hours before)"),
        default=list,
        blank=True,
    )
    quiet_from = models.TimeField(_("no text messages from"), default=time(20))
    quiet_until = models.TimeField(
        _("no text messages until"),
        default=time(8),
        help_text=_("The same time twice: text messages go out at any hour."),
    )
    late_after = MinutesField(
        _("runs late after (minutes)"),
        null=True,
        blank=True,
        help_text=_(
            "Who is checked in and waits longer than this past the appointed time is "
            "told, and asked to stay. Empty: nobody is."
        ),
    )

    objects = MessagePolicyQuerySet.as_manager()

    class Meta:
        ordering = ["office"]
        verbose_name = _("message policy")
        verbose_name_plural = _("message policies")

    def __str__(self):
        return str(self.office)


class Notice(models.Model):
    """An office's choice to send one kind of message to somebody, or not to.

    Where it has made none, notifications.policies has the default.
    """

    office = models.ForeignKey(
        Office,
        models.CASCADE,
        related_name="notices",
        db_index=False,  # notice_once_per_office has it in front
        verbose_name=_("office"),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    audience = models.CharField(_("who"), max_length=8, choices=Audience)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    is_sent = models.BooleanField(_("sent"), default=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["office", "kind", "audience", "channel"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(
                name="notice_once_per_office",
                fields=["office", "kind", "audience", "channel"],
                violation_error_message=_("The office has already chosen this."),
            ),
            models.CheckConstraint(
                name="notice_kind_known", condition=Q(kind__in=Kind.values)
            ),
            models.CheckConstraint(
                name="notice_audience_known",
                condition=Q(audience__in=Audience.values),
            ),
            models.CheckConstraint(
                name="notice_channel_known", condition=Q(channel__in=Channel.values)
            ),
        ]

    def __str__(self):
        return (
            f"{self.get_kind_display()}: {self.get_audience_display()}, "
            f"{self.get_channel_display()}"
        )

    def clean(self):
        """Refuse what nobody could be sent."""
        if (self.kind, self.audience, self.channel) not in CHOICES:
            sentence = _("Nobody is told this by this channel.")
            raise ValidationError({"channel": sentence})
