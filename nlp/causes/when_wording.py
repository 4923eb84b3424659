"""How an onset is told, and the id that lasts."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence

from nlp.records import DatedEvent
from nlp.weeks import week_of


def when_statement(
    start: dt.date,
    end: dt.date | None,
    events: Sequence[DatedEvent],
    *,
    conditions: Sequence[tuple[str, str]],
    only: bool,
    weekly: bool,
    lift: tuple[float, float, float],
    level: float,
) -> str:
    """An onset in words: "since 2026-10-03, only in os iOS (release 4.2, 2026-10-02): 4.1 times".

    Args:
        end: the last day, None when it lasts.
        events: those about the onset, the one named first.
        conditions: the segment; empty for the whole theme. `only`: the rest of it is quiet.
        weekly: found in weeks; without an event, only the week of the onset is told.
        lift: ratio with its interval of `level`.
    """
    ratio, low, high = lift
    days = "on other days there" if conditions else "on other days"
    volume = "the segment's volume" if conditions else "total volume"
    # Where nothing was said on other days the ratio has no upper end; it is told by its lower one.
    told = (
        f"at least {low:.1f} times as frequent as {days}, {volume} considered ({level:.0%} sure)"
        if high > 10 * ratio
        else f"{ratio:.1f} times as frequent as {days}, {volume} considered "
        f"({level:.0%} interval {low:.1f} to {high:.1f})"
    )
    first = f"week {week_of(start)}" if weekly and not events else str(start)
    span = f"since {first}" if end is None else f"from {first} to {end}"
    if conditions:
        where = ", ".join(f"{name} {value}" for name, value in conditions)
        span += f", {'only' if only else 'above all'} in {where}"
    return f"{span} ({events_told(start, events)}): {told}"


def events_told(onset: dt.date, events: Sequence[DatedEvent]) -> str:
    """The events about an onset: "release 4.2, 2026-10-02; also about: incident X, 2026-10-01".

    Those as near as the one named are told as such.
    """
    if not events:
        return "unexplained onset"
    least = abs((events[0].day - onset).days)
    near = [one for one in events[1:] if abs((one.day - onset).days) == least]
    rest = [one for one in events[1:] if one not in near]
    told = [
        f"{lead}{'; '.join(f'{one.kind} {one.name}, {one.day}' for one in some)}"
        for lead, some in (("", events[:1]), ("as near: ", near), ("also about: ", rest))
        if some
    ]
    return "; ".join(told)


def when_id(
    theme_id: str,
    onset: dt.date,
    event: DatedEvent | None,
    conditions: Sequence[tuple[str, str]] = (),
) -> str:
    """The id of an onset: theme, segment, and event or else the onset's week decide it."""
    anchor = [event.kind, event.name, event.day.isoformat()] if event else [week_of(onset)]
    segment = [sorted(conditions)] if conditions else []
    told = json.dumps([theme_id, "when", anchor, *segment], ensure_ascii=True)
    return "C-" + hashlib.sha256(told.encode()).hexdigest()[:10]
