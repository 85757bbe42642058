from django.db.models import Q, QuerySet


class UserQuerySet(QuerySet):
    def visible_to(self, user):
        """Oneself, and for managers the people of their offices; admins see all."""
        if user.is_superuser:
            return self
        managed = user.memberships.current().managing().values("office")
        colleagues = Q(memberships__office__in=managed)
        return self.filter(Q(pk=user.pk) | colleagues).distinct()

    def active(self):
        return self.filter(is_active=True)
