from django.db.models import F, Q, QuerySet
from django.utils import timezone

MACHINES = "machines.invalid"  # the domain of users that are programs: gets no mail


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

    def end(self):
        """Make their tokens worthless, from now on."""
        return self.filter(ended_at=None).update(ended_at=timezone.now())


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
