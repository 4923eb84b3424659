"""The day of an onset: the scan's best window tells it only roughly, an event may tell it better.

What speaks for each day as the first is its belief: the sum of the likelihoods of the windows that
begin then (`scan.belief_by_start`). An event has the belief of the days that it may have caused,
each raised for the event and lowered by the days between. "No event" has the belief of the best
week. The greater one is told: where the series tells days apart sharply, it decides; where it does
not, an event near the place does.
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
    # As likely as not to cause an onset, six events with five days each make a day that one of them
    # may have caused about four times as believable as another day of three months (e^1.5).
    raised: float = 1.5
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
    start: dt.date,
    events: Sequence[DatedEvent],
    config: OnsetConfig,
) -> tuple[Best, DatedEvent | None]:
    """The window with its settled first day, and the event named.

    Args:
        profile: first day -> its best window, with the log of the belief in that day.
        best: the best of all.
        start: day 0 of the series.
        events: those that may be known.
    """
    near = [
        profile[day]
        for day in range(best.first - config.farthest, best.first + config.farthest + 1)
        if day in profile
    ]
    top = max(one.score for one in near)
    week, middle = _middle(near, top)
    told = [
        (-belief, event, window)
        for event in events
        for belief, window in _caused(near, event, top=top, start=start, config=config)
    ]
    least = min((cost for cost, _, _ in told), default=math.inf)
    if -least < week:
        return middle, None
    equal = [one for one in told if one[0] <= least + config.equal]
    _, event, window = min(equal, key=lambda one: _order(one, config))
    return window, event


def _caused(
    near: Sequence[Best], event: DatedEvent, *, top: float, start: dt.date, config: OnsetConfig
) -> list[tuple[float, Best]]:
    """Log belief in the days that the event may have caused, and the best of them; or nothing."""
    may: list[tuple[float, Best]] = []
    for window in near:
        lag = (start + dt.timedelta(days=window.first) - event.day).days
        if -config.event_days_after <= lag <= config.event_days_before:
            may.append((config.raised - config.day_cost * abs(lag) + window.score - top, window))
    if not may:
        return []
    _, best = max(may, key=lambda one: (one[0], -one[1].first))
    return [(math.log(sum(math.exp(one) for one, _ in may)), best)]


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


def _middle(near: Sequence[Best], top: float) -> tuple[float, Best]:
    """The window whose first day has most belief within three days of it; log of that belief."""

    def belief(window: Best) -> float:
        return sum(math.exp(one.score - top) for one in near if abs(one.first - window.first) <= 3)

    chosen = min(near, key=lambda one: (-round(belief(one), 6), -one.score, one.first))
    return math.log(belief(chosen)), chosen
