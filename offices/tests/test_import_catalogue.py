"""An invented catalogue in the DLDB format, with the traps that real ones have."""

import json
from copy import deepcopy
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from offices.models import Office, OfficeService, OfficeStatus, Service
from offices.tests.factories import OfficeFactory, ServiceFactory

pytestmark = pytest.mark.django_db

APPOINTMENT_PAGE = "https://town.example.org/appointments.html#/services/1"


def service(key, name, **more):
    return {
        "id": key,
        "name": name,
        "description": f"<p>{name}</p>",
        "duration": 15,
        "maxQuantity": 2,
        "public": True,
        "meta": {"keywords": ""},
        **more,
    }


def link(key, **more):
    return {"service": key, "duration": 15, **more}


def location(key, name, *links, **more):
    return {
        "id": key,
        "name": name,
        "public": True,
        "address": {
            "street": "Quay",
            "house_number": "1",
            "postal_code": "00001",
            "city": "Larkhaven",
        },
        "geo": {"lat": "52.5", "lon": "-9.5"},
        "contact": {"email": "desk@example.org", "phone": "", "webinfo": ""},
        "services": list(links),
        **more,
    }


@pytest.fixture
def services():
    return [
        service("1", "Identity card"),
        service("2", "Address", duration=5, description="", fees="<p>Free<br></p>"),
    ]


@pytest.fixture
def locations():
    return [
        location("10", "Town hall (A 1)", link("1"), link("2", duration=20)),
        location("20", "Harbour office", link("1", public=False, maxQuantity=5)),
    ]


@pytest.fixture
def run(tmp_path, services, locations):
    """Import what the two lists hold at that moment; returns the output's lines."""

    def run(*options, services=services, locations=locations, raw=None):
        files = []
        for name, rows in (("locations", locations), ("services", services)):
            path = tmp_path / f"{name}.json"
            content = {"data": rows, "meta": {"datacount": 99}}
            path.write_text(json.dumps(content) if raw is None else raw, "utf-8")
            files.append(f"--{name}={path}")
        out = StringIO()
        try:
            call_command(
                "import_catalogue",
                *files,
                "--time-zone=Europe/Dublin",
                "--country=IE",
                *options,
                stdout=out,
            )
        finally:
            run.lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
        return run.lines

    return run


def everything():
    return [
        list(model.objects.order_by("pk").values())
        for model in (Office, Service, OfficeService)
    ]


def test_import_writes_offices_services_and_links(run):
    lines = run()

    assert lines[-3:] == ["service: 2 created", "office: 2 created", "link: 3 created"]
    hall = Office.objects.get(source="dldb", source_id="10")
    assert (hall.name, hall.slug, hall.time_zone, hall.country) == (
        "Town hall (A 1)",
        "town-hall-a-1",
        "Europe/Dublin",
        "IE",
    )
    assert (hall.address, hall.latitude, hall.longitude, hall.email) == (
        ["Quay 1", "00001 Larkhaven"],
        52.5,
        -9.5,
        "desk@example.org",
    )
    address = Service.objects.get(source_id="2")
    assert (address.code, address.duration, address.max_quantity, address.fee) == (
        "address",
        timedelta(minutes=5),
        2,
        "<p>Free</p>",
    )
    assert list(
        OfficeService.objects.order_by(
            "office__source_id", "service__source_id"
        ).values_list("own_duration", "own_max_quantity", "is_public")
    ) == [(None, None, True), (timedelta(minutes=20), None, True), (None, 5, False)]


def test_importing_again_changes_nothing(run):
    run()
    before = everything()

    lines = run()

    assert everything() == before
    assert [line.split()[0] for line in lines[:7]] == ["unchanged"] * 7
    assert lines[-3:] == [
        "service: 2 unchanged",
        "office: 2 unchanged",
        "link: 3 unchanged",
    ]


def test_importing_again_takes_few_queries(run, django_assert_max_num_queries):
    run()

    with django_assert_max_num_queries(9):
        run()


def test_what_differs_is_written_and_named(run, services, locations):
    run()
    services[1] |= {"name": "New address", "fees": None}
    locations[0]["geo"]["lat"] = 53
    del locations[1]["services"][0]["public"]
    stamps = dict(Office.objects.values_list("source_id", "updated_at"))

    lines = run()

    assert [line for line in lines if line.startswith("changed")] == [
        "changed service 2 New address: name, fee",
        "changed office 10 Town hall (A 1): latitude",
        "changed link 20/1 Harbour office – Identity card: is_public",
    ]
    assert Service.objects.get(source_id="2").code == "address"
    now = dict(Office.objects.values_list("source_id", "updated_at"))
    assert now["10"] > stamps["10"]
    assert now["20"] == stamps["20"]


def test_a_dry_run_says_the_same_and_writes_nothing(run):
    lines = run("--dry-run")

    assert lines[-4:] == [
        "service: 2 created",
        "office: 2 created",
        "link: 3 created",
        "Dry run: nothing was written.",
    ]
    assert everything() == [[], [], []]


def test_what_staff_set_and_the_source_does_not_tell_stays(run):
    run()
    Office.objects.update(
        status=OfficeStatus.SUSPENDED,
        lead_time=timedelta(hours=9),
        accessibility="A ramp",
        description="<p>Ours</p>",
        time_zone="Europe/Lisbon",
    )
    OfficeService.objects.update(buffer=timedelta(minutes=5))
    Service.objects.update(
        what_to_bring="<p>Ours</p>", online_url="https://example.org"
    )
    OfficeFactory(name="Ours"), ServiceFactory(name="Ours")
    before = everything()

    lines = run()

    assert everything() == before
    assert (
        "unchanged office 20 Harbour office: "
        "time_zone stays “Europe/Lisbon”: change it in the admin" in lines
    )


def test_what_vanished_from_the_source_is_named_and_left(run, services, locations):
    run()
    before = everything()
    del locations[0]["services"][1], locations[1], services[1]

    lines = run()

    assert everything() == before
    assert [line for line in lines if line.startswith("missing")] == [
        "missing service 2 Address: left as it is",
        "missing office 20 Harbour office: left as it is",
        "missing link 10/2 Address – Town hall (A 1): left as it is",
    ]


def test_sources_do_not_meet(run):
    run()

    lines = run("--source=other")

    assert lines[-3:] == ["service: 2 created", "office: 2 created", "link: 3 created"]
    assert sorted(Office.objects.values_list("slug", flat=True)) == [
        "harbour-office",
        "harbour-office-20",
        "town-hall-a-1",
        "town-hall-a-1-10",
    ]


def test_offices_are_named_so_that_citizens_can_tell_them_apart(run):
    elsewhere = {"street": "Mill Lane", "house_number": "7"}
    rows = [
        location("1", "Town hall (A 1)", displayName="Town hall"),
        location("2", "Registry (B 1)", displayName="Registry"),
        location("3", "Registry (B 2)", displayName="Registry"),
        location("4", "Registry (B 3)", displayName="Registry", address=elsewhere),
        location("5", "Twin", displayName="Twin"),
        location("6", "Twin", displayName="Twin"),
    ]

    run(locations=rows)

    assert list(
        Office.objects.order_by("source_id").values_list("name", flat=True)
    ) == [
        "Town hall",
        "Registry (B 1)",
        "Registry (B 2)",
        "Registry, Mill Lane 7",
        "Twin (5)",
        "Twin (6)",
    ]


def test_other_names_of_an_office_are_search_words(run):
    row = location(
        "1",
        "Town hall (A 1)",
        displayName="Town hall",
        displayNameAlternatives=["Civic Centre"],
        meta={"keywords": "Civic Centre, Guildhall"},
    )

    run(locations=[row])

    assert Office.objects.get().keywords == (
        "Town hall, Town hall (A 1), Civic Centre, Guildhall"
    )


def test_html_is_sanitised_and_links_to_forms_follow_once(run):
    form = {"name": "Letter of attorney", "link": "https://example.org/a?b=1&c=2"}
    bad = {"name": "Bad", "link": "javascript:alert(1)"}
    row = service(
        "1",
        "Identity\u200b card",
        description="<p onclick=x>\u200bText<script>x()</script></p>",
        forms=[form, bad],
        links=[form],
    )

    run(services=[row], locations=[location("10", "Hall")])

    found = Service.objects.get()
    assert found.name == "Identity card"
    assert found.description == (
        '<p>Text</p><ul><li><a href="https://example.org/a?b=1&amp;c=2" '
        'rel="noopener noreferrer">Letter of attorney</a></li></ul>'
    )


def test_berlin_tells_what_to_bring_and_no_durations(run):
    row = {
        "id": 1,
        "name": "Identity card",
        "requirements": [
            {"name": "Photo", "description": "35 × 45 mm", "link": ""},
            {"name": "Form", "description": "", "link": "https://example.org/form"},
        ],
        "onlineprocessing": {"description": None, "link": "https://example.org/online"},
    }
    booked_here = {"slots": "2", "allowed": True, "external": False}
    place = location(
        10,
        "Hall",
        {"service": 1, "appointment": booked_here},
        geo={"lat": 53.5, "lon": 13},
    )
    elsewhere = location(
        20, "Annexe", {"service": "1", "appointment": booked_here | {"external": True}}
    )

    run(services=[row], locations=[place, elsewhere])

    found = Service.objects.get()
    assert found.duration == timedelta(minutes=15)
    assert found.online_url == "https://example.org/online"
    form = '<a href="https://example.org/form" rel="noopener noreferrer">Form</a>'
    assert found.what_to_bring == (f"<ul><li>Photo 35 × 45 mm</li><li>{form}</li></ul>")
    assert dict(
        OfficeService.objects.values_list("office__source_id", "is_public")
    ) == {
        "10": True,
        "20": False,
    }


def test_the_appointment_page_is_no_way_to_do_it_online(run):
    row = service(
        "1",
        "Identity card",
        onlineprocessing={"link": APPOINTMENT_PAGE},
        appointment={"link": f"{APPOINTMENT_PAGE}/x"},
    )

    run(services=[row], locations=[location("10", "Hall")])

    assert Service.objects.get().online_url == ""


def test_services_hidden_at_an_office_are_for_staff_alone(run, locations):
    locations[0]["dontShowByServices"] = [2]

    run()

    hidden = OfficeService.objects.get(is_public=False, office__source_id="10")
    assert hidden.service.source_id == "2"


# --- Refused rows: the others go in ---------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"duration": 0}, '"duration" is 0; it must be from 1 to 1440 minutes.'),
        ({"duration": -5}, '"duration" is -5; it must be from 1 to 1440 minutes.'),
        ({"duration": 1441}, '"duration" is 1441; it must be from 1 to 1440 minutes.'),
        ({"duration": "soon"}, "\"duration\" must be whole minutes, not 'soon'."),
        ({"duration": True}, '"duration" must be whole minutes, not True.'),
        ({"duration": None}, '"duration" is None; it must be from 1 to 1440 minutes.'),
        ({"maxQuantity": 0}, '"maxQuantity" is 0; it must be at least 1.'),
        ({"public": "yes"}, "\"public\" must be true or false, not 'yes'."),
        ({"name": ""}, '"name" is empty. Give it a name.'),
        ({"name": []}, '"name" must be text, not [].'),
        ({"name": "x" * 201}, "name: Ensure this value has at most 200 characters"),
        ({"meta": "x"}, "\"meta\" must be an object, not 'x'."),
        ({"forms": ["x"]}, '"forms" must be a list of objects.'),
    ],
)
def test_a_service_with_a_wrong_value_is_refused(run, services, change, said):
    services[0] |= change

    with pytest.raises(CommandError, match="3 refused"):
        run()

    refused = [line for line in run.lines if line.startswith("refused")]
    assert said in refused[0]
    assert [line.rpartition(": ")[2] for line in refused[1:]] == [
        "Its service was refused."
    ] * 2
    assert Service.objects.get().source_id == "2"
    assert OfficeService.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"geo": {"lat": "91", "lon": "0"}}, "must be from -90 to 90"),
        ({"geo": {"lat": "0", "lon": "east"}}, "must be from -180 to 180"),
        ({"geo": {"lat": "nan", "lon": "0"}}, "must be from -90 to 90"),
        ({"contact": {"email": "nobody"}}, "email: Enter a valid email address."),
        ({"displayName": 7.5}, '"displayName" must be text, not 7.5.'),
        ({"address": []}, '"address" must be an object, not [].'),
    ],
)
def test_an_office_with_a_wrong_value_is_refused_with_its_links(
    run, locations, change, said
):
    locations[0] |= change

    with pytest.raises(CommandError, match="3 refused"):
        run()

    refused = [line for line in run.lines if line.startswith("refused")]
    assert said in refused[0]
    assert [line.rpartition(": ")[2] for line in refused[1:]] == [
        "Its office was refused."
    ] * 2
    assert Office.objects.get().source_id == "20"


def test_a_link_to_an_unknown_service_is_refused(run, locations):
    locations[1]["services"].append(link("404"))

    with pytest.raises(CommandError, match="1 refused"):
        run("-v0")

    assert run.lines[0] == (
        "refused link 20/404 Harbour office – 404: The services file has no such "
        "service. Add it, or take this out."
    )
    assert run.lines[-1] == "link: 3 created, 1 refused"


def test_a_second_row_with_the_same_id_is_refused(run, locations):
    locations.append(location("10", "Impostor", link("2")))

    with pytest.raises(CommandError, match="2 refused"):
        run()

    assert "refused office 10" in " ".join(run.lines)
    assert sorted(Office.objects.values_list("name", flat=True)) == [
        "Harbour office",
        "Town hall (A 1)",
    ]


def test_a_refused_row_leaves_what_is_there(run, services):
    run()
    before = everything()
    services[0] |= {"duration": 0, "name": "Changed"}

    with pytest.raises(CommandError):
        run()

    assert everything() == before


# --- Broken files change nothing ------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("", "services.json: the file is empty. Export it anew."),
        (
            '{"data": [',
            "services.json: not JSON: Expecting value at line 1, column 11.",
        ),
        ("[" * 100_000, "services.json: nested too deeply."),
        ("[]", 'services.json: the top of the file has no "data".'),
        ('{"rows": []}', 'services.json: the top of the file has no "data".'),
        ('{"data": {}}', 'services.json: "data" is not a list of rows.'),
        ('{"data": []}', 'services.json: "data" has no rows.'),
        ('{"data": [1]}', "services.json: row 1 is not an object."),
        ('{"data": [{"name": "x"}]}', 'services.json: row 1 has no "id".'),
        ('{"data": [{"id": 7}]}', 'services.json: row 1 (id 7) has no "name".'),
        (
            '{"data": [{"id": [], "name": "x"}]}',
            'services.json: "id" of row 1 (id []) is neither text nor a number.',
        ),
    ],
)
def test_a_broken_file_is_named_with_the_place_and_the_cure(
    run, tmp_path, locations, raw, said
):
    (tmp_path / "broken").mkdir()
    path = tmp_path / "broken" / "services.json"
    path.write_text(raw)

    with pytest.raises(CommandError) as caught:
        run(f"--services={path}")

    assert said in str(caught.value)
    assert str(caught.value).endswith("Nothing was imported.")
    assert everything() == [[], [], []]


def test_a_file_that_is_not_utf_8_or_not_there_is_named(run, tmp_path):
    latin = tmp_path / "latin.json"
    latin.write_bytes('{"data": "Rathausstraße"}'.encode("latin-1"))

    with pytest.raises(CommandError, match=r"latin.json: byte 21 is not UTF-8"):
        run(f"--services={latin}")
    with pytest.raises(CommandError, match=r"none.json: No such file or directory"):
        run("--services=none.json")

    assert everything() == [[], [], []]


def test_a_byte_order_mark_is_no_matter(run, tmp_path, services):
    path = tmp_path / "bom.json"
    path.write_text(json.dumps({"data": services}), "utf-8-sig")

    assert run(f"--services={path}")[-1] == "link: 3 created"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda rows: rows[1].pop("services"), 'row 2 (id 20) has no "services"'),
        (
            lambda rows: rows[1].update(services={}),
            '"services" of row 2 (id 20) is not a list',
        ),
        (
            lambda rows: rows[0]["services"][1].pop("service"),
            'link 2 of row 1 (id 10) has no "service"',
        ),
        (
            lambda rows: rows[0]["services"][1].pop("duration"),
            'link 2 of row 1 (id 10) has no "duration", which other rows have',
        ),
    ],
)
def test_a_location_without_a_key_breaks_the_file(run, locations, damage, said):
    run()
    before = everything()
    rows = deepcopy(locations)
    rows[0]["name"] = "Changed"
    damage(rows)

    with pytest.raises(CommandError) as caught:
        run(locations=rows)

    assert said in str(caught.value)
    assert everything() == before


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--time-zone=Europe/Larkhaven", "is not a time zone this system knows"),
        ("--country=XX", "No public holidays are known for the country “XX”"),
        ("--subdivision=ZZ", "“ZZ” is no part of IE"),
    ],
)
def test_an_unknown_place_is_refused(run, option, said):
    with pytest.raises(CommandError, match=said):
        run(option)

    assert everything() == [[], [], []]


def test_importing_again_keeps_translations_and_says_the_language(run, services):
    run()
    Service.objects.filter(source_id="1").update(name_translations={"de": "Ausweis"})
    Office.objects.update(name_translations={"de": "Amt"})
    services[0]["name"] = "Carte d’identité"

    lines = run("--language=fr")
    again = run("--language=fr")
    without = run()

    card = Service.objects.get(source_id="1")
    assert (card.name, card.language) == ("Carte d’identité", "fr")
    assert card.name_translations == {"de": "Ausweis"}
    assert set(Office.objects.values_list("language", flat=True)) == {"fr"}
    assert "office: 2 changed" in lines
    assert again == without
    assert "office: 2 unchanged" in again


def test_a_language_that_there_is_not_is_refused(run):
    with pytest.raises(CommandError, match="invalid choice: 'xx'"):
        run("--language=xx")

    assert everything() == [[], [], []]
