"""A company small enough for a test, asked within this process: nothing is measured here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from labels.schema import load
from report.document import from_json
from store.assignments import assignments_as_of
from store.database import Engine, open_database, read_scope
from store.feedback import load_feedback
from store.snapshots import load_friction, load_report, published_weeks
from store.statements import load_statements
from store.themes import themes_as_of
from tests.api.test_filters_everywhere import routes
from tests.bench.load.bench import main, misses
from tests.bench.load.clients import AnswerError, Line, Taken, lines, run
from tests.bench.load.filling import fill
from tests.bench.load.questions import EMPTY, FRICTION, Questions
from tests.bench.load.world import TINY, World


def _quiet(_text: str) -> None:
    pass


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("load")
    fill(_url(found), TINY, model="m", say=_quiet)
    return found


@pytest.fixture(scope="module")
def engine(home: Path) -> Iterator[Engine]:
    found = open_database(_url(home))
    yield found
    found.dispose()


def _away(_url: str) -> tuple[int, bytes]:
    return 503, b"away"


def _url(home: Path) -> str:
    return f"sqlite:///{home / 'groundswell.sqlite'}"


def test_what_is_filled_is_whole_and_the_same_again(
    engine: Engine, tmp_path: Path, home: Path
) -> None:
    fill(_url(tmp_path), TINY, model="m", say=_quiet)
    again = open_database(_url(tmp_path))
    with read_scope(engine) as session, read_scope(again) as other:
        assert len(load_feedback(session)) == TINY.messages
        statements = load_statements(session)
        assert len(statements) == TINY.statements
        assert {item.id for item in statements} == set(assignments_as_of(session))
        assert len(themes_as_of(session)) == TINY.themes
        weeks = published_weeks(session)
        assert len(weeks) == TINY.weeks
        for week in weeks:
            assert from_json(load_report(session, week) or "").week == week
            assert load_report(session, week) == load_report(other, week)
        assert load_friction(session) == load_friction(other)
        assert load_feedback(session) == load_feedback(other)
    again.dispose()


def test_every_question_is_answered(home: Path) -> None:
    settings = Settings(home=home, database_url=_url(home), labels_dir=None)
    questions = Questions(World(TINY), load(), search=False)
    reached: set[int] = set()
    with TestClient(create_app(settings)) as client:

        def ask(url: str) -> tuple[int, bytes]:
            found = client.get(url)
            return found.status_code, found.content

        taken = run(
            questions,
            requests=500,
            clients=2,
            connect=lambda: nullcontext(ask),
            milestones={100: lambda: reached.add(100)},
        )
    assert len(taken) == 500
    assert {one.row for one in taken} == {subject.row for subject in questions.subjects}
    assert reached == {100}
    assert any("cursor=" in url for urls in questions._cursors.values() for url in urls)


# Addresses that are neither a list nor a page.
_NOT_ASKED = {
    "/sign-in": "leads away where there are no keys",
    "/static/{name}": "files, sent as they are",
    "/v1/exports/{noun}": "everything at once, streamed for as long as it takes",
}


def test_every_list_and_page_is_asked_for() -> None:
    app: Any = create_app(Settings(home=Path(), database_url="sqlite://", labels_dir=None))
    asked = {one.row.partition(" ")[0] for one in Questions(World(TINY), load()).subjects}
    paths = {route.path for route in routes(app.routes)}
    assert paths >= _NOT_ASKED.keys()
    named = {"week": "WEEK", "month": "MONTH"}
    rows = {
        re.sub(r"{(\w+)(?::\w+)?}", lambda found: named.get(found[1], "ID"), path)
        for path in paths - _NOT_ASKED.keys()
    }
    assert rows == asked


def test_an_answer_that_is_none_ends_the_run() -> None:
    questions = Questions(World(TINY), load())
    with pytest.raises(AnswerError, match="503 for /"):
        run(questions, requests=50, clients=2, connect=lambda: nullcontext(_away))


def test_the_table_holds_an_endpoint_against_the_empty_one() -> None:
    taken = [Taken(EMPTY, at, 1.0, at == 0) for at in range(100)]
    taken += [Taken("/themes", 100 + at, 5.0 if at < 97 else 80.0, at < 50) for at in range(100)]
    table = lines(taken)
    assert [line.row for line in table] == ["/themes", EMPTY]
    assert table[0].n == 100
    assert (table[0].p95, table[0].ratio, table[0].slowest) == (5.0, 5.0, 80.0)
    assert (table[0].first, table[0].cold) == (5.0, 5.0)


def _line(row: str, ratio: float) -> Line:
    return Line(row, 9, 1.0, 1.0, ratio, 1.0, None, None, 1.0)


@pytest.mark.parametrize(
    ("row", "ratio", "missed"),
    [
        ("/themes", 10.0, 0),
        ("/themes", 10.1, 1),
        (FRICTION, 5.0, 0),
        (FRICTION, 5.1, 1),
        (f"{FRICTION} (filtered)", 5.1, 1),
        ("/themes", float("nan"), 1),
    ],
)
def test_a_must_is_missed_just_above_its_limit(row: str, ratio: float, missed: int) -> None:
    memory = {"after 5": 100.0, "after 10": 100.0}
    assert len(misses([_line(row, ratio)], memory, requests=10)) == missed


@pytest.mark.parametrize(("end", "missed"), [(105.0, 0), (105.2, 1)])
def test_memory_that_grows_is_a_miss(end: float, missed: int) -> None:
    memory = {"after 5": 100.0, "after 10": end}
    assert len(misses([_line("/themes", 1.0)], memory, requests=10)) == missed


def test_the_bench_serves_asks_and_writes(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.bench.load.bench.QUICK", TINY)
    out = tmp_path / "load.json"
    code = main(
        ["--quick", "--home", str(home), "--requests", "120", "--no-search", "--out", str(out)]
    )
    found = json.loads(out.read_text())
    assert code == bool(found["missed"])
    assert sum(line["n"] for line in found["endpoints"]) == 120
    assert set(found["memory_mb"]) == {"start", "after 24", "after 60", "after 120"}
    assert all(value > 10 for value in found["memory_mb"].values())
