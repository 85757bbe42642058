from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.models.owed import Owed
from notifications.querysets import DayListQuerySet
from offices.models import Office


class DayList(Owed):
    """The list of an office's day, to be mailed to the office before it opens.

    Change it only through notifications.day_lists. What the list says is read when
    it is sent, and is not kept here.
    """

    office = models.ForeignKey(
        Office,
        models.CASCADE,
        related_name="day_lists",
        db_index=False,  # daylist_once_a_day has it in front
        verbose_name=_("office"),
    )
    day = models.DateField(_("day"))
    recipient = models.EmailField(_("to"))

    objects = DayListQuerySet.as_manager()

    class Meta(Owed.Meta):
        abstract = False
        ordering = ["-day", "office"]
        verbose_name = _("mailed day list")
        verbose_name_plural = _("mailed day lists")
        constraints = [
            *Owed.Meta.constraints,
            models.CheckConstraint(
                name="daylist_has_a_recipient", condition=~Q(recipient="")
            ),
            models.UniqueConstraint(
                name="daylist_once_a_day", fields=["office", "day"]
            ),
        ]

    def __str__(self):
        return f"{self.office}, {self.day}"
