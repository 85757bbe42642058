from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from offices.fields import MinutesField, TranslationsField
from offices.functions import Fold
from offices.querysets import OfficeQuerySet
from offices.roles import Permission
from offices.translated import Text, text_of
from offices.validators import (
    validate_country,
    validate_subdivision,
    validate_time_zone,
)

# Not less than a week: until then, what is owed about an appointment is still being
# sent, and its outcome still being said.
RETENTION_DAYS = range(7, 3651)


class OfficeStatus(models.TextChoices):
    OPEN = "open", _("Open")
    SUSPENDED = "suspended", _("Takes no appointments at present")
    CLOSED = "closed", _("Closed for good")


class QueueRule(models.TextChoices):
    """Who of those that wait is called next (appointments.desk)."""

    APPOINTMENTS_FIRST = "appointments", _("Appointments first, then waiting time")
    WAITING_TIME = "waiting", _("Whoever has waited longest")


class Office(models.Model):
    """A place that citizens visit, with the rules by which it is booked.

    Days and clock times of an office are in its own `time_zone`.
    """

    source = models.CharField(_("source"), max_length=40, blank=True)
    source_id = models.CharField(_("id in the source"), max_length=64, blank=True)
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("name in web addresses"), max_length=200, unique=True)
    description = models.TextField(
        _("description"), blank=True, help_text=_("HTML; what is unsafe is removed.")
    )
    keywords = models.TextField(
        _("search words"), blank=True, help_text=_("Other words people search for.")
    )
    language = models.CharField(
        _("language"),
        max_length=12,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
        db_default=settings.LANGUAGE_CODE,
        help_text=_("Of the texts below, and of what is sent to the office itself."),
    )
    name_translations = TranslationsField(_("name in other languages"))
    description_translations = TranslationsField(
        _("description in other languages"), is_html=True
    )
    keywords_translations = TranslationsField(_("search words in other languages"))
    accessibility_translations = TranslationsField(
        _("accessibility in other languages")
    )
    status = models.CharField(
        _("status"), max_length=16, choices=OfficeStatus, default=OfficeStatus.OPEN
    )
    is_public = models.BooleanField(_("shown to citizens"), default=True)

    street = models.CharField(_("street and number"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=16, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    country = models.CharField(
        _("country"), max_length=2, default="DE", validators=[validate_country]
    )
    subdivision = models.CharField(
        _("state or region"),
        max_length=10,
        blank=True,
        help_text=_("For its public holidays, like BY for Bavaria."),
    )
    latitude = models.FloatField(
        _("latitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.FloatField(
        _("longitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="Europe/Berlin",
        validators=[validate_time_zone],
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone"), max_length=64, blank=True)
    website = models.URLField(_("website"), blank=True)
    accessibility = models.TextField(
        _("accessibility"), blank=True, help_text=_("One fact a line.")
    )

    lead_time = MinutesField(
        _("lead time (minutes)"),
        default=timedelta(hours=1),
        help_text=_("How long before its start a time can still be booked."),
    )
    booking_horizon_days = models.PositiveSmallIntegerField(
        _("booking horizon (days)"),
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(400)],
        help_text=_("How far ahead citizens can book."),
    )
    cancellation_cutoff = MinutesField(
        _("cancellation cut-off (minutes)"),
        default=timedelta(0),
        help_text=_("How long before its start citizens can still cancel or move."),
    )
    max_open_appointments = models.PositiveSmallIntegerField(
        _("open appointments per citizen"),
        default=3,
        validators=[MinValueValidator(1)],
    )
    approval_required = models.BooleanField(_("requests need approval"), default=False)
    hold_time = MinutesField(
        _("hold time (minutes)"),
        default=timedelta(minutes=10),
        help_text=_("How long a chosen time is kept while the form is filled in."),
    )
    reminder_hours = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1)]),
        verbose_name=_("reminders (hours before)"),
        default=list,
        blank=True,
    )
    queue_rule = models.CharField(
        _("who is called next"),
        max_length=16,
        choices=QueueRule,
        default=QueueRule.APPOINTMENTS_FIRST,
    )
    one_queue = models.BooleanField(
        _("one queue for all hosts"),
        default=True,
        help_text=_("Otherwise each host calls only those who come to that host."),
    )
    no_show_after = MinutesField(
        _("no-show after (minutes)"),
        null=True,
        blank=True,
        help_text=_(
            "Who has not checked in so long after the start is marked as not having "
            "come. Empty: only staff say so."
        ),
    )
    day_list_at = models.TimeField(
        _("day list mailed at"),
        null=True,
        blank=True,
        help_text=_("To the office's e-mail address, on days with hours."),
    )
    retention_days = models.PositiveSmallIntegerField(
        _("personal data kept (days)"),
        default=90,
        db_default=90,
        validators=[
            MinValueValidator(RETENTION_DAYS.start),
            MaxValueValidator(RETENTION_DAYS.stop - 1),
        ],
        help_text=_(
            "How many days after an appointment what it says of the citizen is "
            "deleted: name, contact, purpose, notes, messages. Figures stay."
        ),
    )
    tablet_key = models.UUIDField(
        _("key of the tablet at the door"), null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    search_text = models.GeneratedField(
        expression=Fold(
            Concat(
                "name",
                Value(" "),
                "keywords",
                Value(" "),
                "street",
                Value(" "),
                "city",
                output_field=models.TextField(),
            )
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

    objects = OfficeQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        default_permissions = ()
        permissions = [(p.value, f"May {p.label}") for p in Permission]
        indexes = [
            GinIndex(
                name="office_search_text",
                fields=["search_text"],
                opclasses=["gin_trgm_ops"],
            ),
            GinIndex(
                name="office_translated_text",
                fields=["translated_search_text"],
                opclasses=["gin_trgm_ops"],
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="office_source_id_unique",
                fields=["source", "source_id"],
                condition=~Q(source_id=""),
            ),
            models.CheckConstraint(
                name="office_status_known",
                condition=Q(status__in=OfficeStatus.values),
            ),
            models.CheckConstraint(
                name="office_queue_rule_known",
                condition=Q(queue_rule__in=QueueRule.values),
            ),
            models.CheckConstraint(
                name="office_retention_days_in_range",
                condition=Q(
                    retention_days__range=(
                        RETENTION_DAYS.start,
                        RETENTION_DAYS.stop - 1,
                    )
                ),
            ),
            models.CheckConstraint(
                name="office_times_not_negative",
                condition=Q(lead_time__gte=timedelta(0))
                & Q(cancellation_cutoff__gte=timedelta(0))
                & Q(hold_time__gt=timedelta(0))
                & (Q(no_show_after=None) | Q(no_show_after__gt=timedelta(0))),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("offices:office", args=[self.slug])

    def clean(self):
        validate_subdivision(self.country, self.subdivision)
        if (self.latitude is None) != (self.longitude is None):
            missing = "latitude" if self.latitude is None else "longitude"
            message = _("Give both latitude and longitude, or neither.")
            raise ValidationError({missing: message})

    @property
    def zone(self):
        return ZoneInfo(self.time_zone)

    def local_day(self, instant):
        """The office's date at an aware instant."""
        return instant.astimezone(self.zone).date()

    def today(self):
        return self.local_day(timezone.now())

    @property
    def address(self):
        """Street, then postal code and city; lines that are empty are left out."""
        town = f"{self.postal_code} {self.city}".strip()
        return [line for line in (self.street, town) if line]

    @property
    def accessibility_facts(self):
        """One a line, in the language of whoever reads (offices.translated)."""
        text = text_of(self, "accessibility")
        facts = [line for line in text.splitlines() if line.strip()]
        return [Text(fact, text.language) for fact in facts]
