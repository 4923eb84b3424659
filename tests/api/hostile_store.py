"""A store in which every text that comes from outside is an attack on whoever shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from nlp.population import build_population
from nlp.records import (
    Assignment,
    Cause,
    Clause,
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
from store.assignments import save_assignments
from store.database import migrate, open_database, session_scope
from store.decisions import add_decision
from store.feedback import load_feedback
from store.snapshots import save_snapshot
from store.statements import save_statements
from store.themes import save_theme_events, save_themes

LAST = "2026-W47"
WORD = "W" * 100_000
TEXT = 19_500  # a message's text may have 20,000 characters; a longer one is not taken
ATTACKS: Mapping[str, str] = {
    "script": "<script>alert('script')</script>",
    "image": "\"'><img src=x onerror=alert(1)><a href=javascript:alert(2)>",
    "closing": "</title></style></textarea></svg>--><iframe src=//evil.example>",
    "rtl": "\u202egnp.exe\u202c \u2067right\u2066 to left",
    "zero-width": "pass\u200bword\u200d\u2060\ufeff\u00ad",
    "word": WORD,
    "emoji": "\U0001f469\u200d\U0001f467\u200d\U0001f466\ufe0f\U0001f3f3 \u0301\u0301\u0301",
    "formula": '=HYPERLINK("http://evil.example";"click")',
    "plus": "+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)*cmd",
    "tab": "\t=1+1",
    "template": "{{7*7}} {% raw %} ${7*7} #{7*7} <%= 7*7 %> {{ config }}",
    "sql": '\'; DROP TABLE feedback; -- {"$gt": ""} \\u0000 %00 \\',
    "control": "be\x07ll es\x1b[31mc back\x08 del\x7f nel\x85 line\u2028 end",
    "markdown": "[x](javascript:alert(1)) ![y](http://evil.example/p.png) `c` # h | t | *b*",
}
# Those that reach the store through the intake and are then looked for whole.
THEMES: Mapping[str, str] = {
    name: f"T-{number:010x}" for number, name in enumerate(ATTACKS, start=0xA0)
}
CAUSES: Mapping[str, str] = {name: f"R-{theme[2:]}" for name, theme in THEMES.items()}
OWNERS: Mapping[str, str] = {name: f"owner_{name.replace('-', '_')}" for name in ATTACKS}
BROAD = "T-00000000ff"


def hostile_rows() -> list[dict[str, object]]:
    """What is posted: each attack in two weeks, in every field that a person or a form fills."""
    return [
        {
            "id": f"{name}-{number}",
            "text": f"{text[:TEXT]} since {text[:200]} number {number}",
            "created_at": f"{monday(shift(LAST, -(number % 2)))}T09:00:00Z",
            "customer_id": f"{text[:200]}{number}",
            "kind": "survey" if number % 2 else "ticket",
            **({"score": 3, "score_kind": "nps"} if number % 2 else {}),
            "plan": text,
            f"col {text[:40]}": "one",
        }
        for name, text in ATTACKS.items()
        for number in range(4)
    ]


def fill_hostile(settings: Settings) -> None:
    """Two published weeks; feedback and events come in by POST, all else as a run saves it."""
    engine = open_database(settings.database_url)
    migrate(engine)
    with TestClient(create_app(replace(settings, max_body=2_000_000))) as client:
        for row in hostile_rows():
            answer = client.post("/v1/feedback", json={"source": "=desk", "items": [row]})
            assert answer.status_code == 200, answer.text
            assert answer.json()["accepted"] == 1, answer.text
        longest = hostile_rows()[0] | {"id": "longest", "text": WORD}
        answer = client.post("/v1/feedback", json={"source": "=desk", "items": [longest]})
        assert answer.json()["quarantined"] == 1, answer.text
        events = [
            {"day": "2026-11-16", "kind": text[:100], "name": text[:100], "detail": text[:1000]}
            for name, text in ATTACKS.items()
            if name != "control"
        ]
        answer = client.post("/v1/events", json={"items": events})
        assert answer.status_code == 200, answer.text
    with session_scope(engine) as session:
        messages = load_feedback(session, until_week=LAST)
        statements = [
            Statement(one.key, 0, one.text, clauses=_clauses(one.text)) for one in messages
        ]
        save_statements(
            session, statements, version="1", feedback_keys=[one.key for one in messages]
        )
        themes = _themes(statements)
        placed = [
            Assignment(one.id, THEMES[_attack(one)], BROAD, "leaf", 0.8, "exemplar")
            for one in statements
        ]
        for week in (shift(LAST, -1), LAST):
            known = {one.key for one in messages if one.week <= week}
            seen = [one for one in placed if one.statement_id.rpartition("#")[0] in known]
            save_themes(session, week, themes)
            save_assignments(session, week, seen)
            trends = [_trend(theme, week) for theme in themes]
            causes = [_cause(name, statements) for name in ATTACKS]
            root_causes = [
                _root_cause(name, cause) for name, cause in zip(ATTACKS, causes, strict=True)
            ]
            friction = [_friction(name, rank) for rank, name in enumerate(ATTACKS, 1)]
            owners, stages = _owners(), _stages()
            report = build_report(
                week=week,
                population=build_population(
                    [one for one in messages if one.week <= week],
                    statements,
                    {one.statement_id: one for one in seen},
                ),
                statements={one.id: one for one in statements},
                assignments={one.statement_id: one for one in seen},
                themes=themes,
                trends=trends,
                previous_trends=[],
                causes=causes,
                root_causes=root_causes,
                friction=friction,
                owners=owners,
                stages=stages,
                intake=Intake(len(messages), len(messages), 0, 0, 0),
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
        save_theme_events(
            session,
            [
                ThemeEvent(LAST, THEMES[name], "renamed", text[:1000])
                for name, text in ATTACKS.items()
            ],
        )
        for name, text in ATTACKS.items():
            add_decision(
                session,
                kind="rename",
                theme_id=THEMES[name],
                value=f'{{"label": {_json(text)}}}',
                who=text[:1000],
                why=text[:1000],
                when=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
            )
    engine.dispose()


def _json(text: str) -> str:
    import json

    return json.dumps(text)


def _attack(statement: Statement) -> str:
    return statement.feedback_key.rpartition("/")[2].rpartition("-")[0]


def _clauses(text: str) -> tuple[Clause, ...]:
    start = text.find("since ")
    return () if start < 0 else (Clause(text[start + 6 :], "since", "temporal", start, len(text)),)


def _themes(statements: Sequence[Statement]) -> list[Theme]:
    leaves = [
        Theme(
            id=THEMES[name],
            level="leaf",
            parent_id=BROAD,
            label=text,
            label_reason=text,
            terms=(text[:200], text[:200]),
            exemplars=tuple(text_sha(one.text) for one in statements if _attack(one) == name)[:3],
            threshold=0.5,
            born_week=shift(LAST, -1),
        )
        for name, text in ATTACKS.items()
    ]
    broad = Theme(
        id=BROAD,
        level="parent",
        parent_id=None,
        label=ATTACKS["script"],
        label_reason=ATTACKS["image"],
        terms=(),
        exemplars=(),
        threshold=0.5,
        born_week=shift(LAST, -1),
    )
    return [*leaves, broad]


def _owners() -> dict[str, OwnerMatch]:
    return {
        THEMES[name]: OwnerMatch(OWNERS[name], text, "rule", text, 1.0, True)
        for name, text in ATTACKS.items()
    }


def _stages() -> dict[str, StageMatch]:
    return {
        THEMES[name]: StageMatch(f"stage_{number}", text, text, 0.7)
        for number, (name, text) in enumerate(ATTACKS.items())
    }


def _trend(theme: Theme, week: str) -> Trend:
    return Trend(
        week=week,
        theme_id=theme.id,
        label=theme.label,
        status="rising",
        statements=4,
        customers=4,
        rate_ratio=1.75,
        ratio_low=1.2,
        ratio_high=2.5,
        q_value=0.01,
        rank=1,
        three_months=True,
    )


def _cause(name: str, statements: Sequence[Statement]) -> Cause:
    ids = tuple(one.id for one in statements if _attack(one) == name)
    text = ATTACKS[name]
    return Cause(
        f"C-{name}",
        THEMES[name],
        "where",
        text,
        len(ids),
        len(ids),
        1.0,
        ids,
        conditions=((text[:200], text[:200]),),
        event=text[:200],
        lift=1.8,
        lift_low=1.2,
        lift_high=2.9,
        q_value=0.02,
        rank=1,
    )


def _root_cause(name: str, cause: Cause) -> RootCause:
    text = ATTACKS[name]
    return RootCause(
        id=CAUSES[name],
        theme_id=cause.theme_id,
        statement=text,
        state="confirmed",
        kinds=("where",),
        evidence=(cause.id,),
        customers=cause.customers,
        statements=cause.statements,
        share_of_theme=1.0,
        evidence_ids=cause.evidence_ids,
        first_week=shift(LAST, -1),
        independent=1,
        rank=list(ATTACKS).index(name) + 1,
        rank_low=1,
        rank_high=len(ATTACKS),
        top5_probability=0.5,
        reach=4,
        reach_low=2,
        reach_high=6,
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
        note=text[:1000],
        decided_by=text[:1000],
        decision_note=text[:1000],
    )


def _friction(name: str, rank: int) -> Friction:
    return Friction(
        theme_id=THEMES[name],
        label=ATTACKS[name],
        owner=ATTACKS[name],
        journey_stage=ATTACKS[name],
        reach=4,
        impact=0.2,
        impact_low=0.1,
        impact_high=0.3,
        confidence=0.85,
        effort=1.0,
        score=6.8,
        rank=rank,
        rank_low=rank,
        rank_high=rank + 1,
        top5_probability=1.0,
        tied_with=(),
        top_causes=(f"C-{name}",),
    )
