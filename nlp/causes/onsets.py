"""The day of an onset: the scan's best window tells it only roughly, an event may tell it better.

How well each day would do as the first is the scan's likelihood, divided by the over-dispersion: a
profile likelihood. An event is named when a day that it may have caused does nearly as well as the
best one; the onset is then that day. Without one, the onset is the middle of the week that is most
believable under a flat prior, which is steadier than the single best day.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlp.causes.scan import Best
from nlp.records import DatedEvent


@dataclass(frozen=True, slots=True)
class OnsetConfig:
    """How far an onset may be moved, and for what."""

    # An event up to three days before the onset (customers need time to notice) or one day after
    # it (releases reach some customers early; dates are written in other zones).
    event_days_before: int = 3
    event_days_after: int = 1
    # Within one log unit of the best day: as likely as not to cause an onset, six events with five
    # days each are two to three times as believable, day for day, as the days of three months.
    tolerance: float = 1.0
    # No farther from the best day than estimates of real onsets wander.
    farthest: int = 6
    # A day between event and onset costs a quarter of a log unit: most effects begin at once.
    day_cost: float = 0.25
    # Events within half a log unit are equally near, and what breaks things goes first.
    equal: float = 0.5
    first_kinds: tuple[str, ...] = ("incident", "release")


def settle(
    profile: Mapping[int, Best],
    best: Best,
    *,
    spread: float,
    start: dt.date,
    events: Sequence[DatedEvent],
    config: OnsetConfig,
) -> tuple[Best, DatedEvent | None]:
    """The window with its settled first day, and the event named.

    Args:
        profile: the best window of each first day (`scan.best_by_start`).
        best: the best of all.
        spread: over-dispersion, at least 1.
        start: day 0 of the series.
        events: those that may be known.
    """
    near = [
        profile[day]
        for day in range(best.first - config.farthest, best.first + config.farthest + 1)
        if day in profile
    ]
    told: list[tuple[float, DatedEvent, Best]] = []
    for window in near:
        lost = (best.score - window.score) / spread
        if lost > config.tolerance:
            continue
        onset = start + dt.timedelta(days=window.first)
        for event in events:
            lag = (onset - event.day).days
            if -config.event_days_after <= lag <= config.event_days_before:
                told.append((lost + config.day_cost * abs(lag), event, window))
    if told:
        least = min(cost for cost, _, _ in told)
        equal = [one for one in told if one[0] <= least + config.equal]
        first = min(equal, key=lambda one: _order(one, config))
        return first[2], first[1]
    return _middle(near, spread), None


def _order(told: tuple[float, DatedEvent, Best], config: OnsetConfig) -> tuple[object, ...]:
    cost, event, window = told
    kind = event.kind.casefold()
    return (
        kind not in config.first_kinds,
        round(cost, 6),
        event.kind,
        event.name,
        event.day,
        event.detail,
        window.first,
    )


def _middle(near: Sequence[Best], spread: float) -> Best:
    """The window whose first day has most belief within three days of it."""
    top = max(one.score for one in near)

    def belief(window: Best) -> float:
        return sum(
            math.exp((one.score - top) / spread)
            for one in near
            if abs(one.first - window.first) <= 3
        )

    return min(near, key=lambda one: (-round(belief(one), 6), -one.score, one.first))
