from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from offices.models.office import Office
from offices.querysets import SettingChangeQuerySet


class ChangeKind(models.TextChoices):
    ADDED = "added", _("Added")
    CHANGED = "changed", _("Changed")
    DELETED = "deleted", _("Deleted")
    RENEWED = "renewed", _("Secret changed")


class SettingChange(models.Model):
    """One line of the history of settings: who changed what, from what to what.

    Written by offices.history alone, and only ever added to: a trigger refuses the
    rest. So office and person are kept as numbers that nothing depends on, and a line
    outlives both. `before` and `after` hold the fields that differ, {name: value};
    what they refer to is kept by its name at the time.
    """

    office = models.ForeignKey(
        Office,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,  # settingchange_office_at has it in front
        related_name="+",
        verbose_name=_("office"),
        help_text=_("Empty: it concerns all offices."),
    )
    model = models.CharField(_("kind of setting"), max_length=64)
    row = models.BigIntegerField(_("number"))
    name = models.CharField(_("setting"), max_length=300)
    kind = models.CharField(_("what was done"), max_length=8, choices=ChangeKind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty: the system itself."),
    )
    before = models.JSONField(_("before"), default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("after"), default=dict, encoder=DjangoJSONEncoder)
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = SettingChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("change of a setting")
        verbose_name_plural = _("history of settings")
        default_permissions = ()
        indexes = [
            models.Index(name="settingchange_office_at", fields=["office", "-at"]),
            models.Index(name="settingchange_row", fields=["model", "row", "-at"]),
            models.Index(name="settingchange_at", fields=["at"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="settingchange_kind_known", condition=Q(kind__in=ChangeKind.values)
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.name}"
