"""The pages that mails about an account lead to."""

import re

import pytest
from django.core import mail

from accounts import operations
from accounts.models import AccountMail, User
from accounts.tasks import deliver_mail
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

EMAIL = "erika@example.org"
NEW = "staple battery horse correct"


def link():
    """The path of the link in the mail that is owed."""
    deliver_mail(AccountMail.objects.get().pk)
    return re.search(r"http://localhost:\d+(/account/\S+)", mail.outbox[-1].body)[1]


def test_looking_at_a_link_confirms_nothing_but_the_button_does(client):
    operations.register(email=EMAIL, password=PASSWORD, name="Erika")
    path = link()

    shown = client.get(path)
    before = User.objects.count()
    done = client.post(path)

    assert (shown.status_code, before) == (200, 0)
    assert (done.status_code, done.url) == (302, "/sign-in/")
    assert User.objects.get().check_password(PASSWORD)


def test_a_new_password_is_chosen_on_a_page(client):
    user = UserFactory(email=EMAIL)
    operations.ask_for_reset(EMAIL)
    path = link()

    weak = client.post(path, {"new_password": "password"})
    done = client.post(path, {"new_password": NEW})
    again = client.post(path, {"new_password": NEW})

    assert client.get(path).status_code == 200
    assert [r.status_code for r in (weak, done, again)] == [422, 302, 409]
    assert "too common" in weak.text
    user.refresh_from_db()
    assert user.check_password(NEW)
