from __future__ import annotations

import datetime as dt
from typing import Any

from nlp.causes.telling import span_of, tell
from nlp.records import Cause


def piece(kind: Any, statement: str, **changes: Any) -> Cause:
    fields: dict[str, Any] = {
        "id": f"C-{kind}",
        "theme_id": "T",
        "kind": kind,
        "statement": statement,
        "customers": 18,
        "statements": 20,
        "share_of_theme": 0.4,
        "evidence_ids": ("a#0",),
    }
    return Cause(**(fields | changes))


ONSET = piece(
    "when",
    "since 2026-10-03, only in plan pro (release 4.2, 2026-10-02): 4.1 times as frequent",
    onset=dt.date(2026, 10, 3),
    event="release: 4.2",
    conditions=(("plan", "pro"),),
    lift=4.1,
    lift_low=2.0,
    lift_high=8.0,
)


def test_a_segment_is_told_once() -> None:
    where = piece("where", "plan pro: ...", conditions=(("plan", "pro"),), lift=3.1)
    told = tell([ONSET, where])
    assert told.count("only in plan pro") == 1
    assert "in plan pro in plan pro" not in told
    assert "since 2026-10-03, only in plan pro (release 4.2, 4.1 times as frequent)" in told


def test_a_burst_is_told_by_what_it_says() -> None:
    burst = piece(
        "when",
        "since 2026-10-03 (unexplained onset): 18 customers say much the same, in the week it "
        'began at least 4.5 times as many as usual (95% sure): "all sites are blocked"',
        onset=dt.date(2026, 10, 3),
        centre="a#0",
        lift=9.0,
    )
    told = tell([burst, piece("said", 'Customers say: "since the update"')])
    assert 'since 2026-10-03 (unexplained onset) 18 say much the same: "all sites are' in told
    assert '18 customers say "since the update"' in told


def test_those_without_a_value_do_not_end_the_span() -> None:
    assert span_of("since 2026-10-03, only in os (missing) (release 4.2): x") == (
        "since 2026-10-03, only in os (missing)"
    )
    assert span_of("from 2026-10-03 to 2026-10-09 (unexplained onset): x") == (
        "from 2026-10-03 to 2026-10-09"
    )
