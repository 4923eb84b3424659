from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

METHODS = ("get", "post")


@pytest.fixture(scope="module")
def document(client: TestClient) -> Any:
    return client.get("/openapi.json").json()


def operations(document: Any) -> list[tuple[str, Any]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def refers(document: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with the document's parts beside it, so that references are found."""
    return {**schema, "components": document["components"]}


def test_it_is_openapi_3_1_and_versioned(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    paths = set(document["paths"]) - {"/healthz", "/readyz"}
    assert paths
    assert all(path.startswith("/v1/") for path in paths)


def test_every_operation_says_what_it_does_and_how_it_is_refused(document: Any) -> None:
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name
        if "/v1/" in name:
            assert {"401", "403", "422", "429"} <= operation["responses"].keys(), name
        for status, response in operation["responses"].items():
            if not status.startswith("2"):
                assert list(response["content"]) == ["application/problem+json"], (name, status)


def test_every_answer_is_typed_and_has_an_example_that_fits(document: Any) -> None:
    seen = 0
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            told = response.get("content", {}).get("application/json")
            if not status.startswith("2") or told is None:
                continue
            assert told["schema"], name
            validator = Draft202012Validator(refers(document, told["schema"]))
            wrong = [error.message for error in validator.iter_errors(told["example"])]
            assert not wrong, (name, wrong)
            seen += 1
    assert seen > 30


def test_every_example_of_a_part_fits_it(document: Any) -> None:
    seen = 0
    for name, schema in document["components"]["schemas"].items():
        validator = Draft202012Validator(refers(document, schema))
        for example in schema.get("examples", ()):
            wrong = [error.message for error in validator.iter_errors(example)]
            assert not wrong, (name, wrong)
            seen += 1
    assert seen > 20


def test_bodies_have_examples(document: Any) -> None:
    for name, operation in operations(document):
        body = operation.get("requestBody")
        if body is None:
            continue
        schema = body["content"]["application/json"]["schema"]
        parts = document["components"]["schemas"]
        refs = [one["$ref"] for one in schema.get("oneOf", [schema])]
        assert all(parts[ref.rpartition("/")[2]].get("examples") for ref in refs), name
