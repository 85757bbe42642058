"""Whoever typed the wrong password too often, and is let in again."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse
from rest_framework.test import APIClient

from accounts import operations
from accounts.tests.factories import PASSWORD, AdminFactory, UserFactory

pytestmark = pytest.mark.django_db


def login(user, password=PASSWORD):
    body = {"email": user.email, "password": password}
    return APIClient().post("/api/v1/auth/login", body).status_code


@pytest.fixture
def locked_out():
    user = UserFactory()
    for _ in range(5):
        login(user, "wrong")
    assert login(user) == 429
    return user


def test_the_command_unlocks(locked_out, capsys):
    for _ in range(2):
        call_command("unlock_user", locked_out.email.upper())

    assert login(locked_out) == 200
    assert capsys.readouterr().out.splitlines() == [
        f"{locked_out.email} may try again.",
        f"{locked_out.email} was not locked out.",
    ]


def test_the_command_knows_whom_it_does_not_know():
    with pytest.raises(CommandError, match="There is no account"):
        call_command("unlock_user", "nobody@example.org")


def test_an_admin_unlocks(locked_out, client):
    client.force_login(AdminFactory())

    page = client.post(
        reverse("admin:accounts_user_changelist"),
        {"action": "unlock", "_selected_action": [locked_out.pk]},
        follow=True,
    )

    assert "May try again." in page.text
    assert login(locked_out) == 200


def test_others_do_not(locked_out):
    with pytest.raises(PermissionDenied):
        operations.unlock(locked_out, by=locked_out)
