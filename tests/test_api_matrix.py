"""Who may ask what of appointments by API: every role, every endpoint, one table.

The tables of offices, people and hours stand with their own tests, in offices/tests
and availability/tests; of `auth/…` everybody is asked alike.
"""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from appointments import links
from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from availability import operations as availability
from availability.tests.factories import OpenHostFactory
from config.api.schema import document
from offices.roles import Permission
from offices.tests.callers import API, caller, machine
from offices.tests.factories import OfficeServiceFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 3, 12, 8, 10, tzinfo=UTC)  # a Tuesday, 9:10 in Berlin
TODAY = datetime(2030, 3, 12, 8, tzinfo=UTC)
TEN = "2030-03-13T10:00:00+01:00"

# The columns. Of each appointment, its citizen with an account is "own", and a guest
# with the token of its link is "link". Programs have a key that may only look, "sees",
# or that may also book, "books". The others are of the office, but for "other", who
# manages another one; "citizen" is a stranger with an account.
WHO = [
    *("nobody", "citizen", "own", "link", "sees", "books"),
    *("reception", "host", "secretary", "manager", "other", "admin"),
]

# 200 or 201: allowed. 401: sign in. 403: may see it, may not do it. 404: not for you.
TABLE = """
                                nob cit own lnk see bks rec hos sec man oth adm
POST   appointments             201 201 201 201 403 201 201 201 201 201 201 201
POST   appointments/holds       201 201 201 201 201 201 201 201 201 201 201 201
DELETE appointments/holds/{id}  404 404 204 404 404 404 404 404 404 404 404 404
GET    appointments             401 200 200 401 200 200 200 200 200 200 200 200
POST   appointments/walk-in     401 403 403 401 403 403 201 201 201 201 403 201
GET    appointments/{id}        401 404 200 200 200 200 200 200 200 200 404 200
GET    appointments/{id}/events 401 404 200 200 200 200 200 200 200 200 404 200
PATCH  appointments/{id}        401 404 200 200 403 200 200 403 200 200 404 200
PATCH  appointments/{id}#note   401 404 403 403 403 403 200 200 200 200 404 200
DELETE appointments/{id}        401 404 200 200 403 200 200 403 200 200 404 200
POST   …/reschedule             401 404 200 200 403 200 200 403 200 200 404 200
POST   …/postpone               401 404 403 401 403 200 200 403 200 200 404 200
POST   …/reassign               401 404 403 401 403 200 200 403 200 200 404 200
POST   …/approve                401 404 403 401 403 403 403 200 200 200 404 200
POST   …/deny                   401 404 403 401 403 403 403 200 200 200 404 200
POST   …/check-in               401 404 403 401 403 403 200 200 200 200 404 200
POST   …/start                  401 404 403 401 403 403 200 200 200 200 404 200
POST   …/complete               401 404 403 401 403 403 200 200 200 200 404 200
POST   …/no-show                401 404 403 401 403 403 200 200 200 200 404 200
POST   …/undo                   401 404 403 401 403 403 200 200 200 200 404 200
"""

# In which state each request finds its appointment, if not confirmed for tomorrow.
BEFORE = {
    "approve": Status.PENDING,
    "deny": Status.PENDING,
    "check-in": Status.CONFIRMED,
    "start": Status.CHECKED_IN,
    "complete": Status.IN_PROGRESS,
    "no-show": Status.CONFIRMED,
    "undo": Status.NO_SHOW,
}


def rows():
    for line in TABLE.strip().splitlines()[1:]:
        method, address, *statuses = line.split()
        yield method, address.replace("…", "appointments/{id}"), statuses


def cases():
    for method, address, statuses in rows():
        for who, status in zip(WHO, statuses, strict=True):
            name = f"{method} {address} {who}"
            yield pytest.param(method, address, who, int(status), id=name)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def offered(clock):
    offered = OfficeServiceFactory(office__booking_horizon_days=2)
    OpenHostFactory.create_batch(2, office=offered.office)
    return offered


def appointment_for(verb, offered):
    """Of somebody with an account, as the request is to find it."""
    user = UserFactory(email="own@example.org")
    appointment = AppointmentFactory(
        offered=offered, citizen=CitizenFactory(user=user, email=user.email)
    )
    if verb in BEFORE:
        today = {"starts_at": TODAY, "ends_at": TODAY + timedelta(minutes=15)}
        busy = {"day": TODAY.date(), "busy_until": today["ends_at"]}
        same = Appointment.objects.filter(pk=appointment.pk)
        same.update(status=BEFORE[verb], **today, **busy)
        appointment.refresh_from_db()
    return appointment


def client_of(who, appointment):
    office, user = appointment.office, appointment.citizen.user
    looks = Permission.VIEW_APPOINTMENTS
    if who == "own":
        client = APIClient()
        client.force_authenticate(user)
        return client
    if who == "link":
        token = links.token_for(appointment)
        return APIClient(headers={"Appointment-Token": token})
    if who == "sees":
        return machine(office, looks)
    if who == "books":
        return machine(office, looks, Permission.BOOK_APPOINTMENTS)
    return caller({"other": "other manager"}.get(who, who), office)


def hold_of(appointment, offered):
    user = appointment.citizen.user
    start = appointment.starts_at + timedelta(hours=2)
    return availability.hold(offered, start, holder=f"api:{user.pk}")


def body_for(method, address, who, offered, appointment):
    choice = {"office": offered.office_id, "service": offered.service_id}
    others = offered.office.hosts.exclude(pk=appointment.host_id)
    if address == "appointments" and who in ("citizen", "own", "host", "other"):
        return {**choice, "starts_at": TEN}  # for themselves
    citizen = {"name": "Ada", "email": "ada@example.org"}
    return {
        "appointments": {**choice, "starts_at": TEN, "citizen": citizen},
        "appointments/holds": {**choice, "starts_at": TEN},
        "appointments/walk-in": {**choice, "citizen": citizen},
        "appointments/{id}": {"purpose": "Another", "starts_at": TEN},
        "appointments/{id}#note": {"note": "Came late"},
        "appointments/{id}/reschedule": {"starts_at": TEN},
        "appointments/{id}/postpone": {"starts_at": TEN, "reason": "Ill"},
        "appointments/{id}/reassign": {"host": others.get().pk},
        "appointments/{id}/deny": {"reason": "Elsewhere"},
    }.get(address)


@pytest.mark.parametrize(("method", "address", "who", "status"), list(cases()))
def test_who_may(method, address, who, status, offered):
    appointment = appointment_for(address.rpartition("/")[2], offered)
    thing = hold_of(appointment, offered) if "holds/" in address else appointment
    body = body_for(method, address, who, offered, appointment)
    body = body if method in ("POST", "PATCH") else None
    url = f"{API}/{address.partition('#')[0].format(id=thing.pk)}"

    response = getattr(client_of(who, appointment), method.lower())(url, body)

    assert response.status_code == status, response.content


def test_the_table_has_every_endpoint_of_appointments():
    told = {(method, address.partition("#")[0]) for method, address, _ in rows()}

    known = {
        (method.upper(), path.removeprefix(f"{API}/"))
        for path, item in document()["paths"].items()
        if path.startswith(f"{API}/appointments")
        for method in item
        if method != "parameters"
    }

    assert told == {
        (method, address.replace("{appointment_id}", "{id}"))
        for method, address in known
    }
