"""A store with a small published week, made through the store's own functions."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from nlp.records import (
    Assignment,
    Cause,
    Clause,
    DatedEvent,
    Feedback,
    Friction,
    OwnerMatch,
    Rejected,
    RootCause,
    StageMatch,
    Statement,
    Theme,
    ThemeEvent,
    Trend,
)
from store.assignments import save_assignments
from store.database import migrate, open_database, session_scope
from store.events import upsert_events
from store.feedback import upsert_feedback
from store.quarantine import add_quarantine
from store.snapshots import save_snapshot
from store.statements import save_statements
from store.themes import save_theme_events, save_themes

T = TypeVar("T")
WEEK = "2026-W42"


def _message(number: int, text: str, score: float | None) -> Feedback:
    day = dt.date(2026, 10, 12)
    return Feedback(
        id=f"t{number}",
        source="desk",
        kind="ticket",
        text=text,
        created_at=dt.datetime(2026, 10, 12, 8, number, tzinfo=dt.UTC),
        week=WEEK,
        day=day,
        customer_id=f"c{number % 2}",
        score=score,
        score_kind=None if score is None else "csat",
        attributes=(("plan", "Pro"),),
    )


FEEDBACK = (
    _message(1, "=cmd() The app signs me out since the update. Thanks!", 1),
    _message(2, "Signed out again", 3),
    _message(3, "Where is my money?", None),
)
STATEMENTS = (
    Statement(
        "desk/t1",
        1,
        "=cmd() The app signs me out since the update.",
        clauses=(Clause("the update", "since", "temporal", 28, 44),),
    ),
    Statement("desk/t1", 2, "Thanks!", noise="courtesy"),
    Statement("desk/t2", 1, "Signed out again"),
    Statement("desk/t3", 1, "Where is my money?"),
)
THEMES = (
    Theme(
        "T2",
        "leaf",
        "T1",
        "Signed out",
        "their words",
        ("signed out",),
        (STATEMENTS[2].sha,),
        0.5,
        WEEK,
    ),
    Theme("T1", "parent", None, "Access", "their words", ("access",), (), 0.4, WEEK),
)
ASSIGNMENTS = (
    Assignment("desk/t1#1", "T2", "T1", "leaf", 0.9, "exemplar"),
    Assignment("desk/t2#1", "T2", "T1", "leaf", 0.8, "exemplar"),
    Assignment("desk/t3#1", None, None, "unthemed", 0.2, "none"),
)
OWNERS = {
    "T1": OwnerMatch("ops", "Operations", "fallback", "no rule fits", 0.1, needs_confirmation=True),
    "T2": OwnerMatch("ana", "Ana", "rule", "text has 'signed out'", 1.0, needs_confirmation=False),
}
STAGES = {"T2": StageMatch("use", "Daily use", "nearest by meaning", 0.7)}
TRENDS = (
    Trend(WEEK, "T2", "Signed out", "new", 2, 2, None, None, None, None, 1, three_months=False),
    Trend(WEEK, "T1", "Access", "steady", 2, 2, 1.0, 0.5, 2.0, 0.9, None, three_months=False),
)
CAUSES = (
    Cause("C2", "T2", "where", "plan = Pro", 2, 2, 1.0, ("desk/t1#1",), (("plan", "Pro"),)),
    Cause("C1", "T2", "said", "the update", 1, 1, 0.5, ("desk/t1#1",), rank=1),
)
ROOT_CAUSES = (
    RootCause(
        *("R2", "T2", "plan = Pro", "observed", ("where",), ("C2",), 2, 2, 1.0, ("desk/t1#1",)),
        *("2026-W42",),
    ),
    RootCause(
        *("R1", "T2", "the update", "confirmed", ("said",), ("C1",), 1, 1, 0.5, ("desk/t1#1",)),
        first_week="2026-W41",
        rank=1,
        score=1 / 3,
        decided_by="ana",
        decision_note="seen in the log",
    ),
)
_NOT_ENOUGH = "not enough data"
FRICTION = (
    Friction(
        *("T1", "Access", "Operations", "", 2, None, None, None, 0.1, 1.0),
        *(None, None, None, None, None, (), (), _NOT_ENOUGH),
    ),
    Friction(
        *("T2", "Signed out", "Ana", "Daily use", 2, 1 / 3, 0.1, 0.5, 0.9, 1.0),
        *(0.6, 1, 1, 2, 1.0, ("T1",), ("C1", "C2")),
    ),
)
EVENTS = (
    ThemeEvent(WEEK, "T2", "born", "2 statements of 2 customers", ("T1",)),
    ThemeEvent(WEEK, "T1", "born", "parent of T2"),
)
QUARANTINE = (
    Rejected("t9", "ingest", "text is empty", "tickets.csv", 9, '{"id": "t9", "text": ""}'),
    Rejected("", "ingest", "there is no id", "tickets.csv", 4, "not an object"),
)


def stock(url: str, *, backwards: bool = False) -> None:
    """Fill a fresh database; `backwards` hands every sequence over in the other order."""

    def turned(items: Sequence[T]) -> list[T]:
        return list(reversed(items)) if backwards else list(items)

    engine = open_database(url)
    migrate(engine)
    with session_scope(engine) as session:
        upsert_feedback(session, turned(FEEDBACK))
        keys = turned([item.key for item in FEEDBACK])
        save_statements(session, turned(STATEMENTS), version="v1", feedback_keys=keys)
        save_themes(session, WEEK, turned(THEMES))
        save_theme_events(session, turned(EVENTS))
        save_assignments(session, WEEK, turned(ASSIGNMENTS))
        save_snapshot(
            session,
            WEEK,
            trends=turned(TRENDS),
            causes=turned(CAUSES),
            root_causes=turned(ROOT_CAUSES),
            friction=turned(FRICTION),
            owners=OWNERS,
            stages=STAGES,
            report_json="{}",
        )
        add_quarantine(session, turned(QUARANTINE), ingest_id="i1")
        upsert_events(session, [DatedEvent(dt.date(2026, 10, 12), "release", "4.2")])
    engine.dispose()


@pytest.fixture(scope="session")
def stocked_pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Never opened again: what is copied for each test."""
    home = tmp_path_factory.mktemp("stocked")
    stock(f"sqlite:///{home / 'groundswell.sqlite'}")
    return home


@pytest.fixture
def stocked_home(stocked_pattern: Path, tmp_path: Path) -> Path:
    """A home whose database holds one published week."""
    home = tmp_path / "home"
    shutil.copytree(stocked_pattern, home)
    return home


@pytest.fixture
def backwards_home(tmp_path: Path) -> Path:
    """The same week in a database that was filled in the other order."""
    home = tmp_path / "backwards"
    stock(f"sqlite:///{home / 'groundswell.sqlite'}", backwards=True)
    return home
