from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from offices.fields import MinutesField, TranslationsField
from offices.functions import Fold
from offices.models.office import Office
from offices.querysets import OfficeServiceQuerySet, ServiceQuerySet

DAY = timedelta(days=1)


class Service(models.Model):
    """What offices offer: "passport renewal", with how long it takes."""

    source = models.CharField(_("source"), max_length=40, blank=True)
    source_id = models.CharField(_("id in the source"), max_length=64, blank=True)
    code = models.SlugField(_("code"), max_length=200, unique=True)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(
        _("description"), blank=True, help_text=_("HTML; what is unsafe is removed.")
    )
    keywords = models.TextField(
        _("search words"), blank=True, help_text=_("Other words people search for.")
    )
    what_to_bring = models.TextField(
        _("what to bring"), blank=True, help_text=_("HTML; what is unsafe is removed.")
    )
    fee = models.TextField(
        _("fee"), blank=True, help_text=_("HTML; what is unsafe is removed.")
    )
    language = models.CharField(
        _("language of the texts"),
        max_length=12,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
        db_default=settings.LANGUAGE_CODE,
        help_text=_("In which they are written; they are translated below."),
    )
    name_translations = TranslationsField(_("name in other languages"))
    description_translations = TranslationsField(
        _("description in other languages"), is_html=True
    )
    keywords_translations = TranslationsField(_("search words in other languages"))
    what_to_bring_translations = TranslationsField(
        _("what to bring in other languages"), is_html=True
    )
    fee_translations = TranslationsField(_("fee in other languages"), is_html=True)
    duration = MinutesField(_("duration (minutes)"), default=timedelta(minutes=15))
    max_quantity = models.PositiveSmallIntegerField(
        _("most per visit"), default=1, validators=[MinValueValidator(1)]
    )
    online_url = models.URLField(
        _("do it online"),
        max_length=500,
        blank=True,
        help_text=_("Where people can do this without coming."),
    )
    is_public = models.BooleanField(_("shown to citizens"), default=True)
    is_sensitive = models.BooleanField(
        _("sensitive"),
        default=False,
        help_text=_("Text messages and the subjects of mails do not name it."),
    )
    offices = models.ManyToManyField(
        Office, through="OfficeService", related_name="services"
    )
    search_text = models.GeneratedField(
        expression=Fold(
            Concat("name", Value(" "), "keywords", output_field=models.TextField())
        ),
        output_field=models.TextField(),
        db_persist=True,
        editable=False,
    )

    translated_search_text = models.GeneratedField(
        expression=Fold(
            Concat(
                Cast("name_translations", models.TextField()),
                Value(" "),
                Cast("keywords_translations", models.TextField()),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
        editable=False,
    )

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("service")
        verbose_name_plural = _("services")
        indexes = [
            GinIndex(
                name="service_search_text",
                fields=["search_text"],
                opclasses=["gin_trgm_ops"],
            ),
            GinIndex(
                name="service_translated_text",
                fields=["translated_search_text"],
                opclasses=["gin_trgm_ops"],
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="service_source_id_unique",
                fields=["source", "source_id"],
                condition=~Q(source_id=""),
            ),
            models.CheckConstraint(
                name="service_duration_within_a_day",
                condition=Q(duration__gt=timedelta(0)) & Q(duration__lte=DAY),
                violation_error_message=_(
                    "A service takes at least a minute and at most a day."
                ),
            ),
            models.CheckConstraint(
                name="service_max_quantity_positive", condition=Q(max_quantity__gte=1)
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("offices:service", args=[self.code])


class OfficeService(models.Model):
    """That an office offers a service, and how it differs there."""

    office = models.ForeignKey(
        Office, models.CASCADE, related_name="offered", verbose_name=_("office")
    )
    service = models.ForeignKey(
        Service, models.CASCADE, related_name="offered", verbose_name=_("service")
    )
    own_duration = MinutesField(
        _("own duration (minutes)"),
        null=True,
        blank=True,
        help_text=_("Empty: as long as the service takes everywhere."),
    )
    own_max_quantity = models.PositiveSmallIntegerField(
        _("own most per visit"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
    )
    buffer = MinutesField(
        _("buffer (minutes)"),
        default=timedelta(0),
        help_text=_("Kept free after each appointment."),
    )
    is_public = models.BooleanField(
        _("citizens may book it"),
        default=True,
        help_text=_("Otherwise only staff book it."),
    )

    objects = OfficeServiceQuerySet.as_manager()

    class Meta:
        ordering = ["office", "service"]
        verbose_name = _("offered service")
        verbose_name_plural = _("offered services")
        constraints = [
            models.UniqueConstraint(
                name="officeservice_once_per_office", fields=["office", "service"]
            ),
            models.CheckConstraint(
                name="officeservice_duration_within_a_day",
                condition=Q(own_duration=None)
                | Q(own_duration__gt=timedelta(0), own_duration__lte=DAY),
            ),
            models.CheckConstraint(
                name="officeservice_buffer_within_a_day",
                condition=Q(buffer__gte=timedelta(0)) & Q(buffer__lte=DAY),
            ),
        ]

    def __str__(self):
        return f"{self.service} – {self.office}"

    @property
    def duration(self):
        return self.own_duration or self.service.duration

    @property
    def max_quantity(self):
        return self.own_max_quantity or self.service.max_quantity
