"""What a person may not see does not exist."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.tests.factories import AdminFactory, UserFactory
from appointments.models import Appointment, AppointmentEvent, Citizen
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from offices.tests.factories import MembershipFactory

MODELS = [Appointment, AppointmentEvent, Citizen]

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment():
    """A guest's; the same, for who is not signed in, as no user at all."""
    return AppointmentFactory()


@pytest.mark.parametrize("model", MODELS)
def test_visible_to_nobody_who_is_not_signed_in(appointment, model):
    assert list(model.objects.visible_to(AnonymousUser())) == []


@pytest.mark.parametrize("model", MODELS)
def test_visible_to_no_stranger(appointment, model):
    assert list(model.objects.visible_to(UserFactory())) == []


@pytest.mark.parametrize("model", MODELS)
def test_visible_to_no_member_of_another_office(appointment, model):
    member = MembershipFactory().user

    assert list(model.objects.visible_to(member)) == []


@pytest.mark.parametrize("model", MODELS)
def test_visible_to_members_and_admins(appointment, model):
    member = MembershipFactory(office=appointment.office).user

    for user in (member, AdminFactory()):
        assert list(model.objects.visible_to(user)) == list(model.objects.all())


def test_visible_to_its_citizen_with_an_account():
    citizen = CitizenFactory(user=UserFactory())
    own = AppointmentFactory(citizen=citizen)
    AppointmentFactory()

    assert list(Appointment.objects.visible_to(citizen.user)) == [own]
