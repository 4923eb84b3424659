"""The day of an onset: the scan's best window tells it only roughly, an event may tell it better.

What speaks for each day as the first is its belief: the sum of the likelihoods of the windows that
begin then (`scan.belief_by_start`). An event has the belief of the days that it may have caused,
each raised for the event and lowered by the days between. "No event" has the belief of the best
week. The greater one is told: where the series tells days apart sharply, it decides; where it does
not, an event near the place does. Once the day is settled, the event nearest to it is the one that
is named, and the others about are named with it: no series tells which of them it was.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlp.causes.event_near import NEAR, EventWindow, events_about, nearness
from nlp.causes.scan import Best
from nlp.records import DatedEvent


@dataclass(frozen=True, slots=True)
class OnsetConfig:
    """How far an onset may be moved, and for what."""

    window: EventWindow = NEAR
    # As likely as not to cause an onset, six events with five days each make a day that one of them
    # may have caused about four times as believable as another day of three months (e^1.5).
    raised: float = 1.5
    # No farther from the best day than estimates of real onsets wander.
    farthest: int = 6
    # A day between event and onset costs a quarter of a log unit: most effects begin at once.
    day_cost: float = 0.25
    # Events within half a log unit are equally believable.
    equal: float = 0.5
    # What is believed under a third as much as the best event is told only where it is about the
    # day itself.
    rival: float = 1.0


def settle(
    profile: Mapping[int, Best],
    best: Best,
    *,
    start: dt.date,
    events: Sequence[DatedEvent],
    config: OnsetConfig,
) -> tuple[Best, tuple[DatedEvent, ...]]:
    """The window with its settled first day, and the events about it, the nearest first.

    Last come those about another day that would be told if they were alone, and are nearly as
    believable. None where no event is told.

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
        return middle, ()
    equal = sorted(
        (one for one in told if one[0] <= least + config.equal),
        key=lambda one: _order(one, start),
    )
    window = equal[0][2]
    onset = start + dt.timedelta(days=window.first)
    about = events_about(onset, events, until=dt.date.max, window=config.window)
    limit = min(least + config.rival, -week)
    alone = sorted((one for one in told if one[0] <= limit), key=lambda one: _order(one, start))
    return window, tuple(dict.fromkeys([*about, *(event for _, event, _ in alone)]))


def _caused(
    near: Sequence[Best], event: DatedEvent, *, top: float, start: dt.date, config: OnsetConfig
) -> list[tuple[float, Best]]:
    """Log belief in the days that the event may have caused, and the best of them; or nothing."""
    may: list[tuple[float, Best]] = []
    for window in near:
        lag = (start + dt.timedelta(days=window.first) - event.day).days
        if -config.window.days_after <= lag <= config.window.days_before:
            may.append((config.raised - config.day_cost * abs(lag) + window.score - top, window))
    if not may:
        return []
    _, best = max(may, key=lambda one: (one[0], -one[1].first))
    return [(math.log(sum(math.exp(one) for one, _ in may)), best)]


def _order(told: tuple[float, DatedEvent, Best], start: dt.date) -> tuple[object, ...]:
    cost, event, window = told
    onset = start + dt.timedelta(days=window.first)
    return (*nearness(onset, event), round(cost, 6), window.first)


def _middle(near: Sequence[Best], top: float) -> tuple[float, Best]:
    """The window whose first day has most belief within three days of it; log of that belief."""

    def belief(window: Best) -> float:
        return sum(math.exp(one.score - top) for one in near if abs(one.first - window.first) <= 3)

    chosen = min(near, key=lambda one: (-round(belief(one), 6), -one.score, one.first))
    return math.log(belief(chosen)), chosen
