"""Problems, ETags, limits and pages, on a small API (config/tests/api_site.py)."""

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings
from drf_spectacular.generators import SchemaGenerator
from rest_framework.permissions import IsAuthenticated
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from availability.tests.races import at_once, start_and_wait
from config.api import problems
from config.api.views import ApiViewSet
from config.tests.api_site import GroupViewSet

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.tests.api_site")]


@pytest.fixture
def api():
    return APIClient(raise_request_exception=False)


def problem(response):
    """What makes a problem one; and that the answer is."""
    told = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert told["status"] == response.status_code
    assert told["type"].endswith(f"/problems/{told['code']}")
    assert told["title"]
    assert told["detail"]
    return response.status_code, told["code"]


# --- the document ---


def test_the_document_names_each_operation_and_what_all_share():
    paths = SchemaGenerator(urlconf="config.tests.api_site").get_schema()["paths"]

    told = {
        (path, method): operation
        for path, item in paths.items()
        for method, operation in item.items()
    }
    listing = told["/api/v1/groups", "get"]
    example = listing["responses"]["200"]["content"]["application/json"]["examples"]
    assert {key: operation["operationId"] for key, operation in told.items()} == {
        ("/api/v1/groups", "get"): "group_list",
        ("/api/v1/groups", "post"): "group_create",
        ("/api/v1/groups/{id}", "get"): "group_get",
        ("/api/v1/groups/{id}", "patch"): "group_update",
        ("/api/v1/groups/{id}", "delete"): "group_delete",
    }
    assert [p["name"] for p in listing["parameters"]] == [
        *("If-None-Match", "cursor", "limit", "ordering")
    ]
    assert example["Answer"]["value"]["results"] == [{"id": 1, "name": "a"}]
    assert list(told["/api/v1/groups/{id}", "patch"]["responses"]) == [
        *("200", "400", "401", "403", "404", "411"),
        *("412", "413", "415", "429", "503"),
    ]


# --- problems ---


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("full", 409, "full"),
        ("forbidden", 403, "permission_denied"),
        ("invalid", 400, "invalid"),
        ("busy", 503, "unavailable"),
    ],
)
def test_each_refusal_is_a_problem(api, name, status, code):
    response = api.post("/api/v1/groups", {"name": name})

    assert problem(response) == (status, code)
    assert Group.objects.count() == 0


def test_errors_are_by_field(api):
    missing = api.post("/api/v1/groups", {})
    refused = api.post("/api/v1/groups", {"name": "invalid"})

    assert missing.json()["errors"] == {
        "name": [{"code": "required", "message": "This field is required."}]
    }
    assert refused.json()["errors"] == {
        "name": [{"code": "bad_word", "message": "Not that."}]
    }


def test_errors_deep_in_a_body_are_named_by_their_path():
    errors = {}
    detail = {"slots": [{}, {"starts_at": ["Wrong."]}], "__all__": ["Both wrong."]}

    problems.collect(detail, errors)

    assert list(errors) == ["slots.1.starts_at", "non_field_errors"]


def test_a_mistake_of_ours_is_a_problem_too(api):
    assert problem(api.post("/api/v1/crash")) == (500, "server_error")


def test_what_is_not_there_is_a_problem(api):
    assert problem(api.get("/api/v1/groups/1")) == (404, "not_found")
    assert problem(api.get("/api/v1/nothing")) == (404, "not_found")
    assert problem(api.get("/api/v1/groups/")) == (404, "not_found")


def test_a_method_that_is_not_known_is_a_problem(api):
    response = api.delete("/api/v1/groups")

    assert problem(response) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_options_name_the_methods(api):
    response = api.options("/api/v1/groups")

    assert (response.status_code, response["Allow"]) == (
        204,
        "GET, POST, HEAD, OPTIONS",
    )


def test_a_busy_database_says_when_to_come_back(api):
    response = api.post("/api/v1/groups", {"name": "busy"})

    assert response["Retry-After"] == "2"


@pytest.mark.parametrize(
    "body", ["", "{", "[" * 33 + "]" * 33, '{"name": NaN}', "\xff"]
)
def test_a_body_that_is_not_json_is_refused(api, body):
    response = api.post(
        "/api/v1/groups", body.encode("latin-1"), content_type="application/json"
    )

    assert problem(response) == (400, "parse_error" if body else "invalid")


def test_another_kind_of_body_is_refused(api):
    response = api.post(
        "/api/v1/groups", "name=x", content_type="application/x-www-form-urlencoded"
    )

    assert problem(response) == (415, "unsupported_media_type")


def test_a_large_body_is_refused_unread(api, settings):
    settings.API_BODY_LIMIT = 1000

    response = api.post("/api/v1/groups", {"name": "x" * 1000})

    assert problem(response) == (413, "body_too_large")


def test_accept_is_not_argued_with(api):
    response = api.get("/api/v1/groups", headers={"Accept": "text/html"})

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


def test_sentences_are_in_the_reader_s_language(api):
    response = api.get("/api/v1/groups/1", headers={"Accept-Language": "de"})

    assert response.json()["detail"] == "Nicht gefunden."


# --- ETags ---


def test_who_has_it_already_is_told_so(api):
    group = Group.objects.create(name="one")
    first = api.get(f"/api/v1/groups/{group.pk}")

    again = api.get(
        f"/api/v1/groups/{group.pk}", headers={"If-None-Match": first["ETag"]}
    )

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]


def test_an_error_is_kept_by_no_cache(api):
    assert api.get("/api/v1/groups/1")["Cache-Control"] == "no-store"
    assert api.get("/api/v1/groups")["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_change_in_between_is_not_overwritten(api, method):
    group = Group.objects.create(name="one")
    seen = api.get(f"/api/v1/groups/{group.pk}")["ETag"]
    Group.objects.update(name="two")

    response = getattr(api, method)(
        f"/api/v1/groups/{group.pk}", {"name": "three"}, headers={"If-Match": seen}
    )

    assert problem(response) == (412, "precondition_failed")
    assert Group.objects.get().name == "two"


def test_what_one_has_seen_one_may_change_on_and_on(api):
    path = f"/api/v1/groups/{Group.objects.create(name='one').pk}"
    tag = api.get(path)["ETag"]
    for name in ["two", "three"]:
        response = api.patch(path, {"name": name}, headers={"If-Match": tag})
        tag = response["ETag"]

    assert tag == api.get(path)["ETag"]
    assert api.delete(path, headers={"If-Match": tag}).status_code == 204


@pytest.mark.parametrize("header", ["*", '"other", {}', None])
def test_if_match_can_name_several_or_any(api, header):
    path = f"/api/v1/groups/{Group.objects.create(name='one').pk}"
    tag = api.get(path)["ETag"]
    headers = {"If-Match": header.format(tag)} if header else {}

    assert api.patch(path, {"name": "two"}, headers=headers).status_code == 200


def test_a_weak_tag_matches_nothing(api):
    path = f"/api/v1/groups/{Group.objects.create(name='one').pk}"
    tag = api.get(path)["ETag"]

    response = api.patch(path, {"name": "two"}, headers={"If-Match": f"W/{tag}"})

    assert response.status_code == 412


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_what_they_have_seen_one_does(api):
    path = f"/api/v1/groups/{Group.objects.create(name='one').pk}"
    tag = api.get(path)["ETag"]

    def change():
        return APIClient().patch(path, {"name": "two"}, headers={"If-Match": tag})

    statuses = sorted(answer.status_code for answer in at_once(*[change] * 8))

    assert statuses == [200] + [412] * 7


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["patch", "delete"])
def test_what_somebody_has_deleted_meanwhile_is_not_there(api, method):
    group = Group.objects.create(name="one")
    path = f"/api/v1/groups/{group.pk}"
    tag = api.get(path)["ETag"]

    def change():
        ask = getattr(APIClient(raise_request_exception=False), method)
        return problem(ask(path, {"name": "two"}, headers={"If-Match": tag}))

    with transaction.atomic():
        group.delete()
        outcome = start_and_wait(change)

    assert outcome.result() == (404, "not_found")


def test_no_method_of_a_viewset_is_named_like_one_of_http():
    with pytest.raises(TypeError, match=r"Things\.delete"):

        class Things(ApiViewSet):
            def delete(self, thing):
                """Meant as a helper; it would answer DELETE at every address."""


# --- limits ---


@pytest.fixture
def three_a_minute(settings):
    cache.clear()
    settings.API_RATE_LIMIT = "3/3600s"
    yield
    cache.clear()


def test_beyond_the_limit_one_is_told_when_to_go_on(api, three_a_minute):
    remaining = [api.get("/api/v1/groups")["RateLimit-Remaining"] for _ in range(3)]

    response = api.get("/api/v1/groups")

    assert remaining == ["2", "1", "0"]
    assert problem(response) == (429, "throttled")
    assert 1 <= int(response["Retry-After"]) <= 3600
    assert response["RateLimit-Limit"] == "3"
    assert response["RateLimit-Policy"] == "3;w=3600"
    assert response["RateLimit-Reset"] == response["Retry-After"]


def test_the_addresses_of_one_customer_are_one(api, three_a_minute):
    statuses = [
        api.get("/api/v1/groups", REMOTE_ADDR=f"2001:db8:1:2::{number}").status_code
        for number in range(1, 5)
    ]

    assert statuses == [200, 200, 200, 429]


def test_a_forged_address_does_not_help(api, three_a_minute):
    statuses = [
        api.get(
            "/api/v1/groups", headers={"X-Forwarded-For": f"10.0.0.{number}"}
        ).status_code
        for number in range(4)
    ]

    assert statuses == [200, 200, 200, 429]


@override_settings(PROXY_COUNT=1)
def test_behind_a_proxy_each_client_counts(api, three_a_minute):
    statuses = [
        api.get(
            "/api/v1/groups", headers={"X-Forwarded-For": f"1.1.1.1, 10.0.0.{number}"}
        ).status_code
        for number in range(4)
    ]

    assert statuses == [200] * 4


def test_each_user_counts_alone_wherever_he_is(api, three_a_minute):
    users = UserFactory.create_batch(2)
    statuses = []
    for user in users:
        api.force_authenticate(user)
        statuses += [
            api.get("/api/v1/groups", REMOTE_ADDR=f"10.0.0.{number}").status_code
            for number in range(4)
        ]

    assert statuses == [200, 200, 200, 429] * 2


def test_who_fails_to_sign_in_is_limited_too(api, three_a_minute):
    headers = {"Authorization": "Bearer wrong"}

    statuses = [
        api.get("/api/v1/groups", headers=headers).status_code for _ in range(4)
    ]

    assert statuses == [401, 401, 401, 429]


def test_a_lost_redis_costs_no_service(api, settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/1"}
    }

    assert api.get("/api/v1/groups").status_code == 200


# --- other sites ---


@pytest.mark.parametrize("origin", ["https://town.example", "https://evil.example"])
def test_scripts_of_named_sites_alone_may_call(api, settings, origin):
    settings.CORS_ALLOWED_ORIGINS = ["https://town.example"]
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    preflight = api.options("/api/v1/groups", headers=asked)
    answer = api.get("/api/v1/groups", headers={"Origin": origin})

    allowed = origin == "https://town.example"
    for response in (preflight, answer):
        assert ("Access-Control-Allow-Origin" in response) is allowed
    if allowed:
        assert "idempotency-key" in preflight["Access-Control-Allow-Headers"]
        assert "etag" in answer["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer


# --- pages ---


def walk(api, url, way="next"):
    pages = []
    while url:
        page = api.get(url).json()
        pages.append([row["name"] for row in page["results"]])
        url = page[way]
    return pages


@pytest.fixture
def seven():
    return [Group.objects.create(name=name) for name in "cagbefd"]


def test_pages_follow_each_other(api, seven):
    pages = walk(api, "/api/v1/groups?limit=3")

    assert pages == [["a", "b", "c"], ["d", "e", "f"], ["g"]]


def test_pages_go_back_as_well(api, seven):
    first = api.get("/api/v1/groups?limit=3").json()
    third = api.get(api.get(first["next"]).json()["next"]).json()

    assert first["previous"] is None
    assert walk(api, third["previous"], "previous") == [
        ["d", "e", "f"],
        ["a", "b", "c"],
    ]


def test_the_other_way_round(api, seven):
    pages = walk(api, "/api/v1/groups?limit=3&ordering=-name")

    assert pages == [["g", "f", "e"], ["d", "c", "b"], ["a"]]


def test_nothing_is_skipped_or_repeated_when_rows_come_and_go(api, seven):
    first = api.get("/api/v1/groups?limit=3").json()
    Group.objects.filter(name__in=["a", "c"]).delete()
    Group.objects.create(name="aa")

    assert walk(api, first["next"]) == [["d", "e", "f"], ["g"]]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "", "9" * 30])
def test_a_page_has_a_limit(api, limit):
    response = api.get("/api/v1/groups", {"limit": limit})

    assert problem(response) == (400, "invalid")
    assert list(response.json()["errors"]) == ["limit"]


@pytest.mark.parametrize("query", ["cursor=x", "cursor=", "ordering=id", "ordering="])
def test_cursors_and_orders_of_one_s_own_are_refused(api, query):
    assert problem(api.get(f"/api/v1/groups?{query}")) == (400, "invalid")


def test_a_cursor_is_good_for_its_own_order_alone(api, seven):
    following = api.get("/api/v1/groups?limit=3").json()["next"]

    response = api.get(f"{following}&ordering=-name")

    assert response.status_code == 200


# --- what must not be misread ---


@pytest.mark.parametrize("given", ["", "x", '"x', '"x" "y"', '"x",', "*, *"])
def test_what_is_no_etag_is_refused(api, given):
    group = Group.objects.create(name="a")

    response = api.patch(
        f"/api/v1/groups/{group.pk}", {"name": "b"}, headers={"If-Match": given}
    )

    assert problem(response)[:2] == (400, "invalid_if_match")


@pytest.mark.parametrize("method", ["post", "patch"])
def test_a_body_without_a_length_is_refused(api, method):
    response = getattr(api, method)(
        "/api/v1/groups",
        headers={"Transfer-Encoding": "chunked"},
        content_type="application/json",
        CONTENT_LENGTH="",
    )

    assert problem(response)[:2] == (411, "length_required")


def test_the_document_tells_of_304():
    paths = SchemaGenerator(urlconf="config.tests.api_site").get_schema()["paths"]

    listing, making = (paths["/api/v1/groups"][method] for method in ("get", "post"))
    assert listing["responses"]["304"]["headers"] == {
        "ETag": {"schema": {"type": "string"}}
    }
    assert "304" not in making["responses"]


def test_an_unknown_method_is_told_before_a_missing_sign_in(api, monkeypatch):
    monkeypatch.setattr(GroupViewSet, "permission_classes", [IsAuthenticated])

    assert problem(api.get("/api/v1/groups")) == (401, "not_authenticated")
    assert problem(api.put("/api/v1/groups")) == (405, "method_not_allowed")
