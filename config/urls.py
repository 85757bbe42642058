"""The one place that sees every app's pages and its part of the API."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView
from django.views.i18n import set_language

from accounts.views import AskForLink
from appointments.demand import most_booked
from availability.views import home
from config import health, styleguide
from config.api.docs import Docs, docs_file
from config.metrics import served as metrics

api = [
    path("", include("config.api.urls")),
    path("", include("accounts.api.urls")),
    path("", include("offices.api.urls")),
    path("", include("availability.api.urls")),
    path("", include("appointments.api.office_urls")),
    path("", include("appointments.api.urls")),
    path("", include("notifications.api.urls")),
]

urlpatterns = [
    path("", home, {"most_booked": most_booked}, name="home"),
    path("", include("availability.urls")),
    path("", include("appointments.urls")),
    path("", include("accounts.urls")),
    # So named, the admin's own sign-in page links to it as well.
    path("account/password/", AskForLink.as_view(), name="admin_password_reset"),
    path("", include("offices.urls")),
    path("", include("notifications.urls")),
    path(
        "accessibility/",
        TemplateView.as_view(template_name="accessibility.html"),
        name="accessibility",
    ),
    path(
        "privacy/", TemplateView.as_view(template_name="privacy.html"), name="privacy"
    ),
    # A token would set a cookie on every page; all that a forger can change here is
    # the language somebody reads.
    path("language/", csrf_exempt(set_language), name="set_language"),
    path("styleguide/", styleguide.page, name="styleguide"),
    path("admin/", admin.site.urls),
    path(f"{settings.API_V1_STR.strip('/')}/", include((api, "api"))),
    path("health", health.alive, name="health"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", metrics.show, name="metrics"),
]
if settings.ON_A_DESK:
    urlpatterns += [
        path("docs", Docs.as_view(), name="docs"),
        path("docs/<str:name>", docs_file),
    ]

if "WEBHOOK_SECRET" in settings.ANYMAIL:  # without it anybody could tell of bounces
    urlpatterns += [path("anymail/", include("anymail.urls"))]

handler400 = "config.views.bad_request"
handler403 = "config.views.forbidden"
handler404 = "config.views.not_found"
handler500 = "config.views.server_error"
