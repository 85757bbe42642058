"""The one place that sees every app's pages."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from config import health

APPS = ["offices", "appointments", "accounts", "notifications"]

urlpatterns = [
    *(path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")),
    path("admin/", admin.site.urls),
    path("health", health.alive, name="health"),
    path("health/ready", health.ready, name="health-ready"),
]

handler403 = "config.views.forbidden"
