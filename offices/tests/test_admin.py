import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.tests.factories import AdminFactory, UserFactory
from offices import operations
from offices.models import Membership, OfficeService, Service
from offices.roles import Role
from offices.tests.factories import (
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
    ServiceFactory,
)

pytestmark = pytest.mark.django_db

MEMBERSHIPS = reverse("admin:offices_membership_changelist")
ADD_MEMBERSHIP = reverse("admin:offices_membership_add")


@pytest.fixture
def office():
    return OfficeFactory()


@pytest.fixture
def manager(office, client):
    user = MembershipFactory(office=office, role=Role.MANAGER).user
    client.force_login(user)
    return user


@pytest.fixture
def colleague(office):
    return MembershipFactory(office=office, role=Role.RECEPTION)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def end(client, *memberships):
    return client.post(
        MEMBERSHIPS,
        {"action": "end", "_selected_action": [m.pk for m in memberships]},
    )


def test_a_manager_gives_a_colleague_another_role(client, office, manager, colleague):
    client.post(
        ADD_MEMBERSHIP,
        {
            "user": colleague.user.pk,
            "office": office.pk,
            "role": "secretary",
            "position": "Front office",
        },
    )

    made = Membership.objects.get(role="secretary")
    assert (made.user, made.office, made.position) == (
        colleague.user,
        office,
        "Front office",
    )
    assert colleague.user.has_perm("offices.manage_hours", office)


def test_a_role_that_the_person_has_is_refused_on_the_form(
    client, office, manager, colleague
):
    response = client.post(
        ADD_MEMBERSHIP,
        {"user": colleague.user.pk, "office": office.pk, "role": colleague.role},
    )

    assert response.context["adminform"].form.non_field_errors() == [
        "This person already has this role at this office."
    ]
    assert Membership.objects.filter(user=colleague.user).count() == 1


def test_a_new_primary_contact_replaces_the_old(client, office, manager, colleague):
    old = operations.add_member(manager, office, Role.HOST, by=None, is_primary=True)

    client.post(
        ADD_MEMBERSHIP,
        {
            "user": colleague.user.pk,
            "office": office.pk,
            "role": "host",
            "is_primary": "on",
        },
    )

    old.refresh_from_db()
    assert not old.is_primary
    assert Membership.objects.get(is_primary=True).user == colleague.user


def test_nobody_gives_a_role_at_an_office_of_others(client, manager, colleague):
    elsewhere = OfficeFactory()

    response = client.post(
        ADD_MEMBERSHIP,
        {"user": colleague.user.pk, "office": elsewhere.pk, "role": "manager"},
    )

    assert list(response.context["adminform"].form.errors) == ["office"]
    assert not elsewhere.memberships.exists()


def test_nobody_gives_a_role_to_a_person_out_of_sight(client, office, manager):
    stranger = UserFactory()

    response = client.post(
        ADD_MEMBERSHIP, {"user": stranger.pk, "office": office.pk, "role": "host"}
    )

    assert list(response.context["adminform"].form.errors) == ["user"]
    assert not stranger.memberships.exists()


def test_who_manages_one_office_and_works_at_another_manages_only_the_one(
    client, office, manager
):
    other = OfficeFactory()
    operations.add_member(manager, other, Role.RECEPTION, by=None)

    response = client.get(ADD_MEMBERSHIP)

    offered = response.context["adminform"].form.fields["office"].queryset
    assert list(offered) == [office]


def test_memberships_end_by_an_action_with_a_line_for_each(
    client, office, manager, colleague
):
    last_manager = manager.memberships.get()

    response = end(client, colleague, last_manager)

    colleague.refresh_from_db()
    last_manager.refresh_from_db()
    assert (colleague.ended_at is None, last_manager.ended_at) == (False, None)
    assert sorted(said(response)) == sorted(
        [
            f"{colleague}: Ended.",
            f"{last_manager}: This is the office's last manager. "
            "Give somebody else that role first.",
        ]
    )


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.HOST, Role.RECEPTION])
def test_only_managers_manage_members(client, office, role, colleague):
    client.force_login(MembershipFactory(office=office, role=role).user)

    assert client.get(ADD_MEMBERSHIP).status_code == 403
    assert client.post(ADD_MEMBERSHIP, {}).status_code == 403
    end(client, colleague)
    colleague.refresh_from_db()
    assert colleague.ended_at is None


def test_members_are_not_told_who_else_works_where(client, office, colleague):
    client.force_login(colleague.user)

    rows = client.get(MEMBERSHIPS).context["cl"].queryset

    assert list(rows) == [colleague]


def test_a_membership_is_neither_edited_nor_deleted(client, manager, colleague):
    for view in ["change", "delete"]:
        path = reverse(f"admin:offices_membership_{view}", args=[colleague.pk])
        assert client.post(path, {"post": "yes", "role": "manager"}).status_code == 403

    colleague.refresh_from_db()
    assert colleague.role == Role.RECEPTION


def test_the_catalogue_is_read_by_members_and_written_by_superusers(client, manager):
    service = ServiceFactory()
    path = reverse("admin:offices_service_change", args=[service.pk])

    assert client.get(path).status_code == 200
    assert client.post(path, {}).status_code == 403
    client.force_login(AdminFactory())
    assert client.post(path, {}).status_code == 200


def test_html_is_sanitised_when_it_is_saved(client):
    client.force_login(AdminFactory())

    client.post(
        reverse("admin:offices_service_add"),
        {
            "name": "Passport",
            "code": "passport",
            "language": "en",
            "duration": "20",
            "max_quantity": "2",
            "description": '<p onclick="x()">New<script>alert(1)</script></p>',
            "what_to_bring": '<a href="javascript:x()">photo</a>',
            "fee": "<b>10</b>",
        },
    )

    service = Service.objects.get()
    assert "script" not in service.description + service.what_to_bring
    assert (service.description, service.fee) == ("<p>New</p>", "<b>10</b>")
    assert service.duration.total_seconds() == 20 * 60


def test_a_manager_offers_a_service(client, office, manager):
    service = ServiceFactory()

    client.post(
        reverse("admin:offices_officeservice_add"),
        {"office": office.pk, "service": service.pk, "buffer": "5"},
    )

    offered = OfficeService.objects.get()
    assert (offered.office, offered.service) == (office, service)


def test_a_service_is_offered_once(client, office, manager):
    offered = OfficeServiceFactory(office=office)

    response = client.post(
        reverse("admin:offices_officeservice_add"),
        {"office": office.pk, "service": offered.service.pk, "buffer": "0"},
    )

    assert response.context["adminform"].form.non_field_errors()
    assert OfficeService.objects.get() == offered
