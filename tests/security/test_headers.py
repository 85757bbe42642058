"""Every address, and every way to be refused, answers with the security headers."""

import re
import uuid

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver, path, reverse
from django_ratelimit.exceptions import Ratelimited
from whitenoise.middleware import WhiteNoiseMiddleware

from accounts.tests.factories import PASSWORD, AdminFactory
from appointments.door import keys
from config import urls
from config.exceptions import DomainError
from config.headers import POWERFUL, HeadersMiddleware
from offices.tests.factories import OfficeFactory
from tests.test_staff_pages import is_djangos

pytestmark = pytest.mark.django_db

# Mails as a mail program shows them: they bring their own styles, may run nothing, and
# the page that writes them may frame them.
MAILS = {"notifications:mail_html", "admin:message_mail"}
ROWS = {"int": "1", "uuid": "00000000-0000-4000-8000-000000000000"}


def addresses(patterns=None, prefix="/"):
    """[(each address, with something in the place of each <name>, its pattern)]."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        text = prefix + str(pattern.pattern).lstrip("^").removesuffix("$")
        if isinstance(pattern, URLPattern):
            yield filled(text), pattern
        else:
            yield from addresses(pattern.url_patterns, text)


def filled(text):
    text = re.sub(r"\(\?P<\w+>[^)]*\)", "x", text)
    text = re.sub(r"<(?:(\w+):)?\w+>", lambda m: ROWS.get(m[1], "x"), text)
    return text.replace("\\", "").rstrip("?$")


def missing(response):
    """Names of the headers that are not as they must be."""
    told = response.headers
    wrong = set()
    for name, value in {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }.items():
        if told.get(name) != value:
            wrong.add(name)
    policy = told.get("Content-Security-Policy", "")
    if "unsafe" in policy or "*" in policy or "default-src 'none'" not in policy:
        wrong.add("Content-Security-Policy")
    if "frame-ancestors 'none'" not in policy or "base-uri 'none'" not in policy:
        wrong.add("Content-Security-Policy")
    granted = told.get("Permissions-Policy", "")
    if any(f"{name}=()" not in granted for name in POWERFUL):
        wrong.add("Permissions-Policy")
    if "Cache-Control" not in told:
        wrong.add("Cache-Control")
    return wrong


@pytest.fixture
def admin_client():
    client = Client(raise_request_exception=False)
    client.force_login(AdminFactory())
    return client


def wrong_on(client, found):
    """{address: names of headers} of those that are not as they must be."""
    wrong = {}
    for address, _pattern in found:
        response = client.get(address)
        name = getattr(response.resolver_match, "view_name", None)
        if name not in MAILS and (names := missing(response)):
            wrong[address] = names
    return wrong


def test_every_address_has_every_header(client):
    found = list(addresses())

    assert wrong_on(client, found) == {}
    assert {"/", "/admin/", "/health", "/api/v1/offices", "/sign-in/"} <= {
        address for address, _pattern in found
    }


def test_so_have_the_pages_that_a_sign_in_opens(admin_client):
    own = [(address, p) for address, p in addresses() if not is_djangos(p)]
    rows = reverse("admin:appointments_appointment_changelist")

    assert wrong_on(admin_client, [*own, (rows, None)]) == {}


def test_only_the_tablet_may_use_a_camera(client):
    response = client.get(keys.url_for(OfficeFactory(tablet_key=uuid.uuid4())))

    assert "camera=(self)" in response["Permissions-Policy"]
    assert "microphone=()" in response["Permissions-Policy"]
    assert missing(response) == {"Permissions-Policy"}


def test_a_mail_that_is_shown_may_run_and_load_nothing():
    found = [
        pattern.callback
        for _address, pattern in addresses()
        if pattern.name in {name.partition(":")[2] for name in MAILS}
    ]
    policies = [view._csp_config for view in found if hasattr(view, "_csp_config")]

    for policy in policies:
        assert policy["default-src"] == ["'none'"]
        assert "script-src" not in policy
        assert "allow-scripts" not in policy["sandbox"]
        assert "allow-same-origin" not in policy["sandbox"]


# --- each way to be refused, and to be sent elsewhere ---


class Refused(DomainError):
    code = "refused"
    message = "Not now."


def raising(error):
    def view(request):
        raise error

    return view


ERRORS = {
    400: SuspiciousOperation(),
    403: PermissionDenied(),
    404: Http404(),
    409: Refused(),
    429: Ratelimited(),
    500: RuntimeError(),
    503: OperationalError("the connection is closed"),
}
urlpatterns = [
    *urls.urlpatterns,
    *(path(f"raises/{status}/", raising(error)) for status, error in ERRORS.items()),
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("status", sorted(ERRORS))
def test_every_error_page_has_them(status):
    client = Client(raise_request_exception=False)

    response = client.get(f"/raises/{status}/")

    assert (response.status_code, missing(response)) == (status, set())


@pytest.mark.parametrize(
    ("status", "method", "address", "sent"),
    [
        (301, "get", "/admin", {}),
        (302, "get", "/admin/", {}),
        (400, "get", "/", {"headers": {"host": "elsewhere.example"}}),
        (401, "get", "/api/v1/auth/me", {}),
        (403, "post", "/sign-in/", {}),
        (404, "get", "/api/v1/nowhere", {}),
        (405, "delete", "/api/v1/offices", {}),
        (413, "post", "/sign-in/", {"data": b"x" * 3_000_000}),
        (414, "get", "/?q=" + "x" * 9000, {}),
    ],
)
def test_what_is_refused_on_the_way_has_them(status, method, address, sent):
    client = Client(enforce_csrf_checks=True)
    if "data" in sent:
        sent = {**sent, "content_type": "application/x-www-form-urlencoded"}

    response = getattr(client, method)(address, **sent)

    assert (response.status_code, missing(response)) == (status, set())


def test_static_files_have_them(rf, scratch_dir, settings):
    settings.STATIC_ROOT = scratch_dir
    (scratch_dir / "site.css").write_text("body {}")
    middleware = HeadersMiddleware(WhiteNoiseMiddleware(lambda request: None))

    response = middleware(rf.get("/static/site.css"))

    response.close()
    assert (response.status_code, missing(response)) == (200, set())
    assert "max-age" in response["Cache-Control"]


# --- over https ---


@pytest.fixture
def production(settings):
    """What settings.py says when FRONTEND_HOST is https."""
    names = {"SECURE_HSTS_SECONDS": 31_536_000, "SECURE_SSL_REDIRECT": True}
    for name, value in names.items():
        setattr(settings, name, value)


@pytest.mark.parametrize("address", ["/", "/admin/login/", "/api/v1/offices"])
def test_https_is_asked_for_from_then_on(production, address):
    client = Client()

    plain = client.get(address)
    secure = client.get(address, secure=True)

    assert plain.status_code == 301
    assert plain["Location"].startswith("https://")
    assert secure["Strict-Transport-Security"] == "max-age=31536000"


def test_even_an_error_before_anything_else_asks_for_https(production):
    answer = HeadersMiddleware(raising_nothing)(RequestFactory().get("/"))

    assert answer["Strict-Transport-Security"] == "max-age=31536000"


def raising_nothing(request):
    return urls.health.alive(request)


FLAGS = ("httponly", "samesite", "domain", "path")


def test_cookies_are_for_us_alone(client, settings):
    who = {"username": AdminFactory().email, "password": PASSWORD}
    client.post(reverse("set_language"), {"language": "de"})
    client.get(reverse("accounts:login"))

    client.post(reverse("accounts:login"), who)

    flags = {
        name: tuple(cookie[flag] or None for flag in FLAGS)
        for name, cookie in client.cookies.items()
    }

    assert {settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME} <= set(flags)
    assert set(flags.values()) == {(True, "Lax", None, "/")}
