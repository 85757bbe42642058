"""Every endpoint answers as the OpenAPI document says, whatever it is asked.

schemathesis makes requests from the document, right ones and wrong ones, and looks at
each answer: no 500, no status, header or body that the document does not know. `make
fuzz` asks more.
"""

import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from accounts.models import SignIn
from accounts.tests.factories import SignInFactory, UserFactory
from accounts.tokens import pair
from appointments.tests.factories import (
    AppointmentFactory,
    CitizenFactory,
)
from availability.tests.factories import OpenHostFactory
from config.api.schema import document
from config.models import IdempotencyKey
from config.wsgi import application
from offices import operations
from offices.roles import Role
from offices.tests.factories import OfficeServiceFactory
from tests.worlds import office_named

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))

# It also holds that what fits the document is taken, and that what does not is not:
# but a wrong password fits, and 0 is good enough for a text.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
    ignored_auth,
]

api = schemathesis.openapi.from_dict(document())
api.app = application


def nobody():
    return None


def citizen():
    return UserFactory()


def manager():
    user = UserFactory()
    home = office_named("Home")
    operations.add_member(user, home, Role.MANAGER, by=None)
    # Somebody at the door, who has given no address.
    AppointmentFactory(
        offered=OfficeServiceFactory(office=home),
        citizen=CitizenFactory(email=""),
        host=OpenHostFactory(office=home),
    )
    return user


@pytest.fixture(params=[nobody, citizen, manager], ids=lambda make: make.__name__)
def caller(request, db):
    return request.param()


def access_of(user):
    """An access token; a new one once an example has ended what was good for it."""
    sign_in = SignIn.objects.live().filter(user=user).first()
    if sign_in is None:
        user.save()  # the account may have been deleted, too
        sign_in = SignInFactory(user=user)
    return pair(sign_in)["access"]


@pytest.fixture
def same_connection(db):
    """Have the site use this test's transaction, as Django's test client does."""
    signals = [request_started, request_finished]
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@api.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_it_answers_as_it_says(case, caller, same_connection):
    headers = {}
    if caller:
        headers["Authorization"] = f"Bearer {access_of(caller)}"

    IdempotencyKey.objects.all().delete()  # it does not think of new ones

    case.call_and_validate(headers=headers, checks=CHECKS)
