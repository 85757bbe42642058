from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from offices.models.office import Office
from offices.querysets import ApiKeyQuerySet
from offices.roles import Permission


class ApiKey(models.Model):
    """What a program shows instead of a password, and what it may do where.

    Behind it is a user of its own, with these permissions on these offices, so
    whatever asks who may do what needs to know nothing of keys. The secret itself
    is shown once, when offices.api_keys makes the key, and kept as a hash.
    """

    name = models.CharField(
        _("name"), max_length=100, help_text=_("Which program uses it, and for what.")
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="api_key",
        verbose_name=_("user"),
    )
    prefix = models.CharField(
        _("begins with"), max_length=16, unique=True, help_text=_("Not secret.")
    )
    digest = models.CharField(_("hash"), max_length=64, unique=True)
    offices = models.ManyToManyField(
        Office, related_name="api_keys", verbose_name=_("offices")
    )
    permissions = ArrayField(
        models.CharField(max_length=32, choices=Permission),
        verbose_name=_("permissions"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("made by"),
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(
        _("expires"), null=True, blank=True, help_text=_("Empty: never.")
    )
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self):
        return f"{self.name} ({self.prefix}…)"
