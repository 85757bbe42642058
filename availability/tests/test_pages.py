"""The finding pages as citizens meet them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from availability.models import HostDay
from availability.tests.factories import AvailabilityRuleFactory, OpenHostFactory
from offices.models import OfficeStatus
from offices.tests.factories import (
    ClosureFactory,
    HostFactory,
    OfficeFactory,
    OfficeServiceFactory,
    ServiceFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 3, 5, 6, 30, tzinfo=UTC)  # a Tuesday, 7:30 in Berlin


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def passport():
    return ServiceFactory(name="Reisepass", code="reisepass")


def offer(service, name, hours=(time(8), time(16)), **kwargs):
    """An office with one counter that offers a service."""
    offered = OfficeServiceFactory(service=service, office__name=name, **kwargs)
    OpenHostFactory(office=offered.office, hours=hours)
    return offered.office


def fill(office, days):
    """Take all the time of an office until some days from now."""
    until = office.today() + timedelta(days=days)
    for day in HostDay.objects.filter(office=office, day__lt=until):
        day.claimed = day.open
        day.save()


def text(response):
    """What the page says, without its tags."""
    inner = response.content.decode().partition("<main")[2].partition("</main>")[0]
    parts = (part.partition(">")[2] for part in inner.split("<"))
    return " ".join(" ".join(parts).split())


def card_names(response):
    return [card["name"] for card in response.context["cards"]]


# --- All of them --------------------------------------------------------------------

PAGES = [
    "/",
    "/search/",
    "/search/?q=reisepass",
    "/services/",
    "/services/reisepass/",
    "/offices/",
    "/offices/?q=rathaus",
    "/offices/rathaus/",
    "/accessibility/",
    "/privacy/",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_keeps_nothing_of_its_reader(client, passport, path):
    offer(passport, "Rathaus", office__slug="rathaus")

    response = client.get(path)

    assert response.status_code == 200
    assert response.cookies == {}
    assert not response.wsgi_request.session.accessed


@pytest.mark.parametrize("path", PAGES[:8])
def test_a_page_that_has_not_changed_is_not_sent_again(client, passport, path):
    offer(passport, "Rathaus", office__slug="rathaus")
    first = client.get(path)

    second = client.get(path, headers={"If-None-Match": first["ETag"]})
    german = client.get(
        path, headers={"If-None-Match": first["ETag"], "Accept-Language": "de"}
    )

    assert first["Cache-Control"] == "no-cache"
    assert {"Cookie", "Accept-Language"} <= set(first["Vary"].split(", "))
    assert (second.status_code, second.content) == (304, b"")
    assert german.status_code == 200


@pytest.mark.parametrize("path", PAGES[:8])
def test_a_page_only_answers(client, path):
    assert client.post(path).status_code == 405


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/", 4),
        ("/search/?q=reisepass", 2),
        ("/search/?q=rathaus", 2),
        ("/services/", 2),
        ("/services/reisepass/", 3),
        ("/services/reisepass/?quantity=2", 3),
        ("/offices/", 2),
        ("/offices/?q=rathaus", 1),
        ("/offices/rathaus-0/", 6),
    ],
)
@pytest.mark.parametrize("many", [1, 30])
def test_a_page_asks_as_much_of_many_rows_as_of_one(
    client, django_assert_num_queries, path, queries, many
):
    passport = ServiceFactory(name="Reisepass", code="reisepass", max_quantity=3)
    for number in range(many):
        office = offer(
            passport,
            f"Rathaus {number}",
            office__slug=f"rathaus-{number}",
            hours=(time(8), time(9)),
        )
        OfficeServiceFactory(office=office, service__name=f"Reisepass {number}")

    with django_assert_num_queries(queries):
        response = client.get(path)

    assert response.status_code == 200


# --- Home ---------------------------------------------------------------------------


def test_home_leads_to_services_offices_search_and_ones_appointment(client, passport):
    office = offer(passport, "Rathaus")

    page = client.get("/").content.decode()

    for path in [
        passport.get_absolute_url(),
        office.get_absolute_url(),
        reverse("offices:services"),
        reverse("offices:list"),
        reverse("appointments:find"),
    ]:
        assert f'href="{path}"' in page
    assert f'action="{reverse("offices:search")}"' in page


@pytest.mark.parametrize(
    ("environment", "hinted"), [("local", True), ("staging", False)]
)
def test_home_of_an_empty_site_says_so(client, settings, environment, hinted):
    settings.ENVIRONMENT = environment

    page = text(client.get("/"))

    assert "Nothing can be booked here yet" in page
    assert ("manage.py import_catalogue" in page) is hinted


# --- Search -------------------------------------------------------------------------


def test_search_counts_services_before_offices(client, passport):
    offer(passport, "Reisepassstelle")
    offer(ServiceFactory(name="Vorläufiger Reisepass"), "Rathaus")

    page = text(client.get("/search/?q=reisepas"))

    assert page.index("2 services") < page.index("1 office")
    assert page.index("Reisepass 15 minutes") < page.index("Vorläufiger Reisepass")


def test_search_without_a_find_suggests_what_is_like_it(client, passport):
    offer(passport, "Rathaus")

    response = client.get("/search/?q=raisepas")

    assert response.status_code == 200
    assert "Did you mean: Reisepass Nothing fits “raisepas”" in text(response)


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("", 200, "Nothing searched for yet"),
        ("   ", 200, "Nothing searched for yet"),
        ("🙂", 200, "Nothing fits “🙂”"),
        ("%", 200, "Nothing fits “%”"),
        ("<script>", 200, "Nothing fits “&lt;script&gt;”"),
        ("x" * 100, 200, "Nothing fits"),
        ("x" * 101, 422, "Search for at most 100 characters."),
        ("x" * 5_000, 422, "Search for at most 100 characters."),
        ("a\x00b", 422, "Null characters are not allowed."),
    ],
)
def test_search_answers_whatever_is_typed(client, passport, typed, status, said):
    offer(passport, "Rathaus")

    response = client.get("/search/", {"q": typed})

    assert response.status_code == status
    assert said in text(response)


def test_search_survives_a_broken_address(client):
    assert client.get("/search/?q=%ff%ed%a0%80").status_code == 200


# --- A to Z -------------------------------------------------------------------------


def test_services_stand_under_their_letters(client):
    for name in ["Änderung", "Abmeldung", "3 Kopien"]:
        OfficeServiceFactory(service__name=name)

    page = client.get("/services/").content.decode()

    assert text(client.get("/services/")) == (
        "All services from A to Z A 0–9 A All letters Abmeldung Änderung "
        "0–9 All letters 3 Kopien"
    )
    assert all(
        f'"{anchor}"' in page for anchor in ["#letter-A", "letter-A", "letter-other"]
    )


def test_no_services_are_said(client):
    assert "Nothing can be booked here yet" in text(client.get("/services/"))


# --- A service ----------------------------------------------------------------------


def test_service_page_tells_all_that_one_needs(client):
    service = ServiceFactory(
        name="Reisepass",
        duration=timedelta(minutes=20),
        description="<p>For journeys</p><script>x()</script>",
        what_to_bring="<ul><li>A photograph</li></ul>",
        fee="37,50 €",
        online_url="https://example.org/online",
    )
    offer(service, "Rathaus")

    response = client.get(service.get_absolute_url())

    for said in [
        "20 minutes",
        "What to bring A photograph",
        "Fee 37,50 €",
        "About this service For journeys",
        "You can do this online",
    ]:
        assert said in text(response)
    assert 'href="https://example.org/online"' in response.content.decode()
    assert "x()" not in text(response)


def test_offices_are_listed_soonest_first_or_by_name(client, passport):
    late = offer(passport, "Altes Rathaus", hours=(time(11), time(12)))
    soon = offer(passport, "Neues Rathaus")
    full = offer(passport, "Volles Rathaus")
    fill(full, days=100)
    fill(late, days=1)

    response = client.get("/services/reisepass/")
    by_name = client.get("/services/reisepass/?sort=name")

    assert [
        (card["name"], card["next_free"]) for card in response.context["cards"]
    ] == [
        ("Neues Rathaus", "Today, 08:30"),
        ("Altes Rathaus", "Tomorrow, 11:00"),
        ("Volles Rathaus", None),
    ]
    assert card_names(by_name) == ["Altes Rathaus", "Neues Rathaus", "Volles Rathaus"]
    for page in [response, by_name]:
        assert "The soonest time of all offices Today, 08:30 Neues Rathaus" in text(
            page
        )
        assert "No free times at present" in text(page)
    assert (
        f'href="/book/{soon.slug}/reisepass/2030-03-05/"' in response.content.decode()
    )


def test_a_time_is_told_by_the_clock_of_its_office(client, passport):
    offer(passport, "Kathmandu", office__time_zone="Asia/Kathmandu")

    page = text(client.get("/services/reisepass/"))

    assert "Next free time: Today, 13:15" in page


def test_a_service_without_free_times_says_so(client, passport):
    OfficeServiceFactory(service=passport, office__name="Rathaus")

    page = text(client.get("/services/reisepass/"))

    assert "No times are free at present" in page
    assert "Rathaus" in page
    assert "The soonest time" not in page


def test_how_many_is_asked_where_it_can_be_several(client):
    service = ServiceFactory(code="ausweis", max_quantity=2)
    office = offer(service, "Rathaus", hours=(time(9), time(9, 15)))
    offer(service, "Amt", own_max_quantity=1)
    large = offer(service, "Großes Rathaus", own_max_quantity=4)

    one = client.get("/services/ausweis/")
    two = client.get("/services/ausweis/?quantity=2")

    assert one.context["form"].fields["quantity"].choices == [
        (1, "1"),
        (2, "2"),
        (3, "3"),
        (4, "4"),
    ]
    assert [
        (card["name"], card["next_free"], card["full"], card["note"])
        for card in two.context["cards"]
    ] == [
        ("Großes Rathaus", "Today, 08:30", True, ""),
        ("Amt", None, False, "At most 1 in one visit"),
        ("Rathaus", None, True, ""),
    ]
    page = two.content.decode()
    assert f'href="/book/{large.slug}/ausweis/?quantity=2"' in page
    assert f'href="/book/{office.slug}/ausweis/?quantity=2"' in page
    assert "30 minutes" not in text(one)


def test_how_many_is_not_asked_where_it_can_only_be_one(client, passport):
    offer(passport, "Rathaus")

    assert "How many?" not in text(client.get("/services/reisepass/"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("quantity=0", "Choose one of the numbers."),
        ("quantity=9", "Choose one of the numbers."),
        ("quantity=-1", "Choose one of the numbers."),
        ("quantity=many", "Choose one of the numbers."),
        ("quantity=1%00", "Choose one of the numbers."),
        ("sort=distance", "Choose one of the orders."),
    ],
)
def test_a_wish_that_cannot_be_is_refused(client, query, said):
    service = ServiceFactory(code="ausweis", max_quantity=2)
    offer(service, "Rathaus")

    response = client.get(f"/services/ausweis/?{query}")

    assert response.status_code == 422
    assert said in text(response)
    assert card_names(response) == ["Rathaus"]


def test_an_office_that_takes_nobody_is_named_but_not_booked(client, passport):
    offer(passport, "Rathaus")
    shut = offer(passport, "Amt", office__status=OfficeStatus.SUSPENDED)
    offer(passport, "Altbau", office__status=OfficeStatus.CLOSED)
    offer(passport, "Keller", office__is_public=False)
    offer(passport, "Nur am Schalter", is_public=False)

    response = client.get("/services/reisepass/")

    assert card_names(response) == ["Rathaus", "Amt"]
    assert "Takes no appointments at present" in text(response)
    assert response.context["cards"][1]["url"] == shut.get_absolute_url()


def test_a_different_duration_is_told(client, passport):
    offer(passport, "Rathaus", own_duration=timedelta(minutes=45))

    assert "45 minutes" in text(client.get("/services/reisepass/"))


def test_offices_behind_one_door_are_told_apart(client, passport):
    offer(passport, "Bürgerbüro")
    second = offer(passport, "Bürgerbüro")
    for name in ["Umzug", "Ausweis", "Heirat"]:
        OfficeServiceFactory(office=second, service__name=name)

    page = text(client.get("/services/reisepass/"))

    assert page.count("Also for:") == 1
    assert "Also for: Ausweis · Heirat and 1 more" in page


@pytest.mark.parametrize(
    "hidden",
    [
        {"service__is_public": False},
        {"is_public": False},
        {"office__is_public": False},
        {"office__status": OfficeStatus.CLOSED},
    ],
)
def test_a_service_that_nobody_offers_is_not_found(client, hidden):
    OfficeServiceFactory(service__code="reisepass", **hidden)

    assert client.get("/services/reisepass/").status_code == 404


def test_unknown_pages_are_not_found(client):
    assert client.get("/services/nothing/").status_code == 404
    assert client.get("/offices/nowhere/").status_code == 404
    assert client.get("/offices/a%00b/").status_code == 404


# --- Offices ------------------------------------------------------------------------


def test_offices_are_listed_and_filtered(client, passport):
    offer(passport, "Rathaus Nord", office__street="Kranichweg 3")
    OfficeFactory(name="Bauhof")
    OfficeFactory(name="Amt", status=OfficeStatus.SUSPENDED)
    OfficeFactory(name="Keller", is_public=False)

    everything = text(client.get("/offices/"))
    found = text(client.get("/offices/?q=kranichwg"))
    nothing = text(client.get("/offices/?q=xyzzy"))

    assert "3 offices Amt" in everything
    assert "Takes no appointments at present" in everything
    assert (
        "Bauhof Marktplatz 1, 12345 Musterstadt Nothing can be booked here"
        in everything
    )
    assert "1 office for “kranichwg” Rathaus Nord" in found
    assert "No office fits “xyzzy”" in nothing


def test_an_empty_list_of_offices_says_so(client):
    assert "There are no offices here yet" in text(client.get("/offices/"))


def test_offices_refuse_what_is_too_long(client):
    response = client.get("/offices/", {"q": "x" * 101})

    assert response.status_code == 422
    assert "Search for at most 100 characters." in text(response)


@pytest.fixture
def hall():
    return OfficeFactory(
        name="Rathaus",
        slug="rathaus",
        latitude=48.137,
        longitude=11.575,
        phone="089 1234",
        email="rathaus@example.org",
        website="https://example.org/",
        accessibility="No steps\n\nA lift",
        description="<p>By the river</p>",
    )


def test_office_page_tells_all_that_one_needs(client, hall):
    OfficeServiceFactory(
        office=hall, service__name="Umzug", own_duration=timedelta(minutes=25)
    )
    OfficeServiceFactory(office=hall, service__name="Geheim", is_public=False)
    AvailabilityRuleFactory(host=HostFactory(office=hall), weekdays=[1, 2])

    response = client.get("/offices/rathaus/")

    for said in [
        "Marktplatz 1 12345 Musterstadt",
        "089 1234",
        "Monday 08:00 – 16:00 Tuesday (today) 08:00 – 16:00 Wednesday closed",
        "Accessibility No steps A lift",
        "About this office By the river",
        "Services you can book here Umzug 25 minutes",
    ]:
        assert said in text(response)
    assert "Geheim" not in text(response)
    assert response.context["map_url"] == (
        "https://www.openstreetmap.org/?mlat=48.137&mlon=11.575&zoom=17"
    )


def test_a_map_is_asked_for_the_address_of_an_office_without_coordinates(client):
    OfficeFactory(slug="bauhof")
    OfficeFactory(slug="nowhere", street="", postal_code="", city="")

    bauhof, nowhere = client.get("/offices/bauhof/"), client.get("/offices/nowhere/")

    assert bauhof.context["map_url"] == (
        "https://www.openstreetmap.org/search?query=Marktplatz+1%2C+12345+Musterstadt"
    )
    assert "Show on a map" not in text(nowhere)


def test_services_of_an_office_lead_to_its_days(client, hall):
    OfficeServiceFactory(office=hall, service__code="umzug")

    page = client.get("/offices/rathaus/").content.decode()

    assert 'href="/book/rathaus/umzug/"' in page


def test_an_office_tells_what_will_be_different(client, hall):
    host = HostFactory(office=hall)
    AvailabilityRuleFactory(host=host, weekdays=[2])
    AvailabilityRuleFactory(host=host, weekdays=[], day=date(2030, 3, 9))

    def close(day, hour, until_day, until_hour, **kwargs):
        zone = hall.zone
        ClosureFactory(
            office=hall,
            starts_at=datetime(2030, 3, day, hour, tzinfo=zone),
            ends_at=datetime(2030, 3, until_day, until_hour, tzinfo=zone),
            **kwargs,
        )

    close(5, 0, 6, 0, reason="Betriebsausflug")
    close(8, 12, 8, 16, reason="Personalversammlung")
    close(11, 0, 12, 0, reason="Feiertag", kind="holiday", is_overridden=True)
    close(12, 0, 13, 0, reason="Ein Schalter", host=host)

    page = text(client.get("/offices/rathaus/"))

    assert "This office is closed now Today. Betriebsausflug" in page
    assert (
        "Different in the next 30 days Today closed Betriebsausflug "
        "Fri 8 March, 12:00 – 16:00 closed Personalversammlung "
        "Sat 9 March also open 08:00 – 16:00"
    ) in page
    assert "Feiertag" not in page
    assert "Ein Schalter" not in page


def test_an_office_without_hours_or_services_stays_readable(client, hall):
    page = text(client.get("/offices/rathaus/"))

    assert "Opening hours" not in page
    assert "Nothing can be booked at this office" in page


def test_a_suspended_office_leads_to_services_elsewhere(client, hall):
    hall.status = OfficeStatus.SUSPENDED
    hall.save()
    service = OfficeServiceFactory(office=hall).service

    response = client.get("/offices/rathaus/")

    assert "This office takes no appointments at present" in text(response)
    assert f'href="{service.get_absolute_url()}"' in response.content.decode()
    assert "/book/" not in response.content.decode()


def test_a_closed_office_says_so(client, hall):
    hall.status = OfficeStatus.CLOSED
    hall.save()
    OfficeServiceFactory(office=hall, service__name="Umzug")

    page = text(client.get("/offices/rathaus/"))

    assert "This office is closed for good" in page
    assert "Umzug" not in page


def test_a_hidden_office_is_not_found(client, hall):
    hall.is_public = False
    hall.save()

    assert client.get("/offices/rathaus/").status_code == 404
