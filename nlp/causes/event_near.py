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


_DEFAULT = EventWindow()


def event_of(
    onset: dt.date,
    events: Sequence[DatedEvent],
    *,
    until: dt.date,
    words: Collection[str],
    window: EventWindow = _DEFAULT,
) -> DatedEvent | None:
    """The event in the window that the words name, else the nearest that may show in anything.

    A release or an incident can break whatever it likes. A price change, a campaign, a launch is
    spoken of when it is the reason; beside texts that do not speak of it, its day is an accident.
    None after `until`; of equally near ones by kind and name.

    Args:
        words: of the texts that began at the onset, in lower case.
    """
    near = [
        (not _names(event, words), abs((event.day - onset).days), event)
        for event in events
        if event.day <= until
        and -window.days_before <= (event.day - onset).days <= window.days_after
    ]
    told = [one for one in near if not one[0] or one[2].kind.casefold() in _OF_ANYTHING]
    best = min(
        told,
        key=lambda one: (one[0], one[1], one[2].kind, one[2].name, one[2].day, one[2].detail),
        default=None,
    )
    return best[2] if best else None


def _names(event: DatedEvent, words: Collection[str]) -> bool:
    said = {word for word in _WORD.findall(event.name.casefold()) if word not in FUNCTION_WORDS}
    return not said.isdisjoint(words)
