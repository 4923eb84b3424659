from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import api.searcher
from api.app import create_app
from api.scope import Populations
from api.searcher import Searcher
from nlp.records import DatedEvent
from service.searching import build_index
from store.database import Engine, open_database, read_scope, session_scope
from store.events import upsert_events
from store.feedback import load_feedback, upsert_feedback
from tests.api.conftest import settings_at

LAST = "2026-W47"
NEW = "the hydrofoil is new"


@pytest.fixture
def engine(late_home: Path) -> Iterator[Engine]:
    found = open_database(settings_at(late_home).database_url)
    yield found
    found.dispose()


class Held:
    """Lays out indexes when it is let, and counts them."""

    def __init__(self) -> None:
        self.begun, self.let = threading.Event(), threading.Event()
        self.count = 0

    def __call__(self, *args: Any, **options: Any) -> Any:
        self.count += 1
        self.begun.set()
        while not self.let.wait(0.01):
            options["check"]()
        return build_index(*args, **options)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    made = Held()
    made.let.set()
    monkeypatch.setattr(api.searcher, "build_index", made)
    return made


def say_more(engine: Engine) -> None:
    with session_scope(engine) as session:
        upsert_feedback(session, [replace(load_feedback(session)[0], id="new", text=NEW)])


def test_the_index_is_laid_out_anew_only_when_it_would_differ(
    engine: Engine, late_home: Path, held: Held
) -> None:
    searcher, populations = Searcher(late_home / "no model"), Populations()
    with read_scope(engine) as session:
        first = searcher.searchable(session, populations, LAST)
        assert searcher.searchable(session, populations, LAST) is first
    with session_scope(engine) as session:
        upsert_events(session, [DatedEvent(dt.date(2026, 11, 2), "release", "4.2")])
    with read_scope(engine) as session:
        assert searcher.searchable(session, populations, LAST) is first
    say_more(engine)
    with read_scope(engine) as session:
        assert not searcher.searchable(session, populations, LAST).current
    assert searcher.wait(60)
    with read_scope(engine) as session:
        later = searcher.searchable(session, populations, LAST)
    assert later.current
    assert len(later.index.message_ids) == len(first.index.message_ids) + 1
    assert held.count == 2


def test_nobody_waits_while_the_next_index_is_laid_out(
    late_home: Path, engine: Engine, held: Held
) -> None:
    with TestClient(create_app(settings_at(late_home))) as client:
        before = client.get("/v1/search?q=signed out")
        assert before.json()["up_to_date"] is True
        held.let.clear()
        held.begun.clear()
        say_more(engine)
        for _ in range(3):  # would hang here if it waited
            answer = client.get("/v1/search?q=signed out")
            assert answer.status_code == 200
            assert answer.json() == {**before.json(), "up_to_date": False}
            assert "no-store" in answer.headers["cache-control"]
        assert held.begun.wait(30)
        page = client.get("/search?q=signed out")
        assert "Newer feedback is not searchable yet" in page.text
        assert held.count == 2
        held.let.set()
        assert client.app.state.searcher.wait(60)  # type: ignore[attr-defined]
        after = client.get("/v1/search?q=signed out")
        assert after.json()["up_to_date"] is True
        assert "no-store" not in after.headers["cache-control"]
        assert "not searchable yet" not in client.get("/search?q=signed out").text
        assert held.count == 2


def test_at_the_end_of_the_server_the_thread_ends(
    late_home: Path, engine: Engine, held: Held
) -> None:
    with TestClient(create_app(settings_at(late_home))) as client:
        client.get("/v1/search?q=signed out")
        held.let.clear()
        held.begun.clear()
        say_more(engine)
        client.get("/v1/search?q=signed out")
        assert held.begun.wait(30)
        searcher = client.app.state.searcher  # type: ignore[attr-defined]
        (thread,) = searcher._threads
        assert thread.is_alive()
    assert not thread.is_alive()


def test_what_fails_beside_the_answers_is_tried_again(
    late_home: Path, engine: Engine, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    searcher, populations = Searcher(late_home / "no model"), Populations()
    with read_scope(engine) as session:
        searcher.searchable(session, populations, LAST)
    say_more(engine)
    with monkeypatch.context() as broken:
        broken.setattr(api.searcher, "build_index", lambda *_, **__: 1 / 0)
        with read_scope(engine) as session:
            assert not searcher.searchable(session, populations, LAST).current
        assert searcher.wait(60)
    with read_scope(engine) as session:
        assert not searcher.searchable(session, populations, LAST).current
        assert searcher.wait(60)
        assert not searcher.searchable(session, populations, LAST).current  # not at once
        searcher._not_before = 0.0
        assert not searcher.searchable(session, populations, LAST).current
        assert searcher.wait(60)
        assert searcher.searchable(session, populations, LAST).current
