"""The one table of the frame itself; the apps have the rest."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class IdempotencyKey(models.Model):
    """An answer that was given, to be given again to who repeats the request.

    Written by config.api.idempotency alone, in the transaction of what was done.
    """

    caller = models.CharField(_("caller"), max_length=64)
    key = models.CharField(_("key"), max_length=255)
    fingerprint = models.CharField(_("fingerprint of the request"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"))
    headers = models.JSONField(_("headers"), default=dict)
    body = models.TextField(_("body"))
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [
            models.UniqueConstraint(
                name="idempotencykey_once_per_caller", fields=["caller", "key"]
            )
        ]

    def __str__(self):
        return f"{self.key} ({self.caller}): {self.status}"
