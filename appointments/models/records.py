"""What is written down once and never changed: for the statistics, and for the law."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from appointments.querysets import (
    AccessQuerySet,
    ExportQuerySet,
    NextFreeDayQuerySet,
)
from offices.models import Host, Office, Service
from offices.times import full_date


class NextFreeDay(models.Model):
    """How many days citizens had to wait for a service, seen from one day.

    Written every night by appointments.statistics.waits; the past cannot be asked.
    """

    office = models.ForeignKey(
        Office,
        models.CASCADE,
        related_name="+",
        db_index=False,
        verbose_name=_("office"),
    )
    service = models.ForeignKey(
        Service, models.CASCADE, related_name="+", verbose_name=_("service")
    )
    day = models.DateField(_("day"), help_text=_("On the office’s calendar."))
    days = models.PositiveSmallIntegerField(
        _("days to wait"),
        null=True,
        blank=True,
        help_text=_("Empty: nothing was free as far ahead as the office books."),
    )

    objects = NextFreeDayQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "office", "service"]
        verbose_name = _("wait for a free time")
        verbose_name_plural = _("waits for a free time")
        constraints = [
            models.UniqueConstraint(
                name="nextfreeday_once_a_day", fields=["office", "day", "service"]
            ),
        ]

    def __str__(self):
        return f"{self.service}, {full_date(self.day)}"


class Content(models.TextChoices):
    FIGURES = "figures", _("The figures of this page")
    APPOINTMENTS = "appointments", _("The list of appointments, with names")


class FileFormat(models.TextChoices):
    CSV = "csv", _("CSV")
    XLSX = "xlsx", _("Excel (XLSX)")
    JSON = "json", _("JSON")


class Export(models.Model):
    """Who took what of one office's data, and when. Never changed, never deleted.

    An export of several offices is a row for each. Written by appointments.exports.
    """

    office = models.ForeignKey(
        Office, models.PROTECT, related_name="+", verbose_name=_("office")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    content = models.CharField(_("what"), max_length=16, choices=Content)
    file_format = models.CharField(_("format"), max_length=8, choices=FileFormat)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    host = models.ForeignKey(
        Host,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only of the host"),
    )
    service = models.ForeignKey(
        Service,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only of the service"),
    )
    rows = models.PositiveIntegerField(
        _("appointments"), help_text=_("How many it told of.")
    )
    created_at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        constraints = [
            models.CheckConstraint(
                name="export_content_known", condition=Q(content__in=Content.values)
            ),
            models.CheckConstraint(
                name="export_format_known",
                condition=Q(file_format__in=FileFormat.values),
            ),
            models.CheckConstraint(
                name="export_last_not_before_first",
                condition=Q(last__gte=F("first")),
            ),
        ]

    def __str__(self):
        return f"{self.get_content_display()}: {self.office}"


class AccessKind(models.TextChoices):
    SEEN = "seen", _("Seen")
    EXPORTED = "exported", _("Taken as a file")
    ERASED = "erased", _("Erased")


class Access(models.Model):
    """That somebody was shown, took or erased personal data, once for each day (UTC).

    Written by appointments.access alone, and only ever added to: a trigger refuses the
    rest. So people and office are kept as numbers that nothing depends on. Without
    a citizen it is a list, of `people` people.
    """

    at = models.DateTimeField(_("when"), help_text=_("The first time on that day."))
    day = models.DateField(_("day"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,  # access_once_a_day has it in front
        related_name="+",
        verbose_name=_("who"),
        help_text=_("Empty: the system itself, or who operates it."),
    )
    kind = models.CharField(_("what was done"), max_length=8, choices=AccessKind)
    page = models.CharField(_("where"), max_length=80, blank=True)
    office = models.ForeignKey(
        Office,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,  # access_office_at has it in front
        related_name="+",
        verbose_name=_("office"),
    )
    citizen = models.ForeignKey(
        "appointments.Citizen",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,  # access_citizen_at has it in front
        related_name="+",
        verbose_name=_("citizen"),
    )
    people = models.PositiveIntegerField(
        _("people"), help_text=_("How many the answer told of.")
    )

    objects = AccessQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("access to personal data")
        verbose_name_plural = _("access to personal data")
        default_permissions = ()
        indexes = [
            models.Index(name="access_office_at", fields=["office", "-at"]),
            models.Index(
                name="access_citizen_at",
                fields=["citizen", "-at"],
                condition=Q(citizen__isnull=False),
            ),
            models.Index(name="access_at", fields=["at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="access_once_a_day",
                fields=["by", "day", "kind", "page", "office", "citizen"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="access_kind_known", condition=Q(kind__in=AccessKind.values)
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.page}"
