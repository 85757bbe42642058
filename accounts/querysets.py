from django.db.models import F, Q, QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.sessions import SessionStore

MACHINES = "machines.invalid"  # the domain of users that are programs: gets no mail


class SignInKind(TextChoices):
    API = "api", _("App")
    BROWSER = "browser", _("Browser")


class UserQuerySet(QuerySet):
    def visible_to(self, user):
        """Oneself, and for managers the people of their offices; admins see all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        managed = user.memberships.current().managing().values("office")
        colleagues = Q(memberships__office__in=managed)
        return self.filter(Q(pk=user.pk) | colleagues).distinct()

    def active(self):
        return self.filter(is_active=True)

    def people(self):
        """Those that are not programs behind an API key."""
        return self.exclude(email__endswith=f"@{MACHINES}")


class SignInQuerySet(QuerySet):
    def visible_to(self, user):
        """One's own; admins see all."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_superuser else self.filter(user=user)

    def live(self):
        """Neither signed out nor expired, of people who may sign in."""
        return self.filter(
            ended_at=None, expires_at__gt=timezone.now(), user__is_active=True
        )

    def of_apps(self):
        return self.filter(kind=SignInKind.API)

    def end(self):
        """Make their tokens and sessions worthless, from now on."""
        rows = self.filter(ended_at=None)
        browsers = rows.filter(kind=SignInKind.BROWSER)
        for key in list(browsers.values_list("token", flat=True)):
            SessionStore(key).delete()
        return rows.update(ended_at=timezone.now())


class SecondFactorQuerySet(QuerySet):
    def visible_to(self, user):
        """One's own; admins see all."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_superuser else self.filter(user=user)

    def live(self):
        return self.filter(ended_at=None)


class RegistrationQuerySet(QuerySet):
    def visible_to(self, user):
        """Nobody's but the admins'."""
        return self if user.is_superuser else self.none()


class AccountMailQuerySet(QuerySet):
    def visible_to(self, user):
        """Nobody's but the admins'."""
        return self if user.is_superuser else self.none()

    def due(self):
        return self.filter(status="queued", due_at__lte=timezone.now())

    def claim(self, pk, *, lease):
        """Lend a due mail to one caller for a while; give others None."""
        lent = (
            self.due()
            .filter(pk=pk)
            .update(due_at=timezone.now() + lease, attempts=F("attempts") + 1)
        )
        return self.select_related("registration").get(pk=pk) if lent else None
