from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from nlp.causes.telling import dates_of, place_of, tell
from nlp.causes.when_wording import when_statement
from nlp.records import Cause, DatedEvent


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


@pytest.mark.parametrize(
    "value", ["(missing)", "Asia (APAC)", "x (release 9): y", "since 2020-01-01", "a, b"]
)
@pytest.mark.parametrize(("only", "how"), [(True, "only"), (False, "above all")])
@pytest.mark.parametrize("end", [None, dt.date(2026, 10, 9)])
def test_no_value_breaks_the_sentence(
    value: str, only: bool, how: str, end: dt.date | None
) -> None:
    start = dt.date(2026, 10, 3)
    statement = when_statement(
        *(start, end, [DatedEvent(start, "release", "4.2 (beta)")]),
        conditions=(("region", value),),
        only=only,
        weekly=False,
        lift=(3.0, 2.0, 4.0),
        level=0.95,
    )
    onset = replace(
        ONSET, statement=statement, event="release: 4.2 (beta)", conditions=(("region", value),)
    )
    dates = "from 2026-10-03 to 2026-10-09" if end else "since 2026-10-03"
    assert dates_of(onset) == dates
    assert place_of(onset) == f", {how} in region {value}"
    told = tell([onset, piece("said", 'Customers say: "since (the) update"')])
    assert told == (
        f"{dates}, {how} in region {value} (release 4.2 (beta), 4.1 times as frequent), "
        '18 customers say "since (the) update"'
    )


def test_an_onset_found_in_weeks_tells_the_week() -> None:
    whole = replace(ONSET, conditions=(), statement="since week 2026-W40 (unexplained onset): x")
    assert (dates_of(whole), place_of(whole)) == ("since week 2026-W40", "")
    past = replace(whole, statement="from week 2026-W40 to 2026-10-22 (unexplained onset): x")
    assert dates_of(past) == "from week 2026-W40 to 2026-10-22"


def test_an_onset_told_otherwise_is_told_by_its_day() -> None:
    other = replace(ONSET, statement="suddenly (x)")
    assert dates_of(other) + place_of(other) == "since 2026-10-03 in plan pro"
    assert dates_of(replace(other, onset=None)) == "suddenly (x)"
