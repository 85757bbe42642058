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


def test_looking_at_a_link_confirms_nothing_but_choosing_a_password_does(client):
    """Somebody else may have registered the address, with a password he knows."""
    operations.register(email=EMAIL, password=PASSWORD, name="Erika")
    path = link()

    shown = client.get(path)
    without = client.post(path, {"name": "Erika"})
    before = User.objects.count()
    done = client.post(path, {"name": "Erika M.", "password": NEW})
    again = client.post(path, {"name": "Erika", "password": PASSWORD})

    assert shown.context["form"].initial == {"name": "Erika"}
    assert (shown.status_code, without.status_code, before) == (200, 422, 0)
    assert (done.status_code, done.url) == (302, "/sign-in/")
    assert (again.status_code, "confirmed already" in again.text) == (409, True)
    user = User.objects.get()
    assert (user.name, user.check_password(NEW)) == ("Erika M.", True)


def test_a_link_that_is_none_is_refused_when_the_form_is_sent(client):
    path = "/account/confirm/x/"

    shown = client.get(path)
    refused = client.post(path, {"name": "Erika", "password": NEW})

    assert (shown.status_code, refused.status_code) == (200, 409)


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


# --- asking for a new password ---

FORGOTTEN = "/account/password/"


def test_whoever_has_forgotten_a_password_is_sent_a_link(client):
    user = UserFactory(email=EMAIL)

    client.post(FORGOTTEN, {"email": "Erika@Example.org"})
    client.post(link(), {"new_password": NEW})

    user.refresh_from_db()
    assert user.check_password(NEW)


def test_the_answer_tells_nobody_who_has_an_account(client):
    UserFactory(email=EMAIL)

    pages = [
        client.post(FORGOTTEN, {"email": email}, follow=True)
        for email in (EMAIL, "nobody@example.org")
    ]

    assert [page.redirect_chain for page in pages] == [[("/sign-in/", 302)]] * 2
    told = [str(*page.context["messages"]) for page in pages]
    assert told[0] == told[1]
    assert told[0].startswith("If there is an account")


def test_an_address_that_is_too_long_in_lower_case_is_refused(client):
    address = f"a@{'.'.join(['\u0130' * 50] * 4)}.org"
    response = client.post(FORGOTTEN, {"email": address})

    assert (len(address), response.status_code) == (209, 422)
    assert list(response.context["form"].errors) == ["email"]


def test_no_address_is_asked_for_again(client):
    response = client.post(FORGOTTEN, {"email": "erika"})

    assert response.status_code == 422
    assert not AccountMail.objects.exists()


@pytest.mark.parametrize("page", ["/sign-in/", "/admin/login/"])
def test_every_sign_in_leads_there(client, page):
    assert f'href="{FORGOTTEN}"' in client.get(page).text


def test_every_page_leads_to_the_sign_in(client):
    assert 'href="/sign-in/"' in client.get("/privacy/").text
