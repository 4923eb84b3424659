"""A small made-up company: eight weeks, three themes, one of them hostile to whoever shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from nlp.population import build_population
from nlp.records import (
    Assignment,
    Cause,
    Feedback,
    Friction,
    OwnerMatch,
    RootCause,
    StageMatch,
    Statement,
    Theme,
    Trend,
)
from nlp.weeks import monday, shift
from report.build import build_report
from report.document import Intake, WeekReport

WEEK = "2026-W47"
LOGIN, HOSTILE, BROAD = "T-0000000001", "T-0000000002", "T-0000000003"
HOSTILE_TEXT = (
    "<script>alert(1)</script> {{ 7*7 }} \u202eevil\u202c | [x](http://x.example) "
    "*b* \n# not a title"
)


def feedback(number: int, week: str, *, score: float | None = None) -> Feedback:
    day = monday(week)
    return Feedback(
        id=str(number),
        source="desk",
        kind="survey" if score is not None else "ticket",
        text=f"text {number}",
        created_at=dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC),
        week=week,
        day=day,
        customer_id=f"c{number % 40}",
        score=score,
        score_kind="nps" if score is not None else None,
        attributes=(("plan", "Pro" if number % 2 else "Starter"),),
    )


def theme(theme_id: str, label: str, **changes: Any) -> Theme:
    fields: dict[str, Any] = {
        "id": theme_id,
        "level": "leaf",
        "parent_id": None,
        "label": label,
        "label_reason": "terms",
        "terms": ("log", "in"),
        "exemplars": (),
        "threshold": 0.5,
        "born_week": "2026-W40",
    }
    return Theme(**(fields | changes))


def trend(theme_id: str, status: Any, **changes: Any) -> Trend:
    fields: dict[str, Any] = {
        "week": WEEK,
        "theme_id": theme_id,
        "label": "old label",
        "status": status,
        "statements": 24,
        "customers": 23,
        "rate_ratio": 2.0,
        "ratio_low": 1.3,
        "ratio_high": 3.1,
        "q_value": 0.001,
        "rank": 1,
        "three_months": False,
    }
    return Trend(**(fields | changes))


def friction(theme_id: str, rank: int | None, **changes: Any) -> Friction:
    fields: dict[str, Any] = {
        "theme_id": theme_id,
        "label": "old label",
        "owner": "Identity team",
        "journey_stage": "Sign in",
        "reach": 30,
        "impact": 0.2,
        "impact_low": 0.1,
        "impact_high": 0.3,
        "confidence": 0.9,
        "effort": 2.0,
        "score": 2.7,
        "rank": rank,
        "rank_low": rank,
        "rank_high": None if rank is None else rank + 1,
        "top5_probability": 1.0,
        "tied_with": (),
        "top_causes": (),
    }
    return Friction(**(fields | changes))


def cause(cause_id: str, kind: Any, **changes: Any) -> Cause:
    fields: dict[str, Any] = {
        "id": cause_id,
        "theme_id": LOGIN,
        "kind": kind,
        "statement": f"cause {cause_id}",
        "customers": 12,
        "statements": 13,
        "share_of_theme": 0.4,
        "evidence_ids": ("desk/1#0",),
        "rank": 1,
    }
    return Cause(**(fields | changes))


def root_cause(cause_id: str, *pieces: Cause, **changes: Any) -> RootCause:
    """The pieces as one cause."""
    fields: dict[str, Any] = {
        "id": cause_id,
        "theme_id": LOGIN,
        "statement": "; ".join(piece.statement for piece in pieces),
        "state": "observed",
        "kinds": tuple(sorted({piece.kind for piece in pieces})),
        "evidence": tuple(piece.id for piece in pieces),
        "customers": 12,
        "statements": 13,
        "share_of_theme": 0.4,
        "evidence_ids": ("desk/1#0",),
        "first_week": "2026-W45",
        "exploratory": any(piece.exploratory for piece in pieces),
    }
    return RootCause(**(fields | changes))


def inputs() -> dict[str, Any]:
    """Arguments of `build_report` for the made-up company."""
    messages: list[Feedback] = []
    statements: dict[str, Statement] = {}
    assignments: dict[str, Assignment] = {}
    number = 0
    for step in range(8):
        week = shift(WEEK, step - 7)
        for _ in range(4 + step):
            number += 1
            message = feedback(number, week, score=float(number % 11) if number % 3 == 0 else None)
            messages.append(message)
            leaf = LOGIN if number % 3 else HOSTILE
            text = f"I was logged out again while writing invoice {number}"
            statement = Statement(message.key, 0, text if leaf == LOGIN else HOSTILE_TEXT)
            statements[statement.id] = statement
            assignments[statement.id] = Assignment(
                statement.id, leaf, BROAD, "leaf", 0.5 + number / 1000, "exemplar"
            )
        number += 1
        messages.append(feedback(number, week))
        extra = Statement(messages[-1].key, 0, "n/a", noise="non-answer")
        statements[extra.id] = extra
        assignments[extra.id] = Assignment(extra.id, None, None, "noise", 0.0, "non-answer")
    causes = [
        cause("C1", "said", statement="since the update to 4.2"),
        cause("C2", "where", rank=2, lift=2.8, lift_low=1.9, conditions=(("plan", "Pro"),)),
        cause("C3", "said", rank=3),
        cause(
            "C4",
            "when",
            statement="since 2026-10-06 (release 4.2, 2026-10-06): 3.0 times as frequent",
            rank=4,
            onset=dt.date(2026, 10, 6),
            event="release: 4.2",
        ),
    ]
    return {
        "week": WEEK,
        "population": build_population(messages, statements.values(), assignments),
        "statements": statements,
        "assignments": assignments,
        "themes": [
            theme(LOGIN, "Signed out again and again", parent_id=BROAD),
            theme(HOSTILE, HOSTILE_TEXT, parent_id=BROAD),
            theme(BROAD, "Sign in", level="parent"),
        ],
        "trends": [trend(LOGIN, "rising"), trend(BROAD, "rising"), trend(HOSTILE, "steady")],
        "previous_trends": [trend(LOGIN, "rising", week="2026-W46")],
        "causes": causes,
        "root_causes": [
            root_cause(f"R{number}", piece, rank=number) for number, piece in enumerate(causes, 1)
        ],
        "friction": [
            friction(LOGIN, 1, tied_with=(HOSTILE,)),
            friction(HOSTILE, 2),
            friction(BROAD, None, score=None, impact=None, note="not enough data"),
        ],
        "owners": {
            LOGIN: OwnerMatch("identity", "Identity team", "rule", "rule sign-in", 1.0, False),
            HOSTILE: OwnerMatch("support", "Support lead", "fallback", "nothing fits", 0.1, True),
        },
        "stages": {LOGIN: StageMatch("signin", "Sign in", "words", 0.8)},
        "intake": Intake(70, 60, 2, 3, 5, (("no id", 5),), (("email", 4),)),
        "least_statements": 300,
        "friction_weeks": 8,
        "cause_weeks": 12,
        "input_digest": "ab" * 32,
        "code_version": "0.1.0",
    }


@pytest.fixture
def make_report() -> Callable[..., WeekReport]:
    """A report of the made-up company, with some arguments exchanged."""

    def make(**changes: Any) -> WeekReport:
        return build_report(**(inputs() | changes))

    return make


@pytest.fixture
def arguments() -> dict[str, Any]:
    return inputs()
