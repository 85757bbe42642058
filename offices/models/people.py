from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from offices.models.office import Office
from offices.models.service import Service
from offices.querysets import HostQuerySet, MembershipQuerySet
from offices.roles import Role


class Host(models.Model):
    """Who or what serves: a person (a user) or a counter, at one office."""

    office = models.ForeignKey(
        Office, models.CASCADE, related_name="hosts", verbose_name=_("office")
    )
    name = models.CharField(_("name"), max_length=100)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="hosts",
        verbose_name=_("person"),
        help_text=_("Empty: a counter."),
    )
    services = models.ManyToManyField(
        Service,
        blank=True,
        related_name="hosts",
        verbose_name=_("services"),
        help_text=_("None named: all that the office offers."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    place = models.CharField(
        _("room or counter"),
        max_length=40,
        blank=True,
        help_text=_("Where people are called to. Empty: the name."),
    )

    objects = HostQuerySet.as_manager()

    class Meta:
        ordering = ["office", "name", "pk"]
        verbose_name = _("host")
        verbose_name_plural = _("hosts")
        constraints = [
            models.UniqueConstraint(
                name="host_name_once_per_office", fields=["office", "name"]
            ),
            models.UniqueConstraint(
                name="host_person_once_per_office",
                fields=["office", "user"],
                condition=Q(user__isnull=False),
            ),
        ]

    def __str__(self):
        return self.name


class Membership(models.Model):
    """Who works at which office, as what, from when until when.

    Made and ended by offices.operations alone, which grant what the role may.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("person"),
    )
    office = models.ForeignKey(
        Office, models.CASCADE, related_name="memberships", verbose_name=_("office")
    )
    role = models.CharField(_("role"), max_length=16, choices=Role)
    position = models.CharField(_("position"), max_length=100, blank=True)
    is_primary = models.BooleanField(_("primary contact"), default=False)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["office", "role", "user"]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(
                name="membership_role_known", condition=Q(role__in=Role.values)
            ),
            models.CheckConstraint(
                name="membership_ends_after_start",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
            ),
            models.UniqueConstraint(
                name="membership_current_role_once",
                fields=["user", "office", "role"],
                condition=Q(ended_at=None),
            ),
            models.UniqueConstraint(
                name="membership_one_primary_per_office",
                fields=["office"],
                condition=Q(is_primary=True, ended_at=None),
            ),
        ]

    def __str__(self):
        return f"{self.user}: {self.get_role_display()}, {self.office}"
