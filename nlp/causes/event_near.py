"""The dated event beside an onset."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nlp.function_words import FUNCTION_WORDS
from nlp.records import DatedEvent

_OF_ANYTHING = frozenset({"release", "incident", "outage", "deployment", "migration"})
_WORD = re.compile(r"[^\W\d_]{3,}|\d+(?:\.\d+)+")


@dataclass(frozen=True, slots=True)
class EventWindow:
    """Days around an onset in which an event is named beside it.

    An event up to three days before the onset (customers need time to notice) or one day after it
    (releases reach some customers early; dates are written in other zones).
    """

    days_before: int = 3
    days_after: int = 1


NEAR = EventWindow()


def events_about(
    onset: dt.date,
    events: Sequence[DatedEvent],
    *,
    until: dt.date,
    window: EventWindow = NEAR,
) -> tuple[DatedEvent, ...]:
    """The events in the window, nearest to the onset first; none after `until`.

    Of equally near ones what came before goes before what came after, what can break anything
    (releases, incidents) before the rest, and then kind and name decide.
    """
    near = {
        event
        for event in events
        if event.day <= until
        and -window.days_before <= (event.day - onset).days <= window.days_after
    }
    return tuple(sorted(near, key=lambda event: nearness(onset, event)))


def events_spoken_of(
    onset: dt.date,
    events: Sequence[DatedEvent],
    *,
    until: dt.date,
    words: Collection[str],
    window: EventWindow = NEAR,
) -> tuple[DatedEvent, ...]:
    """The events in the window that may show in these words: those they name first, then nearest.

    A release or an incident can break whatever it likes. A price change, a campaign, a launch is
    spoken of when it is the reason; beside texts that do not speak of it, its day is an accident.

    Args:
        words: of the texts that began at the onset, in lower case.
    """
    told = [
        (not _names(event, words), event)
        for event in events_about(onset, events, until=until, window=window)
    ]
    told = [one for one in told if not one[0] or one[1].kind.casefold() in _OF_ANYTHING]
    return tuple(event for _, event in sorted(told, key=lambda one: one[0]))


def named_days(events: Sequence[DatedEvent]) -> tuple[tuple[str, str], ...]:
    """Events as a piece of evidence keeps them: ("release: 4.2", "2026-10-02")."""
    return tuple((f"{event.kind}: {event.name}", event.day.isoformat()) for event in events)


def nearness(onset: dt.date, event: DatedEvent) -> tuple[object, ...]:
    """Sort key of events beside an onset: see `events_about`."""
    return (
        abs((event.day - onset).days),
        event.day > onset,
        event.kind.casefold() not in _OF_ANYTHING,
        event.kind,
        event.name,
        event.day,
        event.detail,
    )


def _names(event: DatedEvent, words: Collection[str]) -> bool:
    """Whether the words speak of it; that it is a release or an incident is not its name."""
    said = {word for word in _WORD.findall(event.name.casefold()) if word not in FUNCTION_WORDS}
    return not (said - _OF_ANYTHING).isdisjoint(words)
