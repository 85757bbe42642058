"""Who calls the API in tests. What each may: tests/api_matrix.txt."""

from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from offices.roles import Role
from offices.tests.factories import ApiKeyFactory, MembershipFactory, OfficeFactory

API = "/api/v1"


def caller(who, office):
    """A client that is signed in as `who`, seen from an office."""
    client = APIClient()
    if who == "citizen":
        client.force_authenticate(UserFactory())
    elif who == "admin":
        client.force_authenticate(UserFactory(is_superuser=True, is_staff=True))
    elif who == "other manager":
        other = MembershipFactory(office=OfficeFactory(), role=Role.MANAGER)
        client.force_authenticate(other.user)
    elif who != "nobody":
        client.force_authenticate(MembershipFactory(office=office, role=who).user)
    return client


def machine(office, *permissions):
    """A client with an API key for an office."""
    client = APIClient()
    key = ApiKeyFactory(offices=[office], permissions=set(permissions))
    client.credentials(HTTP_X_API_KEY=key.secret)
    return client


def told(response):
    """The status, and the code of a problem."""
    return response.status_code, response.json().get("code")


def errors(response):
    """The status, and the names of the fields that are wrong."""
    return response.status_code, sorted(response.json().get("errors", {}))
