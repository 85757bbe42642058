"""A copy for trying things out holds nothing of the people of the live one."""

import re
from io import StringIO

import pytest
from django.contrib.auth.hashers import is_password_usable
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from appointments.models import Appointment, Citizen
from appointments.privacy import anonymising, columns
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from offices.models import ApiKey, SettingChange
from tests.worlds import office_named

MARK = "Zebedee"

pytestmark = pytest.mark.django_db


def run(*args, **options):
    told = StringIO()
    call_command("anonymise_database", *args, stdout=told, **options)
    return told.getvalue()


def dump():
    """{table: all that it holds, as text}."""
    with connection.cursor() as cursor:
        found = {}
        for table in sorted({column.table for column in columns.columns().values()}):
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} AS t")  # noqa: S608
            found[table] = "\n".join(text for (text,) in cursor.fetchall())
        return found


def mark_everything():
    """Write the mark into whatever text columns.txt says is of people."""
    with connection.cursor() as cursor:
        for column in columns.columns().values():
            if column.what != "personal" or column.staging == "kept":
                continue
            if column.table == "offices_settingchange":
                continue  # nobody may write there; it has names of the world's rows
            kind = anonymising._kinds(column.table)[column.name]
            width = 12 if column.name == "language" else 32
            marked = {
                "jsonb": f"""'{{"x": "{MARK.lower()}"}}'::jsonb""",
                "inet": "'203.0.113.9'",
            }.get(kind, f"left('{MARK.lower()}' || ctid::text || now()::text, {width})")
            cursor.execute(f"UPDATE {column.table} SET {column.name} = {marked}")  # noqa: S608
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as after a commit


@pytest.fixture
def live():
    office = office_named(MARK)
    mark_everything()
    return office


def test_nothing_of_anybody_is_left(live):
    before = {table for table, text in dump().items() if MARK.lower() in text.lower()}

    run("--apply")

    left = {
        table: re.findall(rf'"\w+":"[^"]*{MARK}[^"]*"', text, re.IGNORECASE)
        for table, text in dump().items()
        if MARK.lower() in text.lower()
    }
    assert len(before) > 15
    # What the office says of itself to everybody is no person’s.
    public = {"offices_office", "auth_group", "notifications_messagetemplate"}
    assert set(left) <= public
    assert all("email" not in said for each in left.values() for said in each)


def test_what_opens_something_is_gone(live):
    told = run("--apply")

    address, password = re.search(r"as (\S+) with the password (\S+)", told).groups()
    able = [u.email for u in User.objects.all() if is_password_usable(u.password)]
    assert able == [address]
    assert User.objects.get(email=address).check_password(password)
    assert (ApiKey.objects.count(), SettingChange.objects.count()) == (0, 0)


def test_it_is_made_up_believably_and_alike_each_time():
    visit = AppointmentFactory(
        citizen=CitizenFactory(phone="+493090182000"), purpose="About my divorce"
    )
    empty = AppointmentFactory(citizen=CitizenFactory(phone=""))

    run("--apply")
    first = Citizen.objects.values_list("name", "email", "phone").get(
        pk=visit.citizen_id
    )
    run("--apply")

    visit.refresh_from_db()
    citizen = visit.citizen
    assert (citizen.name, citizen.email, citizen.phone) == first
    assert re.fullmatch(r"[A-Z]\w+ [A-Z]\w+", citizen.name)
    assert citizen.email == f"citizen{citizen.pk}@example.org"
    assert re.fullmatch(r"\+493023125\d{3}", citizen.phone)
    assert visit.purpose not in ("", "About my divorce")
    empty.refresh_from_db()
    assert (empty.purpose, empty.citizen.phone) == ("", "")
    assert Appointment.objects.count() == 2


def test_it_only_says_so_unless_told_to_do_it():
    citizen = CitizenFactory(name="Ada Example")

    told = run()

    citizen.refresh_from_db()
    assert citizen.name == "Ada Example"
    assert "appointments_citizen (1): name, email, phone\n" in told
    assert told.endswith("Nothing is changed yet: run it with --apply.\n")


def test_not_in_production(settings):
    settings.ENVIRONMENT = "production"

    with pytest.raises(CommandError, match="ENVIRONMENT is production"):
        run("--apply")


def test_not_a_database_that_is_called_like_a_live_one(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "NAME", "appointments")

    with pytest.raises(CommandError, match="say --database appointments"):
        run("--apply")
    with pytest.raises(CommandError, match="is appointments, not staging"):
        run("--apply", "--database", "staging")
