from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from offices.models.office import Office
from offices.querysets import InvitationQuerySet
from offices.roles import Role


class Invitation(models.Model):
    """That somebody has been invited by mail to work at an office.

    Written by offices.invitations alone. The link is not kept: it is signed anew for
    each mail, over the number of the sending, so that the last one alone is good.
    """

    office = models.ForeignKey(
        Office,
        models.CASCADE,
        related_name="invitations",
        verbose_name=_("office"),
    )
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=150)
    role = models.CharField(_("role"), max_length=16, choices=Role)
    position = models.CharField(_("position"), max_length=100, blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("invited by"),
    )
    created_at = models.DateTimeField(_("invited"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    sending = models.PositiveSmallIntegerField(_("times sent"), default=1)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="invitation_role_known", condition=Q(role__in=Role.values)
            ),
            models.CheckConstraint(
                name="invitation_expires_after_it_is_made",
                condition=Q(expires_at__gt=F("created_at")),
            ),
            models.CheckConstraint(
                name="invitation_accepted_or_withdrawn",
                condition=Q(accepted_at=None) | Q(withdrawn_at=None),
            ),
            models.UniqueConstraint(
                name="invitation_open_once_per_office",
                fields=["office", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
            ),
        ]

    def __str__(self):
        return f"{self.name} <{self.email}>: {self.get_role_display()}, {self.office}"

    @property
    def reference(self):
        """What the link of the last mail stands for."""
        return f"{self.pk}-{self.sending}"

    @property
    def is_expired(self):
        return self.expires_at <= timezone.now()
