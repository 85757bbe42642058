from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OfficesConfig(AppConfig):
    name = "offices"
    verbose_name = _("Offices")

    def ready(self):
        post_migrate.connect(sync_roles, sender=self, dispatch_uid="sync_roles")


def sync_roles(**kwargs):
    """After an upgrade, have people hold what their roles may now."""
    from offices import operations

    operations.sync_roles()
