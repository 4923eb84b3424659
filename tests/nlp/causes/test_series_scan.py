from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pytest

from nlp.causes.series_scan import WhenConfig, make_scan
from nlp.causes.when_wording import when_id, when_statement
from nlp.population import Population
from nlp.records import DatedEvent

Plant = Callable[..., Population]
START = dt.date(2026, 1, 5)
UNTIL = START + dt.timedelta(days=83)


def slow(plant: Plant, *, count: int = 60) -> Population:
    """Theme T: `count` customers, four of five of them in the last four of twelve weeks."""
    days = np.repeat(np.arange(84), 20)
    random = np.random.default_rng(1)
    weight = np.where(days >= 56, 8.0, 1.0)
    rows = random.choice(days.size, count, replace=False, p=weight / weight.sum())
    return plant(days.tolist(), {"T": rows.tolist()})


@pytest.mark.parametrize(("below", "weeks_too"), [(60 / 84, False), (61 / 84, True)])
def test_sparse_themes_are_scanned_by_weeks_too(
    plant: Plant, below: float, *, weeks_too: bool
) -> None:
    config = WhenConfig(weekly_below=below, weekly_budget=0.9)
    scan = make_scan(slow(plant), themes=["T"], until=UNTIL, config=config)
    assert scan is not None
    best, p, weekly = scan.best(0, scan.shares[0])
    assert weekly is weeks_too
    assert p < 0.001
    assert abs(best.first - 56) <= 7
    assert best.last == 83


def test_windows_of_weeks_are_whole_weeks_that_end_with_the_series(plant: Plant) -> None:
    scan = make_scan(slow(plant), themes=["T"], until=UNTIL, config=WhenConfig())
    assert scan is not None
    assert set((84 - scan.over_weeks.first) % 7) == {0}
    assert set((83 - scan.over_weeks.last) % 7) == {0}
    assert scan.over_weeks.first.size < scan.over.first.size / 10


def test_too_few_days_or_customers_are_no_scan(plant: Plant) -> None:
    assert make_scan(slow(plant, count=4), themes=["T"], until=UNTIL, config=WhenConfig()) is None
    assert make_scan(slow(plant), themes=["U"], until=UNTIL, config=WhenConfig()) is None


EVENT = DatedEvent(START, "release", "4.2")


@pytest.mark.parametrize(
    ("weekly", "event", "first"),
    [(False, None, "2026-01-07"), (True, None, "week 2026-W02"), (True, EVENT, "2026-01-07")],
)
def test_what_only_weeks_show_is_told_as_a_week(
    *, weekly: bool, event: DatedEvent | None, first: str
) -> None:
    told = when_statement(
        dt.date(2026, 1, 7),
        None,
        [event] if event else [],
        conditions=(),
        only=False,
        weekly=weekly,
        lift=(2.0, 1.5, 2.5),
        level=0.95,
    )
    assert told.startswith(f"since {first} (")


def test_ids_of_segments_are_their_own_whatever_the_order_of_conditions() -> None:
    a, b = ("os", "ios"), ("plan", "pro")
    day = dt.date(2026, 1, 7)
    assert when_id("T", day, EVENT, (a, b)) == when_id("T", day, EVENT, (b, a))
    assert len({when_id("T", day, EVENT, one) for one in ((), (a,), (b,), (a, b))}) == 4
    assert when_id("T", day, None) == when_id("T", day + dt.timedelta(days=2), None)
