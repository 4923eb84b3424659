"""Verdicts and efforts through the store: every run replays them until they are undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flows.models import Models, load_models
from flows.running import WeekOutcome, run_week
from flows.settings import Settings
from labels.schema import copy_defaults
from nlp.records import Feedback, RootCause
from store.database import Engine, migrate, open_database, read_scope, session_scope
from store.deciding import Wish, decide
from store.decisions import undo_decision
from store.feedback import upsert_feedback
from store.snapshots import load_friction, load_report, load_root_causes

W47, W48, W49 = "2026-W47", "2026-W48", "2026-W49"
SEEDS = """
intents:
  - id: signout
    name: Signed out
    examples: [The app signs me out every day., I get signed out of the app again and again.]
"""
SAID = (
    "The app signs me out because of the new password rule.",
    "The app signs me out each day because of the new password rule.",
    "The app signs me out every day because of the new password rule.",
    "The app signs me out every day.",
    "I get signed out of the app again and again.",
)


def message(number: int, text: str, day: dt.date, week: str) -> Feedback:
    return Feedback(
        id=f"m{number}",
        source="desk",
        kind="ticket",
        text=text,
        created_at=dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC),
        week=week,
        day=day,
        customer_id=f"c{number}",
    )


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models(None)


@pytest.fixture
def stocked(tmp_path: Path) -> Iterator[tuple[Engine, Settings]]:
    copy_defaults(tmp_path / "labels")
    (tmp_path / "labels" / "intents.yaml").write_text(SEEDS, encoding="utf-8")
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'test.db'}", tmp_path / "labels")
    engine = open_database(settings.database_url)
    migrate(engine)
    first = [message(at, text, dt.date(2026, 11, 16), W47) for at, text in enumerate(SAID)]
    later = replace(first[0], id="m9", customer_id="c9", week=W48)
    day = dt.date(2026, 11, 23)
    later = replace(later, day=day, created_at=dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC))
    with session_scope(engine) as session:
        upsert_feedback(session, [*first, later])
    yield engine, settings
    engine.dispose()


def run(stocked: tuple[Engine, Settings], models: Models, week: str) -> WeekOutcome:
    engine, settings = stocked
    return run_week(
        engine, settings=settings, models=models, week=week, last=W49, tell=lambda _line: None
    )


def the_cause(engine: Engine, week: str) -> RootCause:
    with read_scope(engine) as session:
        (found,) = [one for _, one in load_root_causes(session, week=week) if "said" in one.kinds]
    return found


def test_a_verdict_and_an_effort_hold_on_every_run_until_they_are_undone(
    stocked: tuple[Engine, Settings], models: Models
) -> None:
    engine, _ = stocked
    assert run(stocked, models, W47).counts["root_causes"] >= 1
    before = the_cause(engine, W47)
    assert (before.state, before.first_week, before.customers) == ("observed", W47, 3)
    with session_scope(engine) as session:
        value = {"cause_id": before.id}
        number = decide(session, Wish("reject-cause", "", value, "ana", "an old rule"))
        decide(session, Wish("effort", before.theme_id, {"effort": 4}, "ana", "a month"))
    for week in (W47, W48):
        assert run(stocked, models, week).status == "done"
        assert run(stocked, models, week).status == "unchanged"
        now = the_cause(engine, week)
        assert (now.id, now.state, now.rank, now.first_week) == (before.id, "rejected", None, W47)
        assert (now.decided_by, now.decision_note) == ("ana", "an old rule")
        assert now.decided_wording.startswith("Customers say “")
        with read_scope(engine) as session:
            points = {one.theme_id: one for _, one in load_friction(session, week=week)}
            assert before.id not in str(load_report(session, week))
        assert points[before.theme_id].effort == 4
        assert before.id not in points[before.theme_id].top_causes
    with session_scope(engine) as session:
        undo_decision(session, number)
    assert run(stocked, models, W48).status == "done"
    back = the_cause(engine, W48)
    assert (back.id, back.state, back.decided_by) == (before.id, "observed", "")
    with read_scope(engine) as session:
        points = {one.theme_id: one for _, one in load_friction(session, week=W48)}
        assert before.id in str(load_report(session, W48))
    assert points[before.theme_id].top_causes == (before.id,)
