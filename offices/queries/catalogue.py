"""What citizens can find, as lists to read."""

import re
import unicodedata
from collections import defaultdict

from django.db import connection
from django.db.models import Case, Count, Q, When

from offices.functions import Fold
from offices.models import Office, OfficeService, Service
from offices.translated import choose, shown

SERVICE_TEXTS = [
    *("description", "what_to_bring", "fee", "keywords", "search_text"),
    *("description_translations", "what_to_bring_translations", "fee_translations"),
    *("keywords_translations", "translated_search_text"),
]
OFFICE_TEXTS = [
    *("description", "accessibility", "keywords", "search_text"),
    *("description_translations", "accessibility_translations"),
    *("keywords_translations", "translated_search_text"),
]
IN_BRACKETS = re.compile(r"\s*\([^()]*\)$")
OTHER = "#"  # where names go that begin with no letter

OFFERED = Q(
    offered__is_public=True,
    offered__service__is_public=True,
    offered__office__is_public=True,
)


# Of each table that lists are made of: which rows there are, each in which version (it
# is named by the transaction that wrote it). Summed up as hashes, in any order; so no
# two committed states are alike, whoever wrote them and in whatever order.
HASH = "sum(hashint8extended({0}.xmin::text::bigint, {0}.id))::text"
VERSION = f"""
SELECT (SELECT {HASH.format("office")} FROM offices_office AS office),
       (SELECT {HASH.format("service")} FROM offices_service AS service),
       (SELECT {HASH.format("offered")} FROM offices_officeservice AS offered)
"""  # noqa: S608 (put together from our own constants)  # nosec B608


def version():
    """Names the state of all offices, services and what is offered, as committed."""
    with connection.cursor() as cursor:
        cursor.execute(VERSION)
        return cursor.fetchone()


def services():
    """All services, as people sort: Ä with A. Each has a `folded_name`, of its name
    in the language of whoever reads.
    """
    return (
        Service.objects.listed()
        .defer(*SERVICE_TEXTS)
        .annotate(folded_name=Fold(shown("name")))
        .order_by("folded_name", "pk")
    )


def by_initial(listed):
    """[(letter, services)] of `services()`, in the order of the alphabet."""
    letters = defaultdict(list)
    for service in listed:
        letters[initial(service.folded_name)].append(service)
    return sorted(letters.items(), key=lambda group: (group[0] == OTHER, group[0]))


def initial(folded_name):
    """The letter under which a name is looked up."""
    first = next(filter(str.isalnum, folded_name), OTHER)
    return unicodedata.normalize("NFD", first)[0].upper() if first.isalpha() else OTHER


def most_wanted(many, first=()):
    """Services that most people come for: those of the ids in `first`, in that
    order, then those that most offices offer.
    """
    places = [When(pk=pk, then=place) for place, pk in enumerate(first)]
    return (
        Service.objects.listed()
        .defer(*SERVICE_TEXTS)
        .annotate(
            place=Case(*places, default=len(places)),
            office_count=Count("offered", filter=OFFERED),
        )
        .order_by("place", "-office_count", Fold(shown("name")), "pk")[:many]
    )


def offices():
    """All offices by name, each with its `service_count`."""
    return (
        Office.objects.listed()
        .defer(*OFFICE_TEXTS)
        .annotate(
            service_count=Count("offered", filter=OFFERED),
            folded_name=Fold(shown("name")),
        )
        .order_by("folded_name", "street", "-service_count", "pk")
    )


def busiest_offices(many):
    """The open offices with the most services."""
    return offices().bookable().order_by("-service_count", "folded_name", "pk")[:many]


def tell_apart(offices):
    """Give each office `known_for`: where name and address are shared with another,
    the names of its services, those first that the other does not have; else [].

    Big houses have several offices behind one door. What stands in brackets after a
    name ("Citizens' office (II/22)") says little to those who come.
    """
    doors = defaultdict(list)
    for office in offices:
        office.known_for = []
        doors[IN_BRACKETS.sub("", office.name), *office.address].append(office)
    shared = {
        office.pk: office for door in doors.values() if len(door) > 1 for office in door
    }
    if shared:
        _name_services(shared)


def _name_services(shared):
    named = defaultdict(list)
    common = defaultdict(int)
    offered = OfficeService.objects.public().filter(office__in=shared)
    facts = ["service__name", "service__language", "service__name_translations"]
    for office, *name in offered.values_list("office", *facts):
        name = choose(*name)
        named[office].append(name)
        common[name] += 1
    for office, names in named.items():
        shared[office].known_for = sorted(names, key=lambda name: (common[name], name))


def offered_at(office):
    """The OfficeServices that an office offers to citizens, by the service's name."""
    return (
        office.offered.filter(is_public=True, service__is_public=True)
        .select_related("service")
        .defer(*(f"service__{text}" for text in SERVICE_TEXTS))
        .order_by(Fold(shown("name", "service__")), "service")
    )
