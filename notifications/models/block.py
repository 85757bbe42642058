from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.querysets import BlockQuerySet
from notifications.states import Cause, Channel


class Block(models.Model):
    """An address that nothing is sent to any more, until somebody lifts it.

    Whoever would have been written to is on the call list instead.
    """

    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    address = models.CharField(
        _("address"), max_length=254, help_text=_("In lower case; a number as E.164.")
    )
    cause = models.CharField(_("because"), max_length=10, choices=Cause)
    detail = models.TextField(_("what the provider said"), blank=True)
    since = models.DateTimeField(_("since"), auto_now_add=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lifted by"),
    )

    objects = BlockQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-pk"]
        verbose_name = _("blocked address")
        verbose_name_plural = _("blocked addresses")
        constraints = [
            models.CheckConstraint(
                name="block_channel_known", condition=Q(channel__in=Channel.values)
            ),
            models.CheckConstraint(
                name="block_cause_known", condition=Q(cause__in=Cause.values)
            ),
            models.CheckConstraint(name="block_has_address", condition=~Q(address="")),
            models.UniqueConstraint(
                name="block_once",
                fields=["channel", "address"],
                condition=Q(lifted_at=None),
            ),
        ]

    def __str__(self):
        return self.address
