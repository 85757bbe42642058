from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class FrameConfig(AppConfig):
    name = "config"

    def ready(self):
        import_module("config.checks")
        import_module("config.celery")  # tasks are published through this app
        if settings.SENTRY_DSN:
            import_module("config.sentry").start()
