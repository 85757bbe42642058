import pytest

from offices.models import OfficeStatus
from offices.queries import catalogue
from offices.tests.factories import (
    OfficeFactory,
    OfficeServiceFactory,
    ServiceFactory,
)

pytestmark = pytest.mark.django_db


def names(rows):
    return [row.name for row in rows]


def test_services_are_in_the_order_of_the_alphabet():
    for name in ["Zulassung", "Änderung", "abholung", "Reisepass"]:
        OfficeServiceFactory(service__name=name)

    assert names(catalogue.services()) == [
        "abholung",
        "Änderung",
        "Reisepass",
        "Zulassung",
    ]


def test_services_are_grouped_by_the_letter_people_look_under():
    for name in ["Änderung", "Abholung", "„Öffnung“ vorab", "3 Kopien"]:
        OfficeServiceFactory(service__name=name)

    letters = catalogue.by_initial(catalogue.services())

    assert [(letter, names(services)) for letter, services in letters] == [
        ("A", ["Abholung", "Änderung"]),
        ("O", ["„Öffnung“ vorab"]),
        ("#", ["3 Kopien"]),
    ]


def test_services_most_wanted_come_first():
    common, rare = ServiceFactory(name="Common"), ServiceFactory(name="Rare")
    OfficeServiceFactory.create_batch(2, service=common)
    OfficeServiceFactory(service=rare)
    OfficeServiceFactory.create_batch(3, service=rare, is_public=False)
    hidden = OfficeServiceFactory(service__is_public=False).service

    assert list(catalogue.most_wanted(5)) == [common, rare]
    assert list(catalogue.most_wanted(1)) == [common]
    assert list(catalogue.most_wanted(5, [hidden.pk, rare.pk, 0])) == [rare, common]


def test_offices_count_what_citizens_can_book_there():
    office = OfficeFactory()
    OfficeServiceFactory.create_batch(2, office=office)
    OfficeServiceFactory(office=office, is_public=False)
    OfficeServiceFactory(office=office, service__is_public=False)
    OfficeFactory(is_public=False)
    OfficeFactory(status=OfficeStatus.CLOSED)

    assert [each.service_count for each in catalogue.offices()] == [2]


def test_busiest_offices_are_open_ones():
    quiet, busy = OfficeFactory(name="A"), OfficeFactory(name="B")
    OfficeServiceFactory(office=busy)
    OfficeFactory(status=OfficeStatus.SUSPENDED)

    assert list(catalogue.busiest_offices(5)) == [busy, quiet]


def test_offices_behind_one_door_are_told_apart_by_what_they_do():
    first = OfficeFactory(name="Bürgerbüro")
    second = OfficeFactory(name="Bürgerbüro (II/22)")
    elsewhere = OfficeFactory(name="Bürgerbüro", street="Kranichweg 3")
    shared = OfficeServiceFactory(office=first, service__name="Ausweis").service
    OfficeServiceFactory(office=second, service=shared)
    OfficeServiceFactory(office=second, service__name="Umzug")
    offices = [first, second, elsewhere]

    catalogue.tell_apart(offices)

    assert [office.known_for for office in offices] == [
        ["Ausweis"],
        ["Umzug", "Ausweis"],
        [],
    ]


def test_telling_offices_apart_asks_nothing_where_all_differ(
    django_assert_num_queries,
):
    offices = OfficeFactory.create_batch(3)

    with django_assert_num_queries(0):
        catalogue.tell_apart(offices)
