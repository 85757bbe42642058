from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from appointments import seen
from appointments.functions import Digits
from appointments.querysets import (
    CitizenQuerySet,
)
from offices.functions import Fold


class Citizen(models.Model):
    """Who comes. A guest has one row for each booking; a signed-in user one in all.

    Guests are never merged by e-mail address: whoever types an address must not
    get at what belongs to it.
    """

    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="citizen",
        verbose_name=_("account"),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    is_nobody = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text=_("The one row of all whose data has been deleted."),
    )
    search_text = models.GeneratedField(
        expression=Fold(
            Concat(
                Value(" "),
                "name",
                Value(" "),
                "email",
                Value(" "),
                Digits("phone"),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
        editable=False,
    )

    objects = CitizenQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("citizen")
        verbose_name_plural = _("citizens")
        indexes = [
            models.Index(name="citizen_email", fields=["email"]),
            GinIndex(
                name="citizen_search_text",
                fields=["search_text"],
                opclasses=["gin_trgm_ops"],
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="citizen_nobody_once",
                fields=["is_nobody"],
                condition=Q(is_nobody=True),
            )
        ]

    def __str__(self):
        return str(_("Data deleted")) if self.is_nobody else self.name

    @classmethod
    def from_db(cls, *args, **kwargs):
        citizen = super().from_db(*args, **kwargs)
        seen.note_citizen(citizen)
        return citizen
