"""Holding, booking, looking and changing by API: as a citizen, a guest, a program."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from appointments import links, operations
from appointments.api import locks as api_locks
from appointments.exceptions import Changed
from appointments.models import Appointment, Citizen
from appointments.states import Channel, EventKind, Status
from appointments.tests.factories import AppointmentFactory
from appointments.tests.history import history
from availability.models import Hold, HostDay
from availability.tests.factories import OpenHostFactory
from availability.tests.races import at_once, no_deadlocks
from config.api.schema import document
from config.models import IdempotencyKey
from offices.roles import Permission, Role
from offices.tests.factories import (
    ApiKeyFactory,
    MembershipFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 3, 12, 7, tzinfo=UTC)  # a Tuesday, 8:00 in Berlin
NINE = "2030-03-13T09:00:00+01:00"
NO_HOLD = "5b1c3f0e-8d6f-4d0b-9a53-0c4a7f3f2e11"
TEN = "2030-03-13T10:00:00+01:00"
WHO = {"name": "Ada Example", "email": "Ada@example.org", "phone": "030 901820"}
API = "/api/v1/appointments"
TOO_LONG = f"a@{'.'.join(['\u0130' * 50] * 4)}.org"  # in lower case


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def offered(clock):
    """A quarter of an hour with one counter, from 8:00 to 16:00."""
    offered = OfficeServiceFactory()
    OpenHostFactory(office=offered.office)
    return offered


def client(user=None, **credentials):
    client = APIClient(**credentials)
    if user:
        client.force_authenticate(user)
    return client


def member(offered, role=Role.SECRETARY):
    return MembershipFactory(office=offered.office, role=role).user


def choice(offered, at=NINE, **more):
    about = {"office": offered.office_id, "service": offered.service_id}
    return {**about, "starts_at": at, **more}


def book(offered, caller=None, *, key=None, at=NINE, **more):
    body = choice(offered, at, **{"citizen": WHO, **more})
    headers = {"Idempotency-Key": key} if key else {}
    return (caller or client()).post(API, body, headers=headers)


def hold(offered, caller=None, at=NINE, **more):
    return (caller or client()).post(f"{API}/holds", choice(offered, at, **more))


def by_token(appointment):
    return {"Appointment-Token": links.token_for(appointment)}


def told(response):
    return response.status_code, response.json().get("code")


def refused_field(response):
    """The one field that a 400 is about, and its first code."""
    assert response.status_code == 400, response.content
    [(field, errors)] = response.json()["errors"].items()
    return field, errors[0]["code"]


def claimed():
    return sum(day.claimed.bit_count() for day in HostDay.objects.all())


# --- booking ---


def test_a_guest_books(offered):
    response = book(offered, purpose="A passport")

    appointment = Appointment.objects.get()
    body = response.json()
    assert response.status_code == 201, body
    assert list(body)[:10] == [
        *("id", "reference", "status", "office", "service", "host"),
        *("starts_at", "ends_at", "citizen", "manage_url"),
    ]
    assert body["id"] == str(appointment.pk)
    assert body["reference"] == appointment.reference
    assert body["status"] == "confirmed"
    assert (body["office"], body["service"]) == (offered.office_id, offered.service_id)
    assert (body["starts_at"], body["ends_at"]) == (NINE, "2030-03-13T09:15:00+01:00")
    assert body["citizen"]["email"] == "ada@example.org"
    assert body["citizen"]["phone"] == "+4930901820"
    assert body["manage_url"] == links.url_for(appointment)
    assert body["purpose"] == "A passport"
    assert response["Location"].endswith(f"{API}/{appointment.pk}")
    assert appointment.channel == Channel.API
    assert history(appointment) == [(EventKind.BOOKED, "citizen", None, "")]


def test_the_answer_is_what_can_be_read_next(offered):
    booked = book(offered)

    read = client().get(booked["Location"], headers=by_token(Appointment.objects.get()))

    assert read.json() == booked.json()
    assert read["ETag"] == booked["ETag"]


def test_the_language_is_told_or_that_of_the_request(offered):
    book(offered, citizen={**WHO, "language": "de"})
    client().post(
        API, choice(offered, TEN, citizen=WHO), headers={"Accept-Language": "de"}
    )

    assert list(Appointment.objects.values_list("language", flat=True)) == ["de", "de"]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"starts_at": "2030-03-13T09:00:00"}, "starts_at", "invalid"),
        ({"starts_at": "9999-12-31T23:59:59-12:00"}, "starts_at", "invalid"),
        ({"starts_at": 7}, "starts_at", "invalid"),
        ({"office": 2**63}, "office", "max_value"),
        ({"quantity": 0}, "quantity", "min_value"),
        ({"hold": "x"}, "hold", "invalid"),
        ({"purpose": "x" * 501}, "purpose", "max_length"),
        ({"purpose": "\0"}, "purpose", "null_characters_not_allowed"),
        ({"citizen": None}, "citizen", "null"),
        ({"citizen": {**WHO, "name": "\u200b "}}, "citizen.name", "blank"),
        ({"citizen": {**WHO, "email": "ada"}}, "citizen.email", "invalid"),
        ({"citizen": {**WHO, "email": TOO_LONG}}, "citizen.email", "max_length"),
        ({"citizen": {**WHO, "phone": "12"}}, "citizen.phone", "invalid"),
        ({"citizen": {**WHO, "language": "xx"}}, "citizen.language", "invalid_choice"),
    ],
)
def test_what_cannot_be_is_refused_by_field(offered, change, field, code):
    assert refused_field(book(offered, **change)) == (field, code)
    assert Appointment.objects.count() == 0


def test_who_comes_must_be_told(offered):
    guest = client().post(API, choice(offered))
    staff = client(member(offered)).post(API, choice(offered))

    assert refused_field(guest) == ("citizen", "required")
    assert refused_field(staff) == ("citizen", "required")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"starts_at": "2030-03-13T07:00:00+01:00"}, "slot_closed"),
        ({"starts_at": "2030-03-13T09:01:00+01:00"}, "slot_closed"),
        ({"starts_at": "2030-03-11T09:00:00+01:00"}, "slot_past"),
        ({"starts_at": "2033-03-11T09:00:00+01:00"}, "slot_too_far"),
        ({"quantity": 9}, "quantity_refused"),
        ({"host": 987654}, "host_refused"),
        ({"service": 987654}, "not_offered"),
        ({"office": 987654}, "not_offered"),
    ],
)
def test_a_refusal_has_its_code(offered, change, code):
    assert told(book(offered, **change)) == (409, code)


def test_a_time_is_given_once(offered):
    statuses = [told(book(offered)) for _ in range(2)]

    assert statuses == [(201, None), (409, "slot_taken")]


def test_one_address_may_have_so_many(offered):
    offered.office.max_open_appointments = 1
    offered.office.save()
    book(offered)

    assert told(book(offered, at=TEN)) == (409, "limit_reached")


def test_a_request_waits_for_approval(offered):
    offered.office.approval_required = True
    offered.office.save()

    assert book(offered).json()["status"] == "pending"


def test_guests_may_not_override(offered):
    response = book(offered, at="2030-03-13T19:00:00+01:00", override="Please")

    assert told(response) == (403, "permission_denied")
    assert Citizen.objects.count() == 0


def test_managers_may_override(offered):
    manager = client(member(offered, Role.MANAGER))

    response = book(offered, manager, at="2030-03-13T19:00:00+01:00", override="VIP")

    assert response.status_code == 201
    assert Appointment.objects.get().events.get().override == "VIP"


# --- with an account ---


def test_one_s_own_appointment_needs_no_name(offered):
    user = UserFactory(name="Erika", phone="+4930901820", language="de")

    first = client(user).post(API, choice(offered)).json()
    second = client(user).post(API, choice(offered, TEN)).json()

    assert first["citizen"] == second["citizen"]
    assert first["citizen"]["email"] == user.email
    assert first["citizen"]["name"] == "Erika"
    assert first["manage_url"]
    listed = client(user).get(API).json()["results"]
    assert [row["id"] for row in listed] == [first["id"], second["id"]]
    assert Appointment.objects.first().events.get().actor == user


def test_one_may_be_called_otherwise_than_in_the_account(offered):
    user = UserFactory()

    response = book(offered, client(user), citizen={**WHO, "email": user.email})

    citizen = Citizen.objects.get()
    assert response.status_code == 201
    assert (citizen.name, citizen.user, citizen.email) == (
        "Ada Example",
        user,
        user.email,
    )


def test_signed_in_one_does_not_book_for_others(offered):
    response = book(offered, client(UserFactory()))

    assert refused_field(response) == ("citizen.email", "not_yours")


def test_staff_book_for_citizens(offered):
    secretary = member(offered)

    response = book(offered, client(secretary))

    appointment = Appointment.objects.get()
    assert response.json()["citizen"]["email"] == "ada@example.org"
    assert response.json()["manage_url"] == links.url_for(appointment)
    assert history(appointment) == [(EventKind.BOOKED, "staff", secretary.pk, "")]


def test_a_program_books_if_its_key_may(offered):
    may = ApiKeyFactory(
        offices=[offered.office], permissions={Permission.BOOK_APPOINTMENTS}
    )
    may_not = ApiKeyFactory(offices=[offered.office])

    refused = book(offered, client(headers={"X-API-Key": may_not.secret}))
    booked = book(offered, client(headers={"X-API-Key": may.secret}))

    assert told(refused) == (403, "permission_denied")
    assert booked.status_code == 201
    assert Appointment.objects.get().events.get().actor == may.user


def test_who_may_only_look_is_not_given_the_link(offered):
    """It moves and cancels, which a host may not."""
    AppointmentFactory(offered=offered)

    urls = {
        role: client(member(offered, role)).get(API).json()["results"][0]["manage_url"]
        for role in Role
    }

    assert {role for role, url in urls.items() if url} == {
        Role.MANAGER,
        Role.SECRETARY,
        Role.RECEPTION,
    }


# --- guests, by their token ---


def test_a_guest_looks_moves_and_cancels(offered):
    appointment = AppointmentFactory(offered=offered)
    address, guest = f"{API}/{appointment.pk}", client(headers=by_token(appointment))

    moved = guest.post(f"{address}/reschedule", {"starts_at": TEN})
    changed = guest.patch(address, {"purpose": "Two passports"})
    events = guest.get(f"{address}/events")
    cancelled = guest.delete(f"{address}?reason=Ill")

    assert [r.status_code for r in (moved, changed, events, cancelled)] == [200] * 4
    assert moved.json()["starts_at"] == TEN
    assert changed.json()["purpose"] == "Two passports"
    assert [e["kind"] for e in events.json()["results"]] == ["booked", "rescheduled"]
    assert cancelled.json()["status"] == "cancelled"
    assert history(appointment)[1:] == [
        (EventKind.RESCHEDULED, "citizen", None, ""),
        (EventKind.CANCELLED, "citizen", None, "Ill"),
    ]
    assert claimed() == 0


def test_a_token_opens_one_appointment(offered):
    mine = AppointmentFactory(offered=offered)
    other = AppointmentFactory(
        offered=offered, starts_at=mine.starts_at + timedelta(hours=1)
    )
    guest = client(headers=by_token(mine))

    assert told(guest.get(f"{API}/{other.pk}")) == (404, "not_found")
    assert told(guest.get(f"{API}/{other.pk}/events")) == (404, "not_found")
    assert told(guest.get(API)) == (401, "not_authenticated")
    assert told(guest.post(f"{API}/{mine.pk}/check-in")) == (401, "not_authenticated")
    assert told(guest.patch(f"{API}/{mine.pk}", {"note": "x"})) == (
        403,
        "permission_denied",
    )


@pytest.mark.parametrize("token", ["x", "x:y", "\xe4"])
def test_a_forged_token_opens_nothing(offered, token):
    appointment = AppointmentFactory(offered=offered)

    response = client(headers={"Appointment-Token": token}).get(
        f"{API}/{appointment.pk}"
    )

    assert told(response) == (401, "appointment_token_not_valid")


# --- holds ---


def test_a_hold_keeps_the_time_for_its_guest(offered):
    held = hold(offered).json()

    other = book(offered)
    own = book(offered, hold=held["id"])

    assert held["starts_at"] == NINE
    assert held["expires_at"] == "2030-03-12T08:10:00+01:00"
    assert told(other) == (409, "slot_taken")
    assert own.status_code == 201
    assert Hold.objects.count() == 0


def test_a_hold_of_an_account_is_its_own(offered):
    user = UserFactory()
    held = hold(offered, client(user)).json()

    assert told(book(offered, hold=held["id"])) == (409, "hold_expired")
    assert told(client().delete(f"{API}/holds/{held['id']}")) == (404, "not_found")
    booked = client(user).post(API, choice(offered, hold=held["id"]))
    assert booked.status_code == 201


def test_after_a_hold_the_time_is_booked_if_it_is_still_free(offered, clock):
    held = hold(offered).json()
    clock.shift(timedelta(minutes=11))

    assert book(offered, hold=held["id"]).status_code == 201


def test_after_a_hold_the_time_may_be_gone(offered, clock):
    held = hold(offered).json()
    clock.shift(timedelta(minutes=11))
    book(offered)

    assert told(book(offered, hold=held["id"])) == (409, "hold_expired")


def test_moving_from_a_hold(offered):
    appointment = AppointmentFactory(offered=offered)
    held = hold(offered, at=TEN).json()

    moved = client(headers=by_token(appointment)).post(
        f"{API}/{appointment.pk}/reschedule", {"starts_at": TEN, "hold": held["id"]}
    )

    assert moved.json()["starts_at"] == TEN
    assert (Hold.objects.count(), claimed()) == (0, 1)


def test_staff_who_book_release_what_others_keep(offered):
    held = hold(offered, client(UserFactory())).json()
    address = f"{API}/holds/{held['id']}"
    elsewhere = OfficeServiceFactory()

    refused = [
        told(client(member(elsewhere)).delete(address)),
        told(client(member(offered, Role.HOST)).delete(address)),
        told(client(member(offered)).delete(address, headers={"If-Match": '"old"'})),
    ]
    released = client(member(offered)).delete(address)

    assert refused == [
        (404, "not_found"),
        (403, "permission_denied"),
        (412, "precondition_failed"),
    ]
    assert released.status_code == 204
    assert not Hold.objects.exists()
    assert HostDay.objects.exclude(claimed=0).count() == 0


def test_a_hold_is_released_once(offered):
    held = hold(offered)
    address = f"{API}/holds/{held.json()['id']}"

    changed = client().delete(address, headers={"If-Match": '"x"'})
    released = client().delete(address, headers={"If-Match": held["ETag"]})
    again = client().delete(address)

    assert told(changed) == (412, "precondition_failed")
    assert (released.status_code, told(again)) == (204, (404, "not_found"))
    assert claimed() == 0


def test_one_client_keeps_so_many(offered, settings):
    settings.HOLDS_PER_CLIENT = 1
    user, secretary = client(UserFactory()), client(member(offered))
    hours = iter(range(9, 16))

    def keep(caller, **more):
        at = f"2030-03-13T{next(hours):02}:00:00+01:00"
        return told(hold(offered, caller, at, **more))

    assert [keep(user), keep(user, client="another")] == [
        (201, None),
        (409, "too_many_holds"),
    ]
    assert [keep(secretary, client=name) for name in ("a", "b", "a")] == [
        (201, None),
        (201, None),
        (409, "too_many_holds"),
    ]


# --- lists ---


@pytest.fixture
def three(offered):
    starts = [datetime(2030, 3, 13 + day, 8, tzinfo=UTC) for day in range(3)]
    return [AppointmentFactory(offered=offered, starts_at=start) for start in starts]


def ask(offered, query):
    response = client(member(offered)).get(f"{API}?{query}")
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def test_what_can_be_asked_for(offered, three):
    first, second, third = three
    Appointment.objects.filter(pk=third.pk).update(status=Status.CANCELLED)
    questions = {
        f"office={offered.office_id}": three,
        "office=987654": [],
        f"host={first.host_id}": three,
        f"service={offered.service_id}": three,
        "status=cancelled": [third],
        "status=cancelled&status=confirmed": three,
        f"citizen={second.citizen_id}": [second],
        f"citizen={second.citizen.email.upper()}": [second],
        "citizen=99999999999999999999": [],
        f"reference={first.reference.lower().replace('-', '')}": [first],
        "reference=nonsense": [],
        "from=2030-03-14": [second, third],
        "from=2030-03-14&to=2030-03-14": [second],
        "ordering=-starts_at": [third, second, first],
        "limit=1": [first],
    }

    answers = {question: ask(offered, question) for question in questions}

    assert answers == {
        question: [str(appointment.pk) for appointment in expected]
        for question, expected in questions.items()
    }


@pytest.mark.parametrize(
    "query",
    [
        *("office=x", "office=0", f"host={2**70}", "status=x", "from=13.3.2030"),
        *("to=x", "ordering=citizen", "cursor=x", "limit=0"),
    ],
)
def test_what_cannot_be_asked_for(offered, query):
    response = client(member(offered)).get(f"{API}?{query}")

    assert refused_field(response)[0] == query.partition("=")[0]


def test_a_page_leads_to_the_next(offered, three):
    caller, found = client(member(offered)), []
    url = f"{API}?limit=2"
    while url:
        page = caller.get(url).json()
        found.append([row["id"] for row in page["results"]])
        url = page["next"]

    assert found == [[str(a.pk) for a in three[:2]], [str(three[2].pk)]]


def test_a_list_asks_the_same_of_the_database_however_long_it_is(
    offered, three, django_assert_num_queries
):
    caller = client(member(offered))
    for limit in (1, 3):
        with django_assert_num_queries(4):
            caller.get(f"{API}?limit={limit}")


# --- changing ---


def test_a_change_is_all_or_nothing(offered):
    appointment = AppointmentFactory(offered=offered)
    host = client(member(offered, Role.HOST))

    refused = host.patch(f"{API}/{appointment.pk}", {"note": "Late", "starts_at": TEN})

    appointment.refresh_from_db()
    assert told(refused) == (403, "permission_denied")
    assert appointment.note == ""


def test_a_note_is_for_the_office_alone(offered):
    appointment = AppointmentFactory(offered=offered)
    address = f"{API}/{appointment.pk}"

    written = client(member(offered, Role.HOST)).patch(address, {"note": "Came late"})
    read = client(headers=by_token(appointment)).get(address)

    assert written.json()["note"] == "Came late"
    assert read.json()["note"] is None


def test_a_change_moves_to_another_host(offered):
    appointment = AppointmentFactory(offered=offered)
    other = OpenHostFactory(office=offered.office)

    moved = client(member(offered)).patch(
        f"{API}/{appointment.pk}", {"host": other.pk, "purpose": "x"}
    )

    assert moved.json()["host"] == other.pk
    assert moved.json()["starts_at"] == NINE
    assert moved.json()["purpose"] == "x"


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("patch", {"purpose": "New"}),
        ("patch", {"starts_at": TEN}),
        (
            "patch",
            {"starts_at": "2030-03-14T09:00:00+01:00", "hold": NO_HOLD},
        ),
        ("delete", None),
    ],
)
def test_nobody_changes_what_has_changed_meanwhile(offered, method, body):
    appointment = AppointmentFactory(offered=offered)
    caller, address = client(member(offered)), f"{API}/{appointment.pk}"
    stale = caller.get(address)["ETag"]
    fresh = caller.patch(address, {"note": "x"})["ETag"]

    refused = getattr(caller, method)(address, body, headers={"If-Match": stale})
    done = getattr(caller, method)(address, body, headers={"If-Match": fresh})

    assert told(refused) == (412, "precondition_failed")
    assert done.status_code == 200
    assert caller.get(address)["ETag"] == done["ETag"] != fresh


def test_what_is_not_changed_has_not_changed(offered):
    appointment = AppointmentFactory(offered=offered)
    caller = client(headers=by_token(appointment))
    etag = caller.get(f"{API}/{appointment.pk}")["ETag"]

    again = caller.get(f"{API}/{appointment.pk}", headers={"If-None-Match": etag})

    assert again.status_code == 304


# --- history ---


def test_citizens_do_not_read_who_of_the_staff_it_was(offered):
    appointment = AppointmentFactory(offered=offered)
    manager = member(offered, Role.MANAGER)
    address = f"{API}/{appointment.pk}"
    client(manager).post(
        f"{address}/postpone", {"starts_at": TEN, "reason": "Ill", "override": "Full"}
    )

    citizen = client(headers=by_token(appointment)).get(f"{address}/events").json()
    staff = client(manager).get(f"{address}/events").json()

    seen, known = citizen["results"][-1], staff["results"][-1]
    assert (seen["by"], seen["user"], seen["override"]) == ("staff", None, None)
    assert (known["by"], known["user"], known["override"]) == (
        "staff",
        manager.pk,
        "Full",
    )
    assert (seen["kind"], seen["reason"]) == ("postponed", "Ill")
    assert seen["previous_start"] == NINE


# --- safe to repeat ---


def test_a_repeated_booking_is_one(offered):
    first, again = [book(offered, key="once") for _ in range(2)]

    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert Appointment.objects.count() == 1


def test_a_refusal_is_repeated_too_and_leaves_nothing(offered):
    book(offered)
    first = book(offered, key="once")
    Appointment.objects.all().delete()
    HostDay.objects.update(claimed=0)

    again = book(offered, key="once")

    assert again.content == first.content
    assert (told(again), Citizen.objects.count()) == ((409, "slot_taken"), 1)


def test_the_link_is_not_kept_with_the_answer(offered):
    answer = book(offered, key="once").json()

    kept = IdempotencyKey.objects.get().body
    token = answer["manage_url"].rstrip("/").rpartition("/")[2]
    assert token not in kept
    assert token.rpartition(":")[2] not in kept


def race(offered, keys):
    calls = [partial(book, offered, key=key) for key in keys]
    with no_deadlocks():
        answers = at_once(*calls)
    return sorted(told(answer) for answer in answers if told(answer)[0] != 201), [
        answer for answer in answers if answer.status_code == 201
    ]


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_with_one_key_there_is_one_appointment(offered):
    refused, booked = race(offered, ["once"] * 100)

    assert Appointment.objects.count() == 1
    assert len({answer.content for answer in booked}) == 1
    assert set(refused) <= {(409, "idempotency_in_progress")}
    assert book(offered, key="once").content == booked[0].content


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_with_different_keys_one_gets_the_time(offered):
    refused, booked = race(offered, [f"key-{number}" for number in range(100)])

    assert (len(booked), Appointment.objects.count()) == (1, 1)
    assert refused == [(409, "slot_taken")] * 99
    assert (claimed(), Citizen.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_many_with_one_account_book_at_once(offered):
    """The first bookings of an account meet in making its Citizen."""
    offered.office.max_open_appointments = 50
    offered.office.save()
    user = UserFactory()
    starts = [f"2030-03-13T{hour:02}:00:00+01:00" for hour in range(8, 16)]

    with no_deadlocks():
        answers = at_once(
            *[partial(client(user).post, API, choice(offered, at)) for at in starts]
        )

    assert [answer.status_code for answer in answers] == [201] * 8
    assert Citizen.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_moves_that_compare_first_never_deadlock(offered):
    """Each locks its old day and its new one, in one order."""
    starts = [datetime(2030, 3, 13 + day, 8, tzinfo=UTC) for day in range(4)]
    rows = [AppointmentFactory(offered=offered, starts_at=start) for start in starts]
    secretary = member(offered)

    def swap(mine, to):
        caller, address = client(secretary), f"{API}/{mine.pk}"
        headers = {"If-Match": caller.get(address)["ETag"]}
        start = (to.starts_at + timedelta(hours=1)).isoformat()
        return caller.patch(address, {"starts_at": start}, headers=headers)

    with no_deadlocks():
        answers = at_once(
            *[partial(swap, *pair) for pair in zip(rows, rows[::-1], strict=True)]
        )

    assert [answer.status_code for answer in answers] == [200] * 4


def test_a_list_that_ends_before_it_begins_is_refused(offered):
    response = client(member(offered)).get(
        API, {"from": "2030-03-15", "to": "2030-03-14"}
    )

    assert (response.status_code, list(response.json()["errors"])) == (400, ["to"])


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 409), ({"If-Match": "*"}, 412)], ids=["blind", "sure"]
)
def test_what_changes_while_one_waits_is_not_what_one_named(
    offered, monkeypatch, headers, status
):
    """As when another move commits between our reading and our lock."""
    appointment = AppointmentFactory(offered=offered)

    def lose(*args, **kwargs):
        raise Changed

    for module, name in ((operations, "change"), (api_locks, "lock_with_days")):
        monkeypatch.setattr(module, name, lose)

    response = client(member(offered)).patch(
        f"{API}/{appointment.pk}", {"starts_at": TEN}, headers=headers
    )

    assert response.status_code == status


def test_the_document_lets_who_came_by_have_no_address():
    citizen = document()["components"]["schemas"]["Citizen"]["properties"]

    assert "format" not in citizen["email"]
