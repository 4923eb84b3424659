from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from nlp.records import Cause, Friction, OwnerMatch, StageMatch, Trend
from store.database import Engine, Session, read_scope, session_scope
from store.snapshots import (
    load_causes,
    load_friction,
    load_owners,
    load_report,
    load_stages,
    load_trends,
    published_weeks,
    save_snapshot,
)

WEEK = "2026-W47"
CAUSE = Cause(
    id="c1",
    theme_id="T1",
    kind="where",
    statement="on version 7.2",
    customers=9,
    statements=12,
    share_of_theme=0.4,
    evidence_ids=("desk/2#0", "desk/1#0"),
    conditions=(("version", "7.2"), ("plan", "pro")),
    onset=dt.date(2026, 11, 16),
    event="release 7.2",
    lift=3.5,
    rank=1,
)


def trend(theme_id: str, rank: int | None, *, week: str = WEEK) -> Trend:
    return Trend(
        week=week,
        theme_id=theme_id,
        label=theme_id.lower(),
        status="rising",
        statements=5,
        customers=4,
        rate_ratio=1.5,
        ratio_low=1.1,
        ratio_high=2.0,
        q_value=0.01,
        rank=rank,
        three_months=False,
    )


def friction(theme_id: str, rank: int | None) -> Friction:
    return Friction(
        theme_id=theme_id,
        label="l",
        owner="Ana",
        journey_stage="use",
        reach=4,
        impact=0.3,
        impact_low=None,
        impact_high=None,
        confidence=0.5,
        effort=1.0,
        score=None,
        rank=rank,
        rank_low=None,
        rank_high=None,
        top5_probability=None,
        tied_with=("T9",),
        top_causes=("c1",),
        note="not enough data",
    )


OWNER = OwnerMatch("ana", "Ana", "rule", "label matches 'crash'", 1.0, needs_confirmation=False)
STAGE = StageMatch("use", "Daily use", "nearest by meaning", 0.6)


def publish(session: Session, week: str = WEEK, **changes: Any) -> None:
    nothing: dict[str, Any] = {
        "trends": [],
        "causes": [],
        "friction": [],
        "owners": {},
        "stages": {},
        "report_json": "{}",
    }
    save_snapshot(session, week, **(nothing | changes))


def test_a_week_comes_back_as_it_was_published(session: Session) -> None:
    publish(
        session,
        trends=[trend("T1", 1)],
        causes=[CAUSE],
        friction=[friction("T1", 1)],
        owners={"T1": OWNER},
        stages={"T1": STAGE},
        report_json='{"week": "2026-W47"}',
    )
    assert load_trends(session, week=WEEK) == [trend("T1", 1)]
    assert load_causes(session, week=WEEK) == [(WEEK, CAUSE)]
    assert load_friction(session, week=WEEK) == [(WEEK, friction("T1", 1))]
    assert load_owners(session, WEEK) == {"T1": OWNER}
    assert load_stages(session, WEEK) == {"T1": STAGE}
    assert load_report(session, WEEK) == '{"week": "2026-W47"}'


def test_publishing_again_replaces_that_week_alone(session: Session) -> None:
    earlier = "2026-W46"
    publish(session, earlier, trends=[trend("T1", 1, week=earlier)], owners={"T1": OWNER})
    publish(session, trends=[trend("T1", 1)], causes=[CAUSE], friction=[friction("T1", 1)])
    publish(session, trends=[trend("T2", 1)])
    assert [(one.week, one.theme_id) for one in load_trends(session)] == [
        (earlier, "T1"),
        (WEEK, "T2"),
    ]
    assert load_causes(session) == []
    assert load_friction(session) == []
    assert load_owners(session, earlier) == {"T1": OWNER}
    assert load_owners(session, WEEK) == {}
    assert published_weeks(session) == [earlier, WEEK]


def test_ranked_come_first_in_order_of_rank_then_of_theme(session: Session) -> None:
    ranks = {"T1": None, "T2": 10, "T3": 9, "T4": 9, "A": None}
    publish(
        session,
        trends=[trend(theme, rank) for theme, rank in ranks.items()],
        friction=[friction(theme, rank) for theme, rank in ranks.items()],
    )
    expected = ["T3", "T4", "T2", "A", "T1"]
    assert [one.theme_id for one in load_trends(session)] == expected
    assert [one.theme_id for _, one in load_friction(session)] == expected


def test_a_week_that_was_not_published(session: Session) -> None:
    assert load_report(session, WEEK) is None
    assert load_trends(session, week=WEEK) == []
    assert load_stages(session, WEEK) == {}
    assert published_weeks(session) == []


def test_a_trend_of_another_week_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="snapshot of 2026-W47 was given trends of 2026-W46"):
        publish(session, trends=[trend("T1", 1, week="2026-W46")])


def test_a_publication_that_dies_half_way_leaves_the_last_one_readable(engine: Engine) -> None:
    with session_scope(engine) as session:
        publish(session, trends=[trend("T1", 1)], report_json="good")

    def dies() -> None:
        with session_scope(engine) as session:
            publish(session, trends=[trend("T2", 1)], report_json="half")
            with read_scope(engine) as reader:
                assert load_report(reader, WEEK) == "good"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dies()
    with read_scope(engine) as reader:
        assert load_report(reader, WEEK) == "good"
        assert load_trends(reader) == [trend("T1", 1)]
