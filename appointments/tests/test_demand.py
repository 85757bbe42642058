import pytest
from django.core.cache import cache

from appointments import demand
from appointments.tests.factories import AppointmentFactory
from config import caching
from config.circuit import Circuit
from offices.tests.factories import OfficeServiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()
    yield
    cache.clear()


def test_what_is_booked_most_stands_first_on_the_front_page(client):
    OfficeServiceFactory(service__name="Before in the alphabet")
    rare, common = AppointmentFactory(), AppointmentFactory()
    again = OfficeServiceFactory(service=common.service)
    AppointmentFactory(offered=again)

    page = client.get("/")

    assert demand.count() == [common.service_id, rare.service_id]
    assert list(page.context["services"])[:2] == [common.service, rare.service]


def test_the_count_is_kept_for_a_while(django_assert_num_queries):
    AppointmentFactory()
    first = demand.most_booked()

    with django_assert_num_queries(0):
        assert demand.most_booked() == first != []


def test_nothing_is_counted_for_each_reader_while_redis_is_away(
    client, monkeypatch, django_assert_num_queries
):
    service = AppointmentFactory().service
    monkeypatch.setattr(caching, "circuit", Circuit("redis"))
    caching.circuit.failed(ConnectionError())

    with django_assert_num_queries(0):
        assert demand.most_booked() == []
    assert list(client.get("/").context["services"]) == [service]
