"""Saving offices and hosts; what the forms show of it is in test_admin.py."""

from datetime import time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from appointments.tests.factories import tomorrow_at
from availability import operations
from availability.exceptions import HostRefused, HoursOverlap, StillBooked
from availability.models import HostDay
from availability.tests.factories import OpenHostFactory
from offices.models import Office
from offices.roles import Role
from offices.tests.factories import (
    HostFactory,
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def host():
    return OpenHostFactory(office=OfficeFactory(booking_horizon_days=3))


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.MANAGER}), ids=str)
def test_only_managers_save_offices_and_hosts(host, role):
    user = MembershipFactory(office=host.office, role=role).user

    with pytest.raises(PermissionDenied):
        operations.save_office(host.office, by=user)
    with pytest.raises(PermissionDenied):
        operations.save_host(host, by=user)


def test_a_manager_of_another_office_saves_neither(host):
    stranger = MembershipFactory(role=Role.MANAGER).user

    with pytest.raises(PermissionDenied):
        operations.save_office(host.office, by=stranger)
    with pytest.raises(PermissionDenied):
        operations.save_host(host, by=stranger)


def test_a_new_office_is_closed_on_its_public_holidays():
    office = OfficeFactory.build(booking_horizon_days=366)

    operations.save_office(office, by=None)

    assert office.closures.holidays().filter(reason="New Year's Day").exists()


def test_a_time_that_somebody_keeps_holds_the_time_zone_too(host):
    offered = OfficeServiceFactory(office=host.office)
    operations.hold(offered, tomorrow_at(host.office, time(11)), holder="somebody")
    host.office.time_zone = "Asia/Kathmandu"

    with pytest.raises(StillBooked):
        operations.save_office(host.office, by=None)
    assert Office.objects.get(pk=host.office.pk).time_zone == "Europe/Berlin"


def test_what_is_over_holds_nothing(host):
    past = host.office.today() - timedelta(days=1)
    HostDay.objects.create(host=host, office=host.office, day=past, claimed=1)
    host.office.time_zone = "Asia/Kathmandu"

    operations.save_office(host.office, by=None)

    assert Office.objects.get(pk=host.office.pk).time_zone == "Asia/Kathmandu"


def test_a_host_stays_at_its_office(host):
    host.office = OfficeFactory()

    with pytest.raises(HostRefused):
        operations.save_host(host, by=None)


def test_a_time_zone_that_makes_two_offices_overlap_is_refused(host):
    """Eight to twelve in Tokyo is over when Berlin opens at eight."""
    user = MembershipFactory(office=host.office).user
    host.user = user
    operations.save_host(host, by=None)
    tokyo = OfficeFactory(time_zone="Asia/Tokyo", country="JP", booking_horizon_days=3)
    OpenHostFactory(office=tokyo, user=user, hours=(time(8), time(12)))
    tokyo.time_zone = "Europe/Berlin"

    with pytest.raises(HoursOverlap):
        operations.save_office(tokyo, by=None)


def test_activating_a_host_again_opens_its_hours(host):
    host.is_active = False
    operations.save_host(host, by=None)
    closed = set(host.days.values_list("open", flat=True))
    host.is_active = True

    operations.save_host(host, by=None)

    assert closed == {0}
    assert 0 not in set(host.days.values_list("open", flat=True))


def test_a_new_host_has_its_days(host):
    new = HostFactory.build(office=host.office)

    operations.save_host(new, by=None)

    assert new.days.count() == 4
