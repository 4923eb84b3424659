"""A store filled by hand: twelve weeks, two leaves under a broad theme, one of them hostile."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from nlp.population import build_population
from nlp.records import (
    Assignment,
    Cause,
    Clause,
    Feedback,
    Friction,
    OwnerMatch,
    RootCause,
    StageMatch,
    Statement,
    Theme,
    ThemeEvent,
    Trend,
    text_sha,
)
from nlp.weeks import monday, shift
from report.build import build_report
from report.document import Intake, to_json
from service.week_inputs import input_digests
from store.assignments import save_assignments
from store.database import migrate, open_database, session_scope
from store.feedback import upsert_feedback
from store.runs import RunRecord, save_run
from store.snapshots import save_snapshot
from store.statements import load_statements, save_statements
from store.themes import save_theme_events, save_themes
from store.vectors import save_vectors

LAST = "2026-W47"
ENCODER = "an encoder"
CAUSE, REJECTED, GONE = "R-00000000aa", "R-00000000bb", "R-00000000cc"
LOGIN, HOSTILE, BROAD = "T-00000000aa", "T-00000000bb", "T-00000000cc"
HOSTILE_TEXT = '<script>alert(1)</script> {{ 7*7 }} {% raw %} \u202eevil" onclick="x'


def _messages() -> list[Feedback]:
    found: list[Feedback] = []
    for step in range(12):
        week = shift(LAST, step - 11)
        for place in range(10):
            number = step * 10 + place
            found.append(
                Feedback(
                    id=f"{number:03d}/a" if number == 0 else f"{number:03d}",
                    source="desk",
                    kind="survey" if number % 2 else "ticket",
                    text=f"text {number}",
                    created_at=dt.datetime.combine(monday(week), dt.time(9), tzinfo=dt.UTC),
                    week=week,
                    day=monday(week),
                    customer_id=f"c{number % 60}",
                    score=float(number % 11) if number % 2 else None,
                    score_kind="nps" if number % 2 else None,
                    attributes=(("plan", "Pro" if number % 4 else "Starter"),),
                )
            )
    return found


def _trend(theme_id: str, week: str) -> Trend:
    return Trend(
        week=week,
        theme_id=theme_id,
        label="label of its day",
        status="rising" if theme_id == LOGIN and week == LAST else "steady",
        statements=7,
        customers=7,
        rate_ratio=1.75,
        ratio_low=1.2,
        ratio_high=2.5,
        q_value=0.01,
        rank=1 if theme_id == LOGIN else None,
        three_months=theme_id == LOGIN,
    )


def _friction(theme_id: str, rank: int | None) -> Friction:
    return Friction(
        theme_id=theme_id,
        label="label of its day",
        owner="Accounts & access",
        journey_stage="Sign in",
        reach=40,
        impact=0.2,
        impact_low=0.1,
        impact_high=0.3,
        confidence=0.85,
        effort=1.0,
        score=6.8 if rank else None,
        rank=rank,
        rank_low=rank,
        rank_high=None if rank is None else rank + 1,
        top5_probability=1.0,
        tied_with=(),
        top_causes=("C-1",),
    )


def _theme(theme_id: str, label: str, *, level: str = "leaf") -> Theme:
    return Theme(
        id=theme_id,
        level="leaf" if level == "leaf" else "parent",
        parent_id=BROAD if level == "leaf" else None,
        label=label,
        label_reason="terms",
        terms=("signed out",),
        exemplars=(text_sha(HOSTILE_TEXT),) if theme_id == HOSTILE else (),
        threshold=0.5,
        born_week=shift(LAST, -6),
    )


def fill(url: str) -> None:
    """Two published weeks over the made-up feedback."""
    messages = _messages()
    statements: list[Statement] = []
    assignments: list[Assignment] = []
    for number, message in enumerate(messages):
        leaf = HOSTILE if number % 5 == 0 else LOGIN
        text = HOSTILE_TEXT if leaf == HOSTILE else f"Signed out {number} times since the update"
        clauses = (
            (Clause("the update", "since", "temporal", text.index("since"), len(text)),)
            if leaf == LOGIN
            else ()
        )
        statement = Statement(message.key, 0, text, clauses=clauses)
        statements.append(statement)
        assignments.append(Assignment(statement.id, leaf, BROAD, "leaf", 0.8, "exemplar"))
    themes = [
        _theme(LOGIN, "Signed out again and again"),
        _theme(HOSTILE, HOSTILE_TEXT),
        _theme(BROAD, "Sign in", level="parent"),
    ]
    owners = {
        LOGIN: OwnerMatch("accounts_access", "Accounts & access", "rule", "rule", 1.0, False),
        HOSTILE: OwnerMatch("gone", "Somebody <b>gone</b>", "fallback", "nothing", 0.1, True),
        BROAD: OwnerMatch("accounts_access", "Accounts & access", "stage", "stage", 0.6, False),
    }
    stages = {
        name: StageMatch("sign_in", "Sign in", "nearest", 0.7) for name in (LOGIN, HOSTILE, BROAD)
    }
    evidence = tuple(item.id for item in statements if item.clauses)
    causes = [
        Cause("C-1", LOGIN, "said", "since the update", 48, 96, 1.0, evidence, rank=1),
        Cause(
            "C-2",
            LOGIN,
            "where",
            "plan is Starter",
            12,
            24,
            0.25,
            tuple(i.id for i in statements[::4] if i.clauses),
            conditions=(("plan", "Starter"),),
            lift=1.8,
            lift_low=1.2,
            lift_high=2.9,
            q_value=0.02,
            rank=2,
            exploratory=True,
        ),
    ]
    told = RootCause(
        id=CAUSE,
        theme_id=LOGIN,
        statement='mostly plan Starter (1.8 times as frequent), 48 customers say "since <b>"',
        state="corroborated",
        kinds=("said", "where"),
        evidence=("C-1", "C-2"),
        customers=48,
        statements=96,
        share_of_theme=1.0,
        evidence_ids=evidence,
        first_week=shift(LAST, -3),
        independent=2,
        rank=1,
        rank_low=1,
        rank_high=1,
        top5_probability=1.0,
        reach=40,
        reach_low=33,
        reach_high=48,
        impact=0.2,
        impact_low=0.1,
        impact_high=0.3,
        avoidable=0.5,
        avoidable_low=0.4,
        avoidable_high=0.6,
        confidence=0.85,
        score=3.4,
        score_low=1.0,
        score_high=6.0,
        exploratory=True,
    )
    causes.append(Cause("C-3", LOGIN, "said", "the password", 3, 3, 0.1, evidence[:3]))
    rejected = replace(
        told,
        id=REJECTED,
        statement='Customers say: "the password"',
        state="rejected",
        kinds=("said",),
        evidence=("C-3",),
        evidence_ids=evidence[:3],
        customers=3,
        statements=3,
        rank=None,
        score=None,
        note="rejected",
        decided_by="ana <i>",
        decision_note="they mean another site",
    )
    engine = open_database(url)
    migrate(engine)
    with session_scope(engine) as session:
        upsert_feedback(session, messages)
        save_statements(
            session, statements, version="1", feedback_keys=[item.key for item in messages]
        )
        gone = replace(told, id=GONE, rank=2, evidence=("C-3",), evidence_ids=evidence[:3])
        for week in (shift(LAST, -1), LAST):
            root_causes = [told, rejected] if week == LAST else [told, gone]
            known = {item.key for item in messages if item.week <= week}
            placed = [item for item in assignments if item.statement_id.split("#")[0] in known]
            save_themes(session, week, themes)
            save_assignments(session, week, placed)
            trends = [_trend(theme.id, week) for theme in themes]
            friction = [_friction(LOGIN, 1), _friction(HOSTILE, 2), _friction(BROAD, None)]
            report = build_report(
                week=week,
                population=build_population(
                    [item for item in messages if item.week <= week],
                    statements,
                    {item.statement_id: item for item in placed},
                ),
                statements={item.id: item for item in statements},
                assignments={item.statement_id: item for item in placed},
                themes=themes,
                trends=trends,
                previous_trends=[],
                causes=causes,
                root_causes=root_causes,
                friction=friction,
                owners=owners,
                stages=stages,
                intake=Intake(120, 120, 0, 0, 0),
                least_statements=300,
                friction_weeks=8,
                cause_weeks=12,
                input_digest="ab",
                code_version="0.1.0",
            )
            save_snapshot(
                session,
                week,
                trends=trends,
                causes=causes,
                root_causes=root_causes,
                friction=friction,
                owners=owners,
                stages=stages,
                report_json=to_json(report),
            )
        save_theme_events(session, [ThemeEvent(shift(LAST, -6), LOGIN, "born", "from 12 texts")])
    engine.dispose()


def keep_run(url: str) -> None:
    """The run that published what `fill` did, with a vector of each text."""
    engine = open_database(url)
    with session_scope(engine) as session:
        texts = sorted({text_sha(item.text) for item in load_statements(session)})
        rows = np.eye(len(texts), dtype=np.float32)
        save_vectors(session, ENCODER, texts, rows)
        config = json.dumps({"inputs": input_digests(session, LAST)})
        noon = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC) - dt.timedelta(days=365)
        digests = json.dumps({"encoder": ENCODER})
        done = RunRecord("r1", "weekly", LAST, "done", noon, noon, config, digests)
        save_run(session, replace(done, input_digest="d1"))
    engine.dispose()


def settings_at(home: Path) -> Settings:
    return Settings(
        home=home,
        database_url=f"sqlite:///{home / 'groundswell.sqlite'}",
        labels_dir=None,
        busy_seconds=0.1,
        max_body=200_000,
    )


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("filled")
    fill(settings_at(home).database_url)
    return home


@pytest.fixture(scope="session")
def pattern_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Never opened again: what is copied where a test writes."""
    home = tmp_path_factory.mktemp("pattern")
    fill(settings_at(home).database_url)
    return home


@pytest.fixture
def late_home(pattern_home: Path, tmp_path: Path) -> Path:
    """A filled store that a test may write to."""
    shutil.copytree(pattern_home, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture(scope="session")
def run_pattern(pattern_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("run")
    shutil.copytree(pattern_home, home, dirs_exist_ok=True)
    keep_run(settings_at(home).database_url)
    return home


@pytest.fixture
def run_home(run_pattern: Path, tmp_path: Path) -> Path:
    """A filled store with a run on record and a vector of each text: a correction can be tried."""
    shutil.copytree(run_pattern, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture(scope="session")
def client(filled_home: Path) -> Iterator[TestClient]:
    """Reads from a filled store; tests must not write to it."""
    with TestClient(create_app(settings_at(filled_home)), raise_server_exceptions=False) as found:
        yield found


@pytest.fixture(scope="session")
def empty_pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("empty")
    engine = open_database(settings_at(home).database_url)
    migrate(engine)
    engine.dispose()
    return home


@pytest.fixture
def settings(empty_pattern: Path, tmp_path: Path) -> Settings:
    """A migrated store without anything in it."""
    shutil.copytree(empty_pattern, tmp_path, dirs_exist_ok=True)
    return settings_at(tmp_path)


@pytest.fixture
def empty(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), raise_server_exceptions=False) as found:
        yield found
