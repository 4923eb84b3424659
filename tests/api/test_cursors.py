from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.cursors import Cursor, decode, encode, question_of
from api.problems import ProblemError

LOGIN = "T-00000000aa"
LISTS = [
    "/v1/friction-points",
    "/v1/themes",
    "/v1/root-causes",
    "/v1/owners",
    f"/v1/themes/{LOGIN}/statements",
    "/v1/search?q=signed out",
]
QUESTIONS = {
    "/v1/runs": question_of(("runs", None, None)),
    "/v1/ingests": question_of(("ingests",)),
    "/v1/quarantine": question_of(("quarantine", None)),
}


def written(*parts: Any) -> str:
    """A cursor as anybody could write one: ASCII JSON, where escapes make lone surrogates."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def question(client: TestClient, path: str) -> str:
    """The question of a list's own cursor."""
    if path not in QUESTIONS:
        sign = "&" if "?" in path else "?"
        cursor = client.get(f"{path}{sign}limit=1").json()["next_cursor"]
        QUESTIONS[path] = decode(cursor).question
    return QUESTIONS[path]


@pytest.mark.parametrize(
    "parts",
    [
        ("\ud800", [1], "q"),
        ("2026-W47", ["\udfff"], "q"),
        ("2026-W47", ["a\0b"], "q"),
        ("2026-W47", [1], "\ud83d"),
        ("2026-W99", [1], "q"),
        ("last", [1], "q"),
        ("0000-W01", [1], "q"),
        ("2026-W47", [float("nan")], "q"),
        ("2026-W47", [float("inf")], "q"),
        ("2026-W47", [None], "q"),
        (1, [1], "q"),
        ("2026-W47", "ab", "q"),
    ],
)
def test_what_this_api_never_wrote_is_refused(parts: tuple[Any, ...]) -> None:
    with pytest.raises(ProblemError) as found:
        decode(written(*parts))
    assert found.value.status == 422


def test_what_was_written_is_read() -> None:
    for week in ("", "2026-W47"):
        cursor = Cursor(week, (1, -2.5, True, "ünï \U0001f600"), "0123456789ab")
        assert decode(encode(cursor)) == cursor


@pytest.mark.parametrize("path", LISTS)
def test_a_week_that_is_no_text_is_refused(client: TestClient, path: str) -> None:
    sign = "&" if "?" in path else "?"
    cursor = written("\ud800", [1], question(client, path))
    answer = client.get(f"{path}{sign}cursor={cursor}")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("unknown-cursor")


@pytest.mark.parametrize("path", ["/v1/runs", "/v1/ingests"])
@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-11-16T05:00:00",
        "yesterday",
    ],
)
def test_a_moment_outside_the_calendar_is_refused(
    client: TestClient, path: str, moment: str
) -> None:
    answer = client.get(f"{path}?cursor={written('', [moment, 'a'], QUESTIONS[path])}")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("unknown-cursor")


_PARTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=8),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(timezones=st.timezones()).map(lambda one: one.isoformat()),
    st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-12:00", "\ud800", "desk/1"]),
)
_WEEKS = st.one_of(
    st.sampled_from(["", "2026-W46", "2026-W47", "2026-W99", "0001-W01", "9999-W52", "\ud800"]),
    st.text(st.characters(exclude_categories=()), max_size=8),
)


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    path=st.sampled_from([*LISTS, "/v1/runs", "/v1/ingests", "/v1/quarantine"]),
    week=_WEEKS,
    after=st.lists(_PARTS, max_size=4),
)
def test_no_cursor_breaks_a_list(
    client: TestClient, path: str, week: str, after: list[Any]
) -> None:
    asked = question(client, path)
    sign = "&" if "?" in path else "?"
    answer = client.get(f"{path}{sign}limit=2&cursor={written(week, after, asked)}")
    assert answer.status_code in (200, 404, 409, 422), answer.text
