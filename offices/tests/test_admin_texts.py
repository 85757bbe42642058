"""Editing texts in several languages in the admin."""

import pytest
from django.urls import reverse

from accounts.tests.factories import AdminFactory
from availability.tests.test_admin import office_fields
from offices.models import Office, Service, SettingChange
from offices.roles import Role
from offices.tests.factories import (
    MembershipFactory,
    OfficeFactory,
    ServiceFactory,
)

pytestmark = pytest.mark.django_db

PASSPORT = {"name": "Passport", "code": "passport", "language": "en"}
FIELDS = {**PASSPORT, "duration": "20", "max_quantity": "2"}


@pytest.fixture
def office():
    return OfficeFactory(name="Town hall", name_translations={"fr": "Mairie"})


@pytest.fixture
def service(office):
    return ServiceFactory(
        **PASSPORT, fee="<p>70 €</p>", name_translations={"fr": "Passeport"}
    )


def change(row):
    return reverse(f"admin:offices_{row._meta.model_name}_change", args=[row.pk])


def fieldsets(response):
    """{title: whether it is folded} of those with a language's texts."""
    return {
        str(title): "collapse" in options["classes"]
        for title, options in response.context["adminform"].fieldsets
        if "classes" in options
    }


def test_each_language_has_a_fieldset_that_says_what_is_missing(client, service):
    client.force_login(AdminFactory())

    response = client.get(change(service))

    assert fieldsets(response) == {
        "German, missing: name, fee": True,
        "French, missing: fee": False,
        "Spanish, missing: name, fee": True,
        "Arabic, missing: name, fee": True,
    }
    field = response.context["adminform"].form["name_ar"]
    assert 'lang="ar"' in str(field)
    assert 'dir="rtl"' in str(field)


def test_a_superuser_translates_a_service(client, service):
    client.force_login(AdminFactory())
    texts = {
        "name_fr": "Passeport biométrique",
        "fee_fr": '<p onclick="x()">70 €<script>alert(1)</script></p>',
        "keywords_ar": "سفر",
    }

    response = client.post(change(service), {**FIELDS, "fee": "<p>70 €</p>", **texts})

    service.refresh_from_db()
    assert response.status_code == 302
    assert service.name == "Passport"
    assert service.name_translations == {"fr": "Passeport biométrique"}
    assert service.fee_translations == {"fr": "<p>70 €</p>"}
    assert service.keywords_translations == {"ar": "سفر"}
    kept = SettingChange.objects.of(service).first()
    assert kept.before["name_translations"] == {"fr": "Passeport"}
    history = client.get(reverse("admin:offices_service_history", args=[service.pk]))
    assert "French: Passeport biométrique" in history.text


def test_a_new_service_comes_with_its_translations(client):
    client.force_login(AdminFactory())

    client.post(
        reverse("admin:offices_service_add"), {**FIELDS, "name_de": "Reisepass"}
    )

    assert Service.objects.get().name_translations == {"de": "Reisepass"}


def test_a_text_is_not_translated_into_its_own_language(client, service):
    client.force_login(AdminFactory())
    fields = {**FIELDS, "language": "fr", "name_fr": "Passeport"}

    response = client.post(change(service), fields)

    assert "name_fr" in response.context["adminform"].form.errors
    assert "French is the language of the texts themselves" in response.text
    service.refresh_from_db()
    assert service.language == "en"


def test_a_text_that_is_too_long_is_refused_beside_it(client, service):
    client.force_login(AdminFactory())

    response = client.post(change(service), {**FIELDS, "name_es": "P" * 201})

    assert list(response.context["adminform"].form.errors) == ["name_es"]


@pytest.mark.parametrize("role", sorted(Role))
def test_members_read_the_translations_of_the_catalogue(client, service, role):
    client.force_login(MembershipFactory(role=role).user)

    page = client.get(change(service))

    assert "<strong>French</strong>, name: " in page.text
    assert '<span lang="fr" dir="ltr">Passeport</span>' in page.text
    assert client.post(change(service), {**FIELDS, "name_fr": "X"}).status_code == 403


def test_a_manager_translates_the_own_office(client, office):
    client.force_login(MembershipFactory(office=office, role=Role.MANAGER).user)
    fields = office_fields(office, name_fr="Hôtel de ville", accessibility_de="Aufzug")

    client.post(change(office), fields)

    office.refresh_from_db()
    assert office.name_translations == {"fr": "Hôtel de ville"}
    assert office.accessibility_translations == {"de": "Aufzug"}


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.RECEPTION, 403), (Role.HOST, 403), (Role.SECRETARY, 403), (None, 404)],
)
def test_others_do_not(client, office, role, status):
    """None: a manager of another office."""
    member = (
        MembershipFactory(office=office, role=role)
        if role
        else MembershipFactory(role=Role.MANAGER)
    )
    client.force_login(member.user)

    response = client.post(change(office), office_fields(office, name_fr="X"))

    assert response.status_code == status
    assert Office.objects.get(pk=office.pk).name_translations == {"fr": "Mairie"}


def test_the_reason_of_a_closure_is_translated(client, office):
    secretary = MembershipFactory(office=office, role=Role.SECRETARY)
    client.force_login(secretary.user)
    fields = {
        "office": office.pk,
        "starts_at": "2031-03-03T08:00",
        "ends_at": "2031-03-03T12:00",
        "reason": "Training",
        "reason_fr": "Formation",
    }

    client.post(reverse("admin:offices_closure_add"), fields)

    closure = office.closures.get(reason="Training")
    assert closure.reason_translations == {"fr": "Formation"}


def test_a_list_shows_and_finds_what_is_not_translated(client, service):
    complete = {"de": "A", "fr": "A", "es": "A", "ar": "A"}
    ServiceFactory(name="Address", name_translations=complete)
    ServiceFactory(name="Auskunft", language="de", name_translations={"en": "Advice"})
    client.force_login(AdminFactory())
    address = reverse("admin:offices_service_changelist")

    page = client.get(address, {"missing": "de"})

    assert [str(row) for row in page.context["cl"].result_list] == ["Passport"]
    assert "German, French, Spanish, Arabic" in page.text
