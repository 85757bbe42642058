"""The OpenAPI document says of every operation what a client needs to know."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from config.api.problems import CONTENT_TYPE, all_subclasses, catalogue
from config.api.schema import document
from config.exceptions import DomainError

ROOT = Path(__file__).resolve().parent.parent
METHODS = {"get", "post", "put", "patch", "delete"}


def operations():
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield pytest.param(path, method, operation, id=operation["operationId"])


every_operation = pytest.mark.parametrize(
    ("path", "method", "told"), list(operations())
)


def test_the_document_is_sound():
    validate_schema(document())

    assert document()["openapi"].startswith("3.1")
    assert not GENERATOR_STATS, "drf-spectacular had to guess; see its warnings"


def test_the_document_is_served(client):
    response = client.get(f"{settings.API_V1_STR}/schema")

    assert response.json() == document()


def test_each_operation_has_a_name_of_its_own():
    names = [param.id for param in operations()]

    assert sorted(names) == sorted(set(names))


@every_operation
def test_it_says_what_it_does(path, method, told):
    assert told["summary"][0].isupper()
    assert not told["summary"].endswith(".")
    assert told["description"].endswith((".", ")", "`"))
    assert told["tags"]


@every_operation
def test_it_shows_an_example_of_all_that_goes_in_and_out(path, method, told):
    bodies = [told["requestBody"]] if "requestBody" in told else []
    bodies += [answer for answer in told["responses"].values() if "content" in answer]

    without = [
        content_type
        for body in bodies
        for content_type, content in body["content"].items()
        if "json" in content_type and not content.get("examples")
    ]

    assert without == []


@every_operation
def test_its_examples_are_what_it_says(path, method, told):
    wrong = []
    for body in [told.get("requestBody", {}), *told["responses"].values()]:
        for content in body.get("content", {}).values():
            schema = {**content["schema"], "components": document()["components"]}
            for name, example in content["examples"].items():
                errors = Draft202012Validator(schema).iter_errors(example["value"])
                wrong += [f"{name}: {error.message}" for error in errors]

    assert wrong == []


@every_operation
def test_its_errors_are_problems_that_are_explained(path, method, told):
    for status, answer in told["responses"].items():
        if int(status) >= 400:
            examples = answer["content"][CONTENT_TYPE]["examples"].values()
            codes = [example["value"]["code"] for example in examples]
            assert {catalogue()[code][0] for code in codes} == {int(status)}


@every_operation
def test_what_holds_for_all_is_said(path, method, told):
    headers = {p["name"] for p in told.get("parameters", []) if p["in"] == "header"}

    assert {"429", "503"} <= set(told["responses"])
    if method == "post":
        assert "Idempotency-Key" in headers
        assert {"409", "422"} <= set(told["responses"])
    if method in {"patch", "put", "delete"}:
        assert "If-Match" in headers
        assert "412" in told["responses"]


def test_the_guide_lists_every_code():
    of_tests = {
        error.code for error in all_subclasses(DomainError) if "tests" in str(error)
    }
    known = {
        (code, status)
        for code, (status, _meaning) in catalogue().items()
        if code not in of_tests
    }

    guide = (ROOT / "docs/api.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \| (\d+) \|", guide, re.MULTILINE)

    assert {(code, int(status)) for code, status in listed} == known
