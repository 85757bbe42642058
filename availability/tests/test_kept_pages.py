"""Lists of the catalogue are kept, and never shown once something has changed."""

import threading

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from config import caching
from offices.models import Office, OfficeService, Service
from offices.queries import catalogue
from offices.tests.factories import OfficeServiceFactory

pytestmark = pytest.mark.django_db

LISTS = ["/", "/services/", "/offices/"]


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


@pytest.fixture
def offered():
    return OfficeServiceFactory(office__name="Town hall", service__name="Passport")


def found(outcome):
    return caching.metrics.CACHE.labels("catalogue", outcome)._value.get()


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_worked_out_once(client, offered, path, django_assert_num_queries):
    first = client.get(path)
    hits = found("hit")

    with django_assert_num_queries(1):
        second = client.get(path)

    assert second.content == first.content
    assert found("hit") == hits + 1


@pytest.mark.parametrize("path", LISTS)
def test_a_kept_list_has_the_same_headers(client, offered, path):
    first, second = client.get(path), client.get(path)
    unchanged = client.get(path, headers={"If-None-Match": second["ETag"]})

    assert second["ETag"] == first["ETag"]
    assert second["Vary"] == first["Vary"]
    assert second["Content-Security-Policy"] == first["Content-Security-Policy"]
    assert unchanged.status_code == 304


CHANGES = {
    "office": lambda: Office.objects.update(name="Renamed"),
    "service": lambda: Service.objects.update(name="Renamed"),
    "suspended": lambda: Office.objects.update(status="suspended"),
    "added": lambda: OfficeServiceFactory(office__name="Annexe"),
    "hidden": lambda: OfficeService.objects.update(is_public=False),
    "deleted": lambda: OfficeService.objects.all().delete(),
}


@pytest.mark.django_db(transaction=True)
def test_whatever_changes_shows_at_once(client, offered):
    wrong = []
    for name, change in CHANGES.items():
        before = [client.get(path).content for path in LISTS]

        change()

        kept = [client.get(path).content for path in LISTS]
        cache.clear()
        if kept == before or kept != [client.get(path).content for path in LISTS]:
            wrong.append(name)
    assert wrong == ["deleted"]  # what nobody could see changes nothing


def test_each_language_has_its_own(client, offered):
    english = client.get("/services/").content

    german = client.get("/services/", headers={"Accept-Language": "de"}).content

    assert b'lang="en"' in english
    assert b'lang="de"' in german


def test_what_is_for_one_person_is_not_kept(client, offered):
    client.get("/services/")
    hits = found("hit")
    client.cookies["messages"] = "something"

    client.get("/services/")

    assert found("hit") == hits


@pytest.mark.django_db(transaction=True)
def test_a_change_counts_from_its_commit_on(client, offered):
    """Also of one that began before another, and ends after it."""
    begun, go_on = threading.Event(), threading.Event()

    def rename_slowly():
        with transaction.atomic():
            Office.objects.filter(pk=offered.office_id).update(name="Slow hall")
            begun.set()
            go_on.wait(10)
        connection.close()

    slow = threading.Thread(target=rename_slowly)
    slow.start()
    begun.wait(10)
    Service.objects.update(name="Quick pass")
    between = catalogue.version()
    seen_between = client.get("/offices/").text
    go_on.set()
    slow.join()

    assert catalogue.version() != between
    assert "Slow hall" not in seen_between
    assert "Slow hall" in client.get("/offices/").text


@pytest.mark.parametrize("path", LISTS)
def test_without_redis_it_is_worked_out(client, offered, path, monkeypatch, settings):
    first = client.get(path).content
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    monkeypatch.setattr(caching, "circuit", caching.Circuit("redis"))

    assert client.get(path).content == first
