from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from offices.fields import TranslationsField
from offices.models.office import Office
from offices.models.people import Host
from offices.querysets import ClosureQuerySet
from offices.times import office_date
from offices.validators import validate_days


class ClosureKind(models.TextChoices):
    STAFF = "staff", _("Closed by staff")
    HOLIDAY = "holiday", _("Public holiday")


class Closure(models.Model):
    """A stretch in which an office, or one of its hosts, sees nobody.

    Public holidays make closures of their own (availability.operations); an
    office that opens on one sets `is_overridden`.
    """

    office = models.ForeignKey(
        Office, models.CASCADE, related_name="closures", verbose_name=_("office")
    )
    host = models.ForeignKey(
        Host,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="closures",
        verbose_name=_("host"),
        help_text=_("Empty: the whole office."),
    )
    kind = models.CharField(
        _("kind"), max_length=16, choices=ClosureKind, default=ClosureKind.STAFF
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    reason_translations = TranslationsField(_("reason in other languages"))
    is_overridden = models.BooleanField(_("open all the same"), default=False)

    objects = ClosureQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        indexes = [
            models.Index(name="closure_office_ends_at", fields=["office", "ends_at"])
        ]
        constraints = [
            models.CheckConstraint(
                name="closure_ends_after_start",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The closure must end after it starts."),
            ),
            models.CheckConstraint(
                name="closure_kind_known", condition=Q(kind__in=ClosureKind.values)
            ),
            models.UniqueConstraint(
                name="closure_holiday_once_per_office",
                fields=["office", "starts_at"],
                condition=Q(kind=ClosureKind.HOLIDAY),
            ),
        ]

    def __str__(self):
        day = office_date(self.starts_at, self.office)
        return f"{self.reason or self.get_kind_display()}, {day}"

    @property
    def language(self):
        """The language of the reason."""
        return self.office.language

    def clean(self):
        validate_days(self, "starts_at", "ends_at")
        if self.host_id and self.host.office_id != self.office_id:
            raise ValidationError(
                {"host": _("This host belongs to another office. Choose one of this.")}
            )
