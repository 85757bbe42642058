"""What somebody has written is shown as it was written, and never run: on the pages of
citizens, in mails, in calendar files.
"""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from appointments import feeds, links
from appointments.door import keys
from appointments.models import Appointment, CalendarFeed
from notifications import texts
from notifications.models import Message
from offices.models import Office, OfficeService
from tests.security.poison import BURIED, OURS, SIGNS, poison
from tests.worlds import office_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    home = office_named("Home")
    poison()
    return Office.objects.get(pk=home.pk)


@pytest.fixture
def visit(home):
    return Appointment.objects.with_details().get(office=home)


def runs(text):
    return [sign for sign in SIGNS if sign in text]


def test_no_page_of_citizens_runs_it(client, home, visit):
    offered = OfficeService.objects.select_related("service").get(office=home)
    token = links.token_for(visit)
    where = [home.slug, offered.service.code]
    paths = [
        "/",
        *("/services/", f"/services/{offered.service.code}/"),
        *("/offices/", f"/offices/{home.slug}/"),
        "/search/?q=Home",
        reverse("appointments:days", args=where),
        reverse("appointments:times", args=[*where, str(visit.day)]),
        *(
            reverse(f"appointments:{name}", args=[token])
            for name in ("manage", "confirmation", "cancel", "move")
        ),
        reverse("appointments:display", args=[home.slug]),
        keys.url_for(home) if home.tablet_key else "/",
    ]

    statuses, running = set(), set()
    for path in paths:
        for language in ("en", "de"):
            response = client.get(path, headers={"accept-language": language})
            statuses.add(response.status_code)
            if runs(response.text):
                running.add((path, language))

    assert running == set()
    assert statuses == {200}


NAMES = ["q", "next", "day", "at", "office", "service", "host", "near", "place", "page"]


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/search/", "/services/", "/offices/", "/find/", "/sign-in/"),
        *("/admin/login/", "/language/", "/nowhere/", "/api/v1/offices"),
        "/api/v1/availability/next",
    ],
)
def test_nothing_that_is_asked_for_comes_back_alive(client, path):
    asked = dict.fromkeys(NAMES, BURIED)

    answers = [
        client.get(path, asked),
        client.post(path, asked),
        client.get(f"{path}<script>alert(1)"),
    ]

    for response in answers:
        if response.headers.get("Content-Type", "").startswith("text/html"):
            assert runs(response.text) == []
        assert "X-EVIL" not in response.headers
        assert "\n" not in response.headers.get("Location", "")


def test_no_mail_runs_it_or_has_headers_of_its_own(visit):
    for message in Message.objects.with_details().filter(appointment=visit):
        letter = texts.write(message)

        assert runs(letter.html) == []
        assert "\n" not in letter.subject
        assert "\r" not in letter.subject


def test_no_calendar_file_has_lines_of_its_own(client, visit):
    feed = CalendarFeed.objects.filter(office=visit.office).first()
    token = links.token_for(visit)

    files = [
        client.get(reverse("appointments:calendar", args=[token])).content,
        feeds.content(feed),
    ]

    for content in files:
        lines = content.replace(b"\r\n ", b"").split(b"\r\n")
        assert [line for line in lines if line.startswith((b"X-EVIL", b"Bcc"))] == []
        assert b"\n" not in b"".join(lines)


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", "JaVaScRiPt:alert(1)//https://x.example"),
        *("data:text/html,<script>alert(1)</script>", "vbscript:x", "//x.example"),
    ],
)
def test_no_address_that_somebody_writes_is_a_script(address):
    fields = [
        field
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.concrete_fields
        if isinstance(field, models.URLField)
    ]

    for field in fields:
        with pytest.raises(ValidationError):
            field.clean(address, None)
    assert {field.name for field in fields} == {"online_url", "url", "website"}
