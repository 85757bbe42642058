import pytest
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import PASSWORD, AdminFactory, UserFactory
from offices.roles import Role
from offices.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

USERS = reverse("admin:accounts_user_changelist")
ADD = reverse("admin:accounts_user_add")


def page(user, view="change"):
    return reverse(f"admin:accounts_user_{view}", args=[user.pk])


def found(client):
    return set(client.get(USERS).context["cl"].queryset)


@pytest.fixture
def admin(client):
    user = AdminFactory()
    client.force_login(user)
    return user


@pytest.fixture
def manager(client):
    user = MembershipFactory(role=Role.MANAGER).user
    client.force_login(user)
    return user


@pytest.fixture
def colleague(manager):
    office = manager.memberships.get().office
    return MembershipFactory(office=office, user__phone="089 233").user


def new_user(email):
    return {
        "email": email,
        "name": "Ada Huber",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }


def test_an_admin_makes_an_account(client, admin):
    client.post(ADD, new_user("Ada@Example.org"))

    user = User.objects.get(email="ada@example.org")
    assert (user.name, user.is_staff) == ("Ada Huber", False)
    assert user.check_password(PASSWORD)


def test_an_address_has_one_account_however_it_is_written(client, admin):
    UserFactory(email="ada@example.org")

    response = client.post(ADD, new_user("ADA@example.org"))

    assert list(response.context["adminform"].form.errors) == ["email"]


def test_an_admin_changes_an_account_and_not_its_password(client, admin):
    user = UserFactory(name="Before")

    client.post(page(user), {"email": user.email, "name": "After", "is_active": "on"})

    user.refresh_from_db()
    assert user.name == "After"
    assert user.check_password(PASSWORD)


def test_an_admin_sets_a_password(client, admin):
    user = UserFactory()
    new = "another horse, another staple"
    path = reverse("admin:auth_user_password_change", args=[user.pk])

    client.post(path, {"usable_password": "true", "password1": new, "password2": new})

    user.refresh_from_db()
    assert user.check_password(new)


def test_a_manager_sees_the_people_of_the_office_and_changes_nobody(
    client, manager, colleague
):
    MembershipFactory()

    assert found(client) == {manager, colleague}
    assert "089 233" in client.get(page(colleague)).text
    assert client.post(page(colleague), {"name": "After"}).status_code == 403
    assert client.post(page(manager), {"is_superuser": "on"}).status_code == 403
    assert client.post(page(colleague, "delete"), {"post": "yes"}).status_code == 403
    assert client.post(ADD, new_user("new@example.org")).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[colleague.pk])
    assert client.get(password).status_code == 403


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.HOST, Role.RECEPTION])
def test_other_members_see_themselves_alone(client, role):
    membership = MembershipFactory(role=role)
    MembershipFactory(office=membership.office, role=Role.MANAGER)
    client.force_login(membership.user)

    assert found(client) == {membership.user}


def test_no_page_shows_a_password_hash(client, manager, colleague):
    assert colleague.password[-20:] not in client.get(page(colleague)).text


def test_a_password_hash_cannot_be_guessed_by_filters(client, manager, colleague):
    response = client.get(USERS, {"password__startswith": "md5"})

    assert response.status_code == 400


def test_groups_have_no_page(client, admin):
    """What a person may do follows from memberships, and from nothing else."""
    assert client.get("/admin/auth/group/").status_code == 404
