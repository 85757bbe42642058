"""A manager invites somebody, who opens the mail in a browser of her own."""

import re

import pytest
from django.core import mail

from accounts.models import AccountMail
from accounts.tasks import deliver_mail
from accounts.tests.factories import PASSWORD
from offices.roles import Role
from offices.tests.factories import MembershipFactory, OfficeFactory

pytestmark = pytest.mark.django_db(transaction=True)

DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture
def office():
    return OfficeFactory(name="Town hall")


@pytest.fixture
def manager(office):
    return MembershipFactory(office=office, role=Role.MANAGER, user__name="Max").user


def test_a_manager_invites_and_the_newcomer_begins_to_work(new_page, office, manager):
    theirs = new_page(viewport=DESKTOP)
    sign_in(theirs, manager)

    # The manager says who, and as what.
    theirs.goto("/admin/people/")
    theirs.get_by_role("link", name="Invite somebody").click()
    theirs.get_by_label("E-mail address").fill("erika@example.org")
    theirs.get_by_label("Name", exact=True).fill("Erika Example")
    theirs.get_by_label("Role").select_option(label="Reception")
    theirs.get_by_label("Position").fill("Front desk")
    theirs.get_by_role("button", name="Send the invitation").click()
    assert "Erika Example" in theirs.locator(".people").inner_text()

    # The newcomer opens the link on a phone, without JavaScript.
    page = new_page(java_script_enabled=False)
    page.goto(path_in_mail())
    assert heading(page) == "Work with Town hall"
    assert "check people in" in page.locator("main").inner_text()
    page.get_by_label("New password").fill("1234")
    page.get_by_role("button", name="Accept").click()
    assert page.get_by_role("alert").is_visible()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Accept").click()

    # She is signed in, and sees her work and not the manager's.
    assert "Welcome. You work with Town hall now." in page.locator("body").inner_text()
    page.goto("/admin/people/")
    assert "Erika Example" not in page.locator("body").inner_text()
    assert page.goto("/admin/appointments/appointment/").status == 200

    # The manager sees her among the members, and the link is used up.
    theirs.reload()
    row = theirs.get_by_role("row", name=re.compile("Erika Example"))
    assert "Reception" in row.inner_text()
    assert theirs.get_by_role("heading", name="Invited").count() == 0
    page.goto(path_in_mail())
    assert heading(page) == "This invitation cannot be accepted"


def sign_in(page, user):
    page.goto("/sign-in/")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")


def path_in_mail():
    for owed in AccountMail.objects.due():
        deliver_mail(owed.pk)
    return re.search(r"(/account/invitation/\S+)", mail.outbox[-1].body)[1]


def heading(page):
    return page.locator("h1").inner_text()
