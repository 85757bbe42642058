"""Which accounts exist for whom."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import AccountMail, Registration, SignIn, User
from accounts.tests.factories import (
    AccountMailFactory,
    AdminFactory,
    RegistrationFactory,
    SignInFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def somebody():
    RegistrationFactory()
    AccountMailFactory()
    return SignInFactory().user


def counts(user):
    models = (User, SignIn, Registration, AccountMail)
    return [model.objects.visible_to(user).count() for model in models]


def test_for_who_is_not_signed_in_there_is_nobody(somebody):
    assert counts(AnonymousUser()) == [0, 0, 0, 0]


def test_people_see_themselves(somebody):
    SignInFactory()

    assert counts(somebody) == [1, 1, 0, 0]


def test_admins_see_all(somebody):
    assert counts(AdminFactory()) == [2, 1, 1, 1]
