"""The dated event beside an onset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.records import DatedEvent


@dataclass(frozen=True, slots=True)
class EventWindow:
    """Days around an onset in which an event is named beside it.

    An event up to three days before the onset (customers need time to notice) or one day after it
    (releases reach some customers early; dates are written in other zones).
    """

    days_before: int = 3
    days_after: int = 1


_DEFAULT = EventWindow()


def event_of(
    onset: dt.date,
    events: Sequence[DatedEvent],
    *,
    until: dt.date,
    window: EventWindow = _DEFAULT,
) -> DatedEvent | None:
    """The nearest event in the window, none after `until`; of equally near ones, by kind, name."""
    near = [
        event
        for event in events
        if event.day <= until
        and -window.days_before <= (event.day - onset).days <= window.days_after
    ]
    return min(
        near,
        key=lambda e: (abs((e.day - onset).days), e.kind, e.name, e.day, e.detail),
        default=None,
    )
