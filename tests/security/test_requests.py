"""Requests that lie: about the host, the way back, and where they come from."""

import logging
import re
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import AccountMail
from accounts.tasks import deliver_mail
from accounts.tests.factories import PASSWORD, AdminFactory, UserFactory
from config import logs
from offices.roles import Role
from offices.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

EVIL = "evil.example"


# --- the host ---


@pytest.mark.parametrize("path", ["/", "/admin/login/", "/api/v1/offices", "/sign-in/"])
@pytest.mark.parametrize("host", [EVIL, f"localhost.{EVIL}", "localhost@evil", "a b"])
def test_a_host_that_is_not_ours_is_refused(client, path, host):
    assert client.get(path, headers={"host": host}).status_code == 400


def test_links_in_mails_lead_to_us_whatever_the_request_says(client, settings):
    user = UserFactory()
    lies = {"x-forwarded-host": EVIL, "x-host": EVIL, "forwarded": f"host={EVIL}"}

    client.post(
        reverse("admin_password_reset"),
        {"email": user.email},
        headers={"host": "127.0.0.1:9", **lies},
    )

    deliver_mail(AccountMail.objects.get(email=user.email).pk)
    (sent,) = mail.outbox
    found = re.findall(r"https?://[^\s\"'<>]+", sent.body)
    assert found
    assert all(link.startswith(settings.FRONTEND_HOST) for link in found)


def test_a_forwarded_host_is_not_believed(client):
    told = client.get("/admin", headers={"x-forwarded-host": EVIL})

    assert (told.status_code, told["Location"]) == (301, "/admin/")


# --- the way back ---

AWAY = [
    "//evil.example",
    "///evil.example",
    "//evil.example\\@x",
    "/%09/evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\thttps://evil.example",
    "data:text/html,x",
    "http:///evil.example",
    "http://testserver@evil.example/",
    "https:evil.example",
    "https://evil.example/",
    "https://testserver.evil.example",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("away", AWAY)
def test_no_page_leads_away(client, away):
    user = AdminFactory()
    who = {"username": user.email, "password": PASSWORD, "next": away}
    answers = [
        client.post(reverse("set_language"), {"language": "de", "next": away}),
        client.post(
            reverse("set_language"), {"language": "de"}, headers={"referer": away}
        ),
        client.post(reverse("accounts:login"), who),
        client.get(reverse("accounts:login"), {"next": away}),
        client.post(reverse("accounts:logout"), {"next": away}),
        client.post(reverse("admin:login"), who),
        client.get(reverse("admin:login"), {"next": away}),
        client.post(reverse("admin:logout"), {"next": away}),
        client.get(away.replace("https:", "").replace("http:", "") or "/"),
    ]

    places = [answer["Location"] for answer in answers if "Location" in answer.headers]

    assert len(places) >= 4
    for place in places:
        parts = urlsplit(place.replace("\\", "/").strip())
        assert (parts.scheme, parts.netloc) in {("", ""), ("http", "testserver")}


# --- where it comes from ---

# What takes a POST without a token, and why that does no harm.
EXEMPT = {
    "docs": "the API to read, and only on a desk",
    "language/": "changes the language that somebody reads, nothing else",
    "sms/incoming/": "signed by the provider",
    "sms/status/": "signed by the provider",
}


def patterns(found=None, prefix=""):
    for pattern in get_resolver().url_patterns if found is None else found:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path, pattern.callback
        else:
            yield from patterns(pattern.url_patterns, path)


def test_every_page_asks_for_its_token():
    exempt = {
        path
        for path, view in patterns()
        if getattr(view, "csrf_exempt", False) and not path.startswith("api/v1/")
    }

    assert exempt == set(EXEMPT)


def test_the_api_takes_a_cookie_only_with_its_token(settings):
    """Each of its views asks who calls by our own ways, or asks nobody."""
    ours = set(settings.REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"])

    found = {
        f"{each.__module__}.{each.__name__}"
        for path, view in patterns()
        if path.startswith("api/v1/")
        for each in getattr(view, "cls", None).authentication_classes
    }

    assert found == ours


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/account/password/", 403),
        ("/admin/accounts/user/add/", 403),
        ("/admin/login/", 403),
        ("/api/v1/appointments", 403),
        ("/sign-in/", 403),
        ("/sign-out/", 403),
    ],
)
def test_without_it_nothing_is_done(path, status):
    client = Client(enforce_csrf_checks=True)
    client.force_login(AdminFactory())

    response = client.post(path, {}, content_type="application/json")

    assert response.status_code == status
    assert client.get("/admin/").status_code == 200  # still signed in


# --- sessions ---


def test_a_session_that_has_ended_is_no_way_in(client, settings):
    user = MembershipFactory(role=Role.RECEPTION).user
    client.get("/admin/login/")
    client.post(
        reverse("accounts:login"), {"username": user.email, "password": PASSWORD}
    )
    kept = client.cookies[settings.SESSION_COOKIE_NAME].value
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = kept
    before = thief.get("/admin/").status_code

    client.post(reverse("accounts:logout"))

    assert (before, thief.get("/admin/").status_code) == (200, 302)


def test_nobody_signs_in_with_a_session_that_somebody_gave_them(client, settings):
    user = MembershipFactory(role=Role.RECEPTION).user
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32

    client.post(
        reverse("accounts:login"), {"username": user.email, "password": PASSWORD}
    )

    assert client.cookies[settings.SESSION_COOKIE_NAME].value != "a" * 32


# --- what it asks for ---


@pytest.mark.parametrize(
    "path",
    [
        *("/static/../config/settings.py", "/static/..%2f..%2fconfig%2fsettings.py"),
        *(
            "/static/%2e%2e/%2e%2e/etc/passwd",
            "/static//etc/passwd",
            "/docs/..%2fapi.md",
        ),
        *("/dev/mail/..%2f..%2fx/", "/calendars/..%2f..%2fx.ics", "/static/\x00"),
    ],
)
def test_no_path_leads_out_of_its_directory(client, path):
    response = client.get(path)

    assert response.status_code in {400, 404}
    assert "SECRET_KEY" not in response.text


@pytest.mark.parametrize(
    "query",
    [
        "citizen__user__password__startswith=a",
        "office__api_keys__digest__startswith=a",
        "host__user__password__startswith=a",
        "events__actor__password__regex=.*",
    ],
)
def test_no_list_is_narrowed_by_what_it_does_not_show(client, query):
    client.force_login(MembershipFactory(role=Role.MANAGER).user)

    response = client.get(f"/admin/appointments/appointment/?{query}")

    assert response.status_code in {302, 400}
    assert response.headers.get("Location", "?e=1").endswith("?e=1")


@pytest.mark.parametrize(
    ("path", "status"), [("/sign-in/", 400), ("/language/", 400), ("/nowhere/", 404)]
)
def test_a_form_in_an_encoding_that_is_none_of_ours_is_refused(path, status):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies["csrftoken"] = "a" * 32
    form = "application/x-www-form-urlencoded; charset=utf-7"

    response = browser.post(path, "username=ada", content_type=form)

    assert response.status_code == status


@pytest.mark.parametrize(
    "query",
    [
        "accounts/accountmail/?kind__exact=%00",
        "offices/office/?status__exact=%00",
        "offices/settingchange/?setting=a%00b",
        f"availability/hostday/?day__year={10**22}",
    ],
)
def test_no_filter_asks_the_database_for_what_cannot_be(admin_client, query):
    response = admin_client.get(f"/admin/{query}")

    assert (response.status_code, response.url[-4:]) == (302, "?e=1")


@pytest.mark.parametrize(
    "text", ["' OR 1=1 --", '"; DROP TABLE x; --', "%", "\\", "1) UNION SELECT", "\x00"]
)
def test_no_text_becomes_sql(client, text):
    client.force_login(MembershipFactory(role=Role.MANAGER).user)
    asked = {"q": text, "o": text, "ordering": text, "when": text, "day": text}

    statuses = {
        client.get(path, asked).status_code
        for path in (
            *(
                "/",
                "/search/",
                "/offices/",
                "/services/",
                "/admin/find/",
                "/admin/desk/",
            ),
            *("/admin/appointments/appointment/", "/admin/appointments/access/"),
            *("/api/v1/appointments", "/api/v1/offices/search", "/api/v1/services"),
        )
    }

    assert statuses <= {200, 302, 400, 404, 422}


# --- what it leaves in the log ---


def test_nobody_writes_lines_of_their_own_into_the_log(client, caplog):
    told = logs.formatter(as_json=True)
    formatter = told.pop("()")(**told)

    with caplog.at_level(logging.INFO):
        client.get(
            "/x%0a%0dlevel=info event=signed_in/", headers={"user-agent": "a\nb"}
        )

    lines = [formatter.format(record) for record in caplog.records]
    assert lines
    assert [line for line in lines if "\n" in line or "\r" in line] == []
