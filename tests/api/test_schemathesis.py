"""The whole OpenAPI document against the app: no server error, no undocumented status or shape."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.settings import Settings
from service.query_encoder import QueryEncoder
from tests.api.conftest import CAUSE, LAST, LOGIN, fill, settings_at

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What is really there, so that not every answer is a 404.
KNOWN: dict[str, list[str]] = {
    "theme_id": [LOGIN, "T-00000000cc"],
    "cause_id": [CAUSE],
    "week": [LAST, "latest"],
    "month": ["2026-10"],
    "noun": ["friction", "assignments"],
    "number": ["1"],
}
# Questions that people do ask; each is sent to the operations that know all its parameters.
ASKED: list[dict[str, str]] = [
    {},
    {"week": "2026-W46"},
    {"format": "jsonl"},
    {"format": "parquet"},
    {"q": "signed out"},
    {"limit": "1"},
    {"segment.plan": "Pro", "kind": "survey", "since": "2026-W40"},
    {"sort": "-score", "stage": "sign_in"},
]
SENT: dict[str, list[dict[str, Any]]] = {
    "/v1/corrections": [
        {"kind": "rename", "theme_id": LOGIN, "label": "Signed out", "why": "shorter"},
        {"kind": "rename", "theme_id": LOGIN, "label": "Out", "why": "w", "dry_run": True},
    ],
    "/v1/corrections/{number}/undo": [{"why": "it was right before"}],
    "/v1/events": [{"items": [{"day": "2026-10-03", "kind": "release", "name": "4.2"}]}],
    "/v1/feedback": [
        {
            "source": "desk",
            "kind": "ticket",
            "items": [{"id": "n1", "created_at": "2026-11-10T09:12:00Z", "text": "Out again"}],
        }
    ],
}
QUICK = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def free(operation: Any) -> st.SearchStrategy[Any]:
    """Requests as documented, and requests that are not."""
    mode = schemathesis.GenerationMode
    return st.one_of(operation.as_strategy(mode.POSITIVE), operation.as_strategy(mode.NEGATIVE))


def made(operation: Any) -> list[st.SearchStrategy[Any]]:
    """Requests that people make, at what is there."""
    takes = {one.name for one in operation.query}
    places = {one.name for one in operation.path_parameters}
    found: list[st.SearchStrategy[Any]] = []
    for number, query in enumerate(one for one in ASKED if one.keys() <= takes):
        more: dict[str, Any] = {"query": query}
        if places <= KNOWN.keys():
            more["path_parameters"] = {
                name: KNOWN[name][number % len(KNOWN[name])] for name in places
            }
        bodies = SENT.get(operation.path, []) if operation.method == "post" else []
        if bodies:
            more |= {"body": bodies[number % len(bodies)], "media_type": "application/json"}
        found.append(operation.as_strategy(schemathesis.GenerationMode.POSITIVE, **more))
    return found


def check_all(home: Settings, *, examples: int) -> set[tuple[str, str, int]]:
    """Tries every operation; answers which statuses each gave."""
    app = create_app(home)
    # Search by words alone: to load the encoder takes as long as everything else here.
    app.state.searcher.encoder = QueryEncoder(home.home / "no-model")
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    met: set[tuple[str, str, int]] = set()
    failures: list[str] = []
    with asgi.get_client(cast("Any", app)) as client:

        def check(case: Any) -> None:
            # Keys have tests of their own; one that is made up would end every request.
            case.headers.pop("Authorization", None)
            answer = case.call(session=client, timeout=60)
            met.add((case.method, case.operation.path, answer.status_code))
            case.validate_response(answer, checks=CHECKS)

        for found in schema.get_all_operations():
            assert isinstance(found, Ok), found
            operation = found.ok()
            tries = [(free(operation), examples), *((one, 1) for one in made(operation))]
            for strategy, count in tries:
                run = settings(QUICK, max_examples=count)(given(case=strategy)(check))
                try:
                    run()
                except Exception as error:  # noqa: BLE001  # all operations are told of
                    failures.append(f"{operation.label}: {error}")
    assert not failures, "\n\n".join(failures)
    return met


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Settings]:
    found = settings_at(tmp_path)
    fill(found.database_url)
    yield found
    asgi.shutdown_lifespans()


def test_with_data(home: Settings) -> None:
    met = check_all(home, examples=6)
    answered = {(method, path) for method, path, status in met if status in {200, 201}}
    # Of no run and no outcome there is an id to ask for.
    assert {(method, path) for method, path, _ in met} - answered <= {
        ("GET", "/v1/runs/{run_id}"),
        ("GET", "/v1/outcomes/{month}"),
    }


def test_without_data(settings: Settings) -> None:
    met = check_all(settings, examples=3)
    asgi.shutdown_lifespans()
    assert ("GET", "/v1/friction-points", 404) in met
