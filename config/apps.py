from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings


class FrameConfig(AppConfig):
    name = "config"

    def ready(self):
        import_module("config.checks")
        import_module("config.celery")  # tasks are published through this app
        # Without the package, check config.E008 says so.
        if settings.SENTRY_DSN and find_spec("sentry_sdk"):
            import_module("sentry_sdk").init(
                settings.SENTRY_DSN, environment=settings.ENVIRONMENT
            )
