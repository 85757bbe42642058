"""The developer's mail pages."""

import pytest
from django.urls import reverse
from icalendar import Calendar

from appointments.links import url_for
from notifications import operations
from notifications.tests.factories import MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def to_files(settings, tmp_path):
    settings.MAIL_DIR = tmp_path
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(tmp_path)},
        }
    }
    return tmp_path


@pytest.fixture
def sent(to_files):
    """A message whose mail is a file."""
    message = MessageFactory(appointment__citizen__email="ada@example.org")
    operations.deliver(message.pk)
    message.refresh_from_db()
    return message


def paths(client):
    """Where the mails of the list are, the first first."""
    mails = client.get(reverse("notifications:mail_list")).context["mails"]
    return [reverse("notifications:mail", args=[mail.key]) for mail in mails]


def test_no_mails_yet(client, to_files):
    response = client.get("/dev/mail/")

    assert "No mails yet" in response.text


def test_mails_are_listed_newest_first(client, sent):
    another = MessageFactory()
    operations.deliver(another.pk)
    another.refresh_from_db()

    mails = client.get("/dev/mail/").context["mails"]

    subjects = [mail.message["Subject"] for mail in mails]
    assert subjects == [another.subject, sent.subject]


def test_several_mails_of_one_file_are_all_there(client, sent, to_files):
    [file] = to_files.iterdir()
    file.write_bytes(file.read_bytes() * 3)

    assert len(set(paths(client))) == 3


def test_a_mail_shows_headers_text_and_links(client, sent):
    [path] = paths(client)

    page = client.get(path).text

    manage = url_for(sent.appointment)
    assert f'<a href="{manage}"' in page
    file = f"appointment-{sent.appointment.reference}.ics"
    for words in (sent.subject, "ada@example.org", "appointments@localhost", file):
        assert words in page


def test_the_html_of_a_mail_can_look_but_not_act(client, sent):
    [path] = paths(client)

    response = client.get(f"{path}html/")

    policy = response.headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'none'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    assert f'href="{url_for(sent.appointment)}"' in response.text


def test_the_calendar_file_of_a_mail_can_be_had(client, sent):
    [path] = paths(client)

    response = client.get(f"{path}files/0/")

    reference = sent.appointment.reference
    assert response.headers["Content-Type"].startswith("text/calendar")
    assert f"appointment-{reference}.ics" in response.headers["Content-Disposition"]
    [event] = Calendar.from_ical(response.getvalue()).walk("VEVENT")
    assert event["UID"].startswith(str(sent.appointment.pk))


@pytest.mark.parametrize("page", ["/dev/mail/none/", "/dev/mail/none/html/"])
def test_there_is_no_mail_but_the_listed(client, sent, page):
    assert client.get(page).status_code == 404


def test_there_is_no_file_but_the_attached(client, sent):
    [path] = paths(client)

    assert client.get(f"{path}files/1/").status_code == 404


@pytest.mark.parametrize("environment", ["development", "staging", "production"])
@pytest.mark.parametrize("page", ["", "html/", "files/0/"])
def test_there_is_no_such_page_elsewhere(client, sent, settings, environment, page):
    [path] = paths(client)
    settings.ENVIRONMENT = environment

    assert client.get("/dev/mail/").status_code == 404
    assert client.get(f"{path}{page}").status_code == 404


def test_the_mailbox_is_only_read(client, to_files):
    assert client.post("/dev/mail/").status_code == 405
