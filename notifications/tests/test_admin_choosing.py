"""The page on which an office chooses who is told what, by which channel, and when."""

from datetime import time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.tests.factories import AdminFactory
from notifications import policies
from notifications.models import MessagePolicy, Notice
from notifications.states import CHOICES, DEFAULTS, Audience, Channel, Kind
from notifications.tests.factories import NoticeFactory
from offices.models import SettingChange
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeFactory

pytestmark = pytest.mark.django_db

URL = reverse("admin:messages")
HOST_HEARS = (Kind.BOOKED, Audience.HOST, Channel.MAIL)
NO_SMS = (Kind.REMINDER, Audience.CITIZEN, Channel.SMS)


@pytest.fixture
def office():
    return OfficeFactory(email="office@example.org", reminder_hours=[24])


@pytest.fixture
def manager(client, office):
    user = MembershipFactory(office=office, role=Role.MANAGER).user
    client.force_login(user)
    return user


def values(choices):
    return ["-".join(choice) for choice in sorted(choices)]


def chosen(sent=DEFAULTS, **changes):
    return {
        "sent": values(sent),
        "reminder_hours": "24",
        "sms_reminder_hours": "",
        "quiet_from": "20:00",
        "quiet_until": "08:00",
        "late_after": "",
    } | changes


def test_the_grid_shows_what_holds_and_what_is_usual(client, manager, office):
    policies.choose(office, DEFAULTS | {HOST_HEARS}, by=manager)

    rows = client.get(URL).context["form"].rows()

    cells = {cell.value: cell for _kind, cells in rows for cell in cells if cell}
    assert sorted(cells) == values(CHOICES)
    ticked = [value for value, cell in cells.items() if cell.is_sent]
    assert sorted(ticked) == values(DEFAULTS | {HOST_HEARS})
    usual = [value for value, cell in cells.items() if cell.usual]
    assert sorted(usual) == values(DEFAULTS)


def test_saving_keeps_what_differs_from_the_usual_and_the_history(
    client, manager, office
):
    NoticeFactory(office=office)  # the office hears of bookings, which it gives up
    sent = DEFAULTS - {NO_SMS} | {HOST_HEARS}

    response = client.post(
        URL,
        chosen(
            sent,
            reminder_hours="48, 3",
            sms_reminder_hours="24,2",
            quiet_from="21:30",
            late_after="15",
        ),
    )

    office.refresh_from_db()
    policy = MessagePolicy.objects.get(office=office)
    assert response.status_code == 302
    assert policies.chosen(office) == sent
    assert sorted(Notice.objects.values_list("kind", "audience", "is_sent")) == [
        ("booked", "host", True),
        ("reminder", "citizen", False),
    ]
    assert (office.reminder_hours, policy.sms_reminder_hours) == ([48, 3], [24, 2])
    assert (policy.quiet_from, policy.quiet_until) == (time(21, 30), time(8))
    assert policy.late_after == timedelta(minutes=15)
    told = SettingChange.objects.filter(by=manager).values_list("model", "kind")
    assert sorted(told) == [
        ("notifications.messagepolicy", "added"),
        ("notifications.notice", "added"),
        ("notifications.notice", "added"),
        ("notifications.notice", "deleted"),
        ("offices.office", "changed"),
    ]


def test_saving_the_same_again_changes_nothing(client, manager, office):
    client.post(URL, chosen())
    before = SettingChange.objects.count()

    client.post(URL, chosen())

    assert SettingChange.objects.count() == before
    assert not Notice.objects.exists()


def test_back_to_the_usual_choice(client, manager, office):
    policies.choose(office, {HOST_HEARS}, by=None)

    client.post(URL, {"usual": ""})

    assert policies.chosen(office) == DEFAULTS
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"reminder_hours": "0"},
        {"reminder_hours": "soon"},
        {"sms_reminder_hours": "-1"},
        {"quiet_from": "25:00"},
        {"quiet_until": ""},
        {"late_after": "-5"},
        {"sent": ["unclosed-citizen-sms"]},
        {"sent": ["rubbish"]},
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_saved(
    client, manager, office, changes
):
    response = client.post(URL, chosen(**{"sms_reminder_hours": "5"} | changes))

    office.refresh_from_db()
    assert response.status_code == 422
    assert office.reminder_hours == [24]
    assert not MessagePolicy.objects.exists()
    assert not Notice.objects.exists()


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.RECEPTION, Role.HOST])
def test_who_does_not_manage_the_office_neither_sees_nor_chooses(client, office, role):
    user = MembershipFactory(office=office, role=role).user
    client.force_login(user)

    answers = [
        client.get(URL),
        client.post(URL, chosen()),
        client.post(URL, {"usual": ""}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    with pytest.raises(PermissionDenied):
        policies.choose(office, DEFAULTS, by=user)


def test_the_choice_of_another_office_does_not_exist(client, manager):
    other = OfficeFactory()

    answers = [
        client.get(URL, {"office": other.slug}),
        client.post(f"{URL}?office={other.slug}", {"usual": ""}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_an_admin_chooses_for_any_office(client, office):
    OfficeFactory()
    client.force_login(AdminFactory())

    client.post(f"{URL}?office={office.slug}", chosen(CHOICES))

    assert policies.chosen(office) == CHOICES


def test_the_page_says_what_cannot_be_sent(client, manager, office, settings):
    settings.SMS_ENABLED = False
    office.email = ""
    office.save()

    page = client.get(URL).text

    assert "Text messages are switched off on this system" in page
    assert "This office has no e-mail address" in page
