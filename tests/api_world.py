"""A town for tests/test_api_matrix.py: who calls the API, and what there is to ask of.

Everything belongs to one office, but for the members of another. It is Tuesday, ten
past nine in Berlin; the appointment is of a citizen who has an account.
"""

from datetime import UTC, datetime, timedelta

from rest_framework.test import APIClient

from accounts import links as account_links
from accounts import tokens
from accounts.tests.factories import (
    PASSWORD,
    AdminFactory,
    RegistrationFactory,
    SignInFactory,
    UserFactory,
)
from appointments import feeds, links
from appointments.models import Appointment
from appointments.states import Status
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from availability import operations as availability
from availability.tests.factories import (
    AvailabilityExceptionFactory,
    AvailabilityRuleFactory,
    OpenHostFactory,
)
from notifications.states import Status as Delivery
from notifications.tests.factories import WebhookDeliveryFactory
from offices.roles import Permission, Role
from offices.tests.factories import (
    ApiKeyFactory,
    ClosureFactory,
    HostFactory,
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

NOW = datetime(2030, 3, 12, 8, 10, tzinfo=UTC)
TODAY = datetime(2030, 3, 12, 7, tzinfo=UTC)  # and over
TEN = "2030-03-13T10:00:00+01:00"
ELEVEN = datetime(2030, 3, 13, 10, tzinfo=UTC)

ROLES = {
    "rec": Role.RECEPTION,
    "hos": Role.HOST,
    "sec": Role.SECRETARY,
    "man": Role.MANAGER,
}
HERE, THERE = "of the office", "of another"
# Who calls, by groups. Of people without a role: nobody, a stranger with an account,
# the citizen whose appointment it is, and a guest with the token of its link. Programs
# have a key that may look, that may also book, or that may everything.
CALLERS = {
    "anybody": ["nob", "cit", "own", "lnk"],
    "with a key": ["see", "bks", "all"],
    HERE: list(ROLES),
    THERE: list(ROLES),
    "": ["adm"],
}
KEYS = {
    "see": {Permission.VIEW_APPOINTMENTS},
    "bks": {Permission.VIEW_APPOINTMENTS, Permission.BOOK_APPOINTMENTS},
    "all": set(Permission),
}


class World:
    def __init__(self):
        self.offered = OfficeServiceFactory(office__booking_horizon_days=3)
        self.office, self.service = self.offered.office, self.offered.service
        self.host, self.other_host = OpenHostFactory.create_batch(2, office=self.office)
        self.owner = UserFactory(email="own@example.org")
        self.appointment = AppointmentFactory(
            offered=self.offered,
            host=self.host,
            citizen=CitizenFactory(user=self.owner, email=self.owner.email),
        )
        self.delivery = WebhookDeliveryFactory(
            appointment=self.appointment, status=Delivery.FAILED
        )
        self.member = MembershipFactory(office=self.office, role=Role.HOST).user
        self.feed = feeds.add(self.office, host=None, by=self.member)
        self.elsewhere = OfficeFactory(booking_horizon_days=2)
        self.clients = self.make_callers()

    # --- who ---

    def make_callers(self):
        """{(group, who): a client that is signed in as somebody of that column}."""
        accounts = {
            ("anybody", "cit"): UserFactory(),
            ("anybody", "own"): self.owner,
            ("", "adm"): AdminFactory(),
        }
        for who, role in ROLES.items():
            for group, office in [(HERE, self.office), (THERE, self.elsewhere)]:
                member = MembershipFactory(office=office, role=role)
                accounts[group, who] = member.user
        token = links.token_for(self.appointment)
        clients = {
            ("anybody", "nob"): {},
            ("anybody", "lnk"): {"Appointment-Token": token},
        }
        for who, permissions in KEYS.items():
            key = ApiKeyFactory(offices=[self.office], permissions=permissions)
            clients["with a key", who] = {"X-API-Key": key.secret}
        for caller, user in accounts.items():
            access = tokens.pair(SignInFactory(user=user))["access"]
            clients[caller] = {"Authorization": f"Bearer {access}"}
        return {caller: APIClient(headers=sent) for caller, sent in clients.items()}

    # --- what ---

    def ids(self, address):
        """What the names in an address stand for."""
        kind = address.removeprefix("auth/").removeprefix("availability/")
        kind = kind.removeprefix("offices/{office}/").partition("/{id}")[0]
        made = {
            "appointments": lambda: self.appointment,
            "appointments/holds": self.hold,
            "closures": self.closure,
            "exceptions": self.exception,
            "rules": lambda: AvailabilityRuleFactory(
                host=HostFactory(office=self.office)
            ),
            "services": lambda: self.service,
            "calendar-feeds": lambda: self.feed,
            "webhooks": lambda: self.delivery.endpoint,
            "webhooks/{webhook}/deliveries": lambda: self.delivery,
        }
        row = made[kind]().pk if "{id}" in address else None
        return {
            "id": row,
            "office": self.office.pk,
            "host": self.other_host.pk,
            "appointment": self.appointment.pk,
            "user": self.member.pk,
            "code": "not_found",
            "webhook": self.delivery.endpoint_id,
        }

    def hold(self):
        holder = f"api:{self.owner.pk}"
        return availability.hold(self.offered, ELEVEN, holder=holder)

    def closure(self):
        later = ELEVEN + timedelta(days=1)
        return ClosureFactory(
            office=self.office, starts_at=later, ends_at=later + timedelta(hours=1)
        )

    def exception(self):
        return AvailabilityExceptionFactory(host=self.host, day=ELEVEN.date())

    def prepare(self, status):
        """Have the appointment be today's, and in a certain state, if one is named."""
        if status is None:
            return
        today = {"starts_at": TODAY, "ends_at": TODAY + timedelta(minutes=15)}
        busy = {"day": TODAY.date(), "busy_until": today["ends_at"]}
        same = Appointment.objects.filter(pk=self.appointment.pk)
        same.update(status=status, **today, **busy, checked_in_at=NOW, ticket=1)

    # --- what to send, by operation ---

    def sent(self, name):
        """The body of a request; the query of a GET; None for neither."""
        if " auth/" in name:
            return self.of_accounts().get(name)
        return {**self.queries(), **self.bodies()}.get(name)

    def bodies(self):
        choice = {"office": self.office.pk, "service": self.service.pk}
        citizen = {"name": "Ada", "email": "ada@example.org"}
        away = {"host": self.other_host.pk, "kind": "away", "day": "2030-03-14"}
        closed = {"starts_at": "2030-03-14T09:00Z", "ends_at": "2030-03-14T10:00Z"}
        hours = {"weekdays": [1], "start_time": "08:00", "end_time": "12:00"}
        hook = {"url": "https://crm.example.org/hook", "events": ["booked"]}
        return {
            "POST appointments": {**choice, "starts_at": TEN, "citizen": citizen},
            "POST appointments (for oneself)": {**choice, "starts_at": TEN},
            "POST appointments/holds": {**choice, "starts_at": TEN},
            "POST appointments/walk-in": {**choice, "citizen": citizen},
            "PATCH appointments/{id}": {"purpose": "Another", "starts_at": TEN},
            "PATCH appointments/{id} (note)": {"note": "Came late"},
            "POST appointments/{id}/reschedule": {"starts_at": TEN},
            "POST appointments/{id}/close-out": {"outcome": "completed"},
            "POST appointments/{id}/grant-at": {"starts_at": TEN, "reason": "Full"},
            "POST appointments/{id}/postpone": {"starts_at": TEN, "reason": "Ill"},
            "POST appointments/{id}/reassign": {"host": self.other_host.pk},
            "POST appointments/{id}/call": {"host": self.host.pk},
            "POST offices/{office}/call-next": {"host": self.host.pk},
            "POST appointments/{id}/deny": {"reason": "Elsewhere"},
            "POST availability/hosts/{office}": {**hours, "host": self.host.pk},
            "PATCH availability/rules/{id}": {"end_time": "13:00"},
            "POST availability/exceptions": away,
            "PATCH availability/exceptions/{id}": {"reason": "Training"},
            "POST availability/closures": {"office": self.office.pk, **closed},
            "PATCH availability/closures/{id}": {"reason": "Moving"},
            "POST offices": {"name": "Registry", "slug": "registry"},
            "PATCH offices/{office}": {"phone": "1"},
            "POST offices/{office}/calendar-feeds": {},
            "POST offices/{office}/memberships": {
                "email": UserFactory().email,
                "role": "host",
            },
            "PATCH offices/{office}/memberships/{user}": {"position": "Desk"},
            "POST offices/{office}/webhooks": hook,
            "PATCH offices/{office}/webhooks/{id}": {"events": ["cancelled"]},
            "POST offices/hosts/assign": {"office": self.office.pk, "name": "New"},
            "PUT offices/hosts/{host}/office/{office}": {"name": "Room A"},
        }

    def of_accounts(self):
        user, new = UserFactory(), "staple battery horse correct"
        registration = RegistrationFactory()
        refresh = {"refresh": tokens.pair(SignInFactory(user=user))["refresh"]}
        return {
            "POST auth/register": {
                "email": "new@example.org",
                "password": new,
                "name": "New",
            },
            "POST auth/verify-email": {
                "token": account_links.registration_token(registration),
                "password": new,
            },
            "POST auth/login": {"email": user.email, "password": PASSWORD},
            "POST auth/refresh": refresh,
            "POST auth/logout": refresh,
            "PATCH auth/me": {"phone": "+49 30 123456"},
            "POST auth/me/delete": {"password": PASSWORD},
            "POST auth/password/change": {
                "current_password": PASSWORD,
                "new_password": new,
            },
            "POST auth/password/reset": {"email": user.email},
            "POST auth/password/reset/confirm": {
                "token": account_links.reset_token(user),
                "new_password": new,
            },
        }

    def queries(self):
        return {
            "GET availability/hosts/{office}/slots": {"service": self.service.pk},
            "GET availability/next": {"service": self.service.pk},
            "GET offices/search": {"q": "town"},
            "GET services/search": {"q": "passport"},
        }


# In which state an operation finds the appointment, if not confirmed for tomorrow.
BEFORE = {
    "POST appointments/{id}/approve": Status.PENDING,
    "POST appointments/{id}/close-out": Status.CONFIRMED,
    "POST appointments/{id}/deny": Status.PENDING,
    "POST appointments/{id}/grant-at": Status.PENDING,
    "POST appointments/{id}/check-in": Status.CONFIRMED,
    "POST appointments/{id}/call": Status.CHECKED_IN,
    "POST offices/{office}/call-next": Status.CHECKED_IN,
    "POST appointments/{id}/start": Status.CHECKED_IN,
    "POST appointments/{id}/complete": Status.IN_PROGRESS,
    "POST appointments/{id}/no-show": Status.CONFIRMED,
    "POST appointments/{id}/undo": Status.NO_SHOW,
}
