"""The pages of an office's own words: overview, editing, preview, test and versions."""

import re

import pytest
from django.core import mail, signing
from django.urls import reverse

from accounts.tests.factories import UserFactory
from notifications import wording
from notifications.admin.words import SALT
from notifications.models import MessageTemplate
from notifications.sandbox import VARIABLES
from notifications.tests.factories import MessageTemplateFactory
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeFactory

pytestmark = pytest.mark.django_db

BOOKED = ["booked", "mail", "en"]
REMINDER = ["reminder", "sms", "de"]
OVERVIEW = reverse("admin:message_words")


def edit(place=BOOKED):
    return reverse("admin:message_edit", args=place)


@pytest.fixture
def office():
    return OfficeFactory(name="Town hall", slug="town-hall")


@pytest.fixture
def manager(client, office):
    user = UserFactory(name="Mia", email="mia@example.org", phone="+491701234567")
    MembershipFactory(office=office, user=user, role=Role.MANAGER)
    client.force_login(user)
    return user


def words(**changes):
    return {"subject": "On {{ date }}", "body": "Hello\n\n{{ name }}!"} | changes


def post(client, button, place=BOOKED, **changes):
    return client.post(edit(place), words(**changes) | {button: ""})


# --- the overview ---


def test_the_overview_says_which_words_are_whose(client, manager, office):
    own = MessageTemplateFactory.build(office=office)
    wording.save(own, by=manager)
    MessageTemplateFactory(language="de")  # of another office

    page = client.get(OVERVIEW).text

    assert page.count("Own words") == 1
    assert page.count("Standard<") == 9 * 2 * 5 - 1
    assert re.search(r"Today, \d\d:\d\d, Mia", page)
    assert page.count("not sent here") == 1 + 7


def test_the_overview_costs_no_more_with_more(
    client, manager, office, django_assert_num_queries
):
    for language in ["en", "de", "fr", "es", "ar"]:
        row = MessageTemplateFactory.build(office=office, language=language)
        wording.save(row, by=manager)
    client.get(OVERVIEW)

    with django_assert_num_queries(10):
        client.get(OVERVIEW)


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.RECEPTION, Role.HOST])
def test_others_neither_see_nor_write_words(client, office, role):
    client.force_login(MembershipFactory(office=office, role=role).user)
    link = signing.dumps(["A", "B"], salt=SALT)

    answers = [
        client.get(OVERVIEW),
        client.get(edit()),
        post(client, "save"),
        post(client, "test"),
        client.get(reverse("admin:message_mail", args=BOOKED), {"words": link}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert not MessageTemplate.objects.exists()
    assert mail.outbox == []


def test_words_of_another_office_do_not_exist(client, manager):
    other = OfficeFactory()
    MessageTemplateFactory(office=other, body="Elsewhere")

    answers = [
        client.get(f"{edit()}?office={other.slug}"),
        client.post(f"{edit()}?office={other.slug}", words(save="")),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "Elsewhere" not in client.get(edit()).text
    assert MessageTemplate.objects.get().body == "Elsewhere"


@pytest.mark.parametrize(
    "place",
    [
        ["unclosed", "mail", "en"],
        ["booked", "pigeon", "en"],
        ["no-show", "mail", "en"],
        ["booked", "mail", "xx"],
    ],
)
def test_there_are_no_words_for_what_no_citizen_is_told(client, manager, place):
    assert client.get(edit(place)).status_code == 404


# --- writing ---


def test_writing_begins_with_the_standard_words(client, manager):
    page = client.get(edit())

    assert page.context["form"].instance.body.startswith("Your appointment is booked")
    assert [name for name, _value in page.context["variables"]] == list(VARIABLES)
    assert "Ada Möller" in page.text
    assert "Back to the standard words" not in page.text


def test_the_names_are_shown_in_the_language_of_the_message(client, manager):
    told = dict(client.get(edit(REMINDER)).context["variables"])

    assert told["date"].split()[0] in {
        *("Montag,", "Dienstag,", "Mittwoch,", "Donnerstag,", "Freitag,"),
        *("Samstag,", "Sonntag,"),
    }


def test_a_manager_saves_words(client, manager, office):
    response = post(client, "save", body="Hello\r\n\r\n{{ name }}!")

    template = MessageTemplate.objects.get()
    assert response.url == f"{edit()}?office=town-hall"
    assert (template.office, *[template.kind, template.channel, template.language]) == (
        office,
        *BOOKED,
    )
    assert (template.subject, template.body) == (
        "On {{ date }}",
        "Hello\n\n{{ name }}!",
    )


@pytest.mark.parametrize("button", ["save", "test", "preview"])
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"body": "Hello\n{% include 'x' %}"}, "Line 2: Invalid block tag"),
        ({"body": "Hello\n\n{{ nmae }}"}, "Line 3: Nothing is called “nmae”."),
        ({"body": "{% if reason %}{{ reason }}{% endif %}"}, "This says nothing."),
        ({"subject": ""}, "A mail needs a subject."),
        (
            {"subject": "{{ date|date:'Y' }}"},
            "Line 1: Invalid filter: &#x27;date&#x27;",
        ),
    ],
)
def test_what_does_not_work_is_refused_with_line_and_reason(
    client, manager, button, changes, reason
):
    response = post(client, button, **changes)

    assert response.status_code == 422
    assert reason in response.text
    assert not MessageTemplate.objects.exists()
    assert mail.outbox == []


def test_a_text_message_longer_than_can_be_is_refused(client, manager):
    response = post(client, "save", REMINDER, body="{{ name }} " * 200)

    assert response.status_code == 422
    assert "text messages long; 10 are the most." in response.text


def test_saving_mends_what_was_broken(client, manager, office):
    template = MessageTemplateFactory(office=office)
    wording.mark_broken(template, "Line 1: Gone")

    assert "Line 1: Gone" in client.get(OVERVIEW).text
    assert "Line 1: Gone" in client.get(edit()).text
    assert "Words that do not work" in client.get("/admin/").text

    post(client, "save")

    template.refresh_from_db()
    assert (template.broken_since, template.broken_because) == (None, "")
    assert "Words that do not work" not in client.get("/admin/").text


def test_back_to_the_standard_words(client, manager, office):
    MessageTemplateFactory(office=office)

    answers = [post(client, "standard"), post(client, "standard")]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert not MessageTemplate.objects.exists()


# --- looking at it ---


def test_the_preview_shows_what_is_not_saved(client, manager):
    page = post(client, "preview", body="Dear {{ name }}\n\nCome & see <b>us</b>.")

    shown = page.context["preview"]
    frame = client.get(shown["html_url"])
    assert page.status_code == 200
    assert shown["letter"].text.startswith("Dear Ada Möller\n\nCome & see <b>us</b>.")
    assert ">Dear Ada Möller</h1>" in frame.text
    assert "Come &amp; see &lt;b&gt;us&lt;/b&gt;." in frame.text
    assert not MessageTemplate.objects.exists()


def test_the_mail_in_the_frame_can_do_nothing(client, manager):
    page = client.get(edit())
    frame = client.get(page.context["preview"]["html_url"])

    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    assert 'sandbox=""' in page.text
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    policy = set(frame["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "sandbox allow-popups",
    }


def test_the_mail_is_shown_by_day_and_by_night(client, manager):
    link = client.get(edit()).context["preview"]["html_url"]

    light, dark = client.get(link).text, client.get(f"{link}&dark=1").text

    assert "@media not all {" in light
    assert "@media all {" in dark
    assert "prefers-color-scheme" not in light + dark


@pytest.mark.parametrize(
    "link",
    ["", "made-up", signing.dumps(["A", "{% load x %}"], salt=SALT)],
    ids=["none", "made up", "broken words"],
)
def test_only_links_of_ours_lead_to_a_preview(client, manager, link):
    frame = client.get(reverse("admin:message_mail", args=BOOKED), {"words": link})

    assert frame.status_code == 404


def test_a_text_message_is_counted(client, manager):
    short = post(client, "preview", REMINDER, body="Bis morgen, {{ start }}")
    long = post(client, "preview", REMINDER, body="Bis morgen → {{ start }} " * 8)

    assert short.context["preview"]["length"] == ("GSM-7", 17, 1)
    assert "each of which costs" not in short.text
    assert long.context["preview"]["length"].encoding == "UCS-2"
    assert "It is sent as 3 text messages, each of which costs." in long.text
    assert "<bdi>→</bdi>" in long.text


# --- trying it ---


def test_a_test_goes_to_oneself_and_says_so(client, manager):
    response = post(client, "test", body="Hello\n\n{{ name }}!")

    [sent] = mail.outbox
    assert sent.to == ["mia@example.org"]
    assert sent.subject.startswith("TEST: On ")
    assert sent.body.startswith("This is a test.")
    assert "This is a test." in sent.alternatives[0].content
    assert "The test is on its way to you." in response.text
    assert "Hello" in response.context["form"]["body"].value()
    assert not MessageTemplate.objects.exists()


def test_a_test_of_a_text_message_goes_to_ones_phone(
    client, manager, settings, tmp_path
):
    settings.SMS_PROVIDER, settings.SMS_DIR = "console", tmp_path

    post(client, "test", REMINDER, body="Bis morgen!")

    [sent] = [path.read_text() for path in tmp_path.iterdir()]
    assert "TEST: Bis morgen!" in sent
    assert "+491701234567" in sent


def test_without_a_number_no_test_by_text_message(client, manager):
    manager.phone = ""
    manager.save()

    page, refused = client.get(edit(REMINDER)), post(client, "test", REMINDER)

    assert 'name="test"' not in page.text
    assert "Your account has no phone number that a test could go to." in refused.text


def test_a_test_that_is_not_taken_says_why(client, manager, by_smtp):
    by_smtp.mood = "unknown"

    page = post(client, "test").text

    assert "The test was not sent. SMTPRecipientsRefused" in page


def test_few_tests_an_hour(client, manager, settings):
    settings.RATELIMIT_ENABLE = True

    pages = [post(client, "test").text for _ in range(11)]

    assert len(mail.outbox) == 10
    assert "These were many tests. Please wait for an hour." in pages[-1]


# --- what it said before ---


def test_versions_are_kept_and_can_be_used_again(client, manager):
    post(client, "save", body="First")
    post(client, "save", body="Second", subject="Another")
    post(client, "standard")
    post(client, "save", body="Third")

    page = client.get(edit())
    told = [
        (each["version"].body, each["version"].is_current, each["version"].is_gone)
        for each in page.context["versions"]
    ]
    first = client.get(page.context["versions"][-1]["url"])

    assert told == [
        ("Third", True, False),
        ("", False, True),
        ("Second", False, False),
        ("First", False, False),
    ]
    assert first.context["form"].instance.body == "First"
    assert first.context["form"].instance.subject == "On {{ date }}"
    assert "They are used again once you save them." in first.text
    assert MessageTemplate.objects.get().body == "Third"


@pytest.mark.parametrize("asked", ["0", "x", "other"])
def test_other_versions_do_not_exist(client, manager, asked):
    post(client, "save")
    other = MessageTemplateFactory.build(office=OfficeFactory())
    wording.save(other, by=None)
    elsewhere = other.office and str(other.pk)

    page = client.get(edit(), {"version": elsewhere if asked == "other" else asked})

    assert page.status_code == 404
