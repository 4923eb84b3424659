"""Choosing dated events, and onsets that one of them explains or none does."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from nlp.records import DatedEvent
from tests.bench.causes.truth import Onset, Shape

_EVENTS = (
    ("release", "4.2"),
    ("incident", "login outage"),
    ("price change", "new tariff"),
    ("campaign", "spring offer"),
    ("policy", "new terms"),
    ("release", "4.1.7"),
)
_DECOYS = 2  # of them match nothing
_GAP = 9  # days between events
_FREE_OF_EVENTS = 6  # days between an unexplained onset and any event
_TIED = 0.6  # of the onsets
_FIRST, _LEFT = 18, 12  # days before the first and after the last event


@dataclass(frozen=True, slots=True)
class Calendar:
    """`days` of the stream from `first_day` on; of `events` the first `real` ones are causes."""

    first_day: dt.date
    days: int
    events: tuple[DatedEvent, ...]
    real: int


def make_calendar(rng: np.random.Generator, *, first_day: dt.date, days: int) -> Calendar:
    """Events at random, with days between them."""
    places: list[int] = []
    for at in rng.permutation(np.arange(_FIRST, days - _LEFT)).tolist():
        if len(places) < len(_EVENTS) and all(abs(at - other) >= _GAP for other in places):
            places.append(at)
    found = tuple(
        DatedEvent(first_day + dt.timedelta(days=at), kind, name)
        for at, (kind, name) in zip(places, _EVENTS, strict=False)
    )
    return Calendar(first_day, days, found, max(1, len(found) - _DECOYS))


def choose_onset(rng: np.random.Generator, calendar: Calendar) -> Onset:
    """A burst of four days to two weeks, or a shift to the end; tied to an event or to none."""
    shape: Shape = "burst" if rng.random() < 0.5 else "shift"
    days = calendar.days
    placed = [(event.day - calendar.first_day).days for event in calendar.events]
    free = [
        day
        for day in range(_FIRST + 2, days - _LEFT - 2)
        if all(abs(day - other) > _FREE_OF_EVENTS for other in placed)
    ]
    event = None
    if rng.random() < _TIED or not free:
        at = int(rng.integers(calendar.real))
        event, first = calendar.events[at], placed[at] + int(rng.integers(0, 3))
    else:
        first = free[int(rng.integers(len(free)))]
    length = int(rng.integers(4, 15)) if shape == "burst" else days - first
    return Onset(first, min(first + length, days) - 1, shape, event)
