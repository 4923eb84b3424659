"""The numbers of one theme that its page and the API both show."""

from __future__ import annotations

from collections.abc import Sequence

from api.scope import Snapshot
from api.windows import Window
from nlp.records import Cause, DatedEvent
from nlp.theme_segments import SegmentShare, theme_segments
from nlp.weeks import sunday
from report.trend_chart import Mark
from report.wording import cause_text
from store.database import Session
from store.events import load_events

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Half a year: a season's worth, and bars that can still be told apart on a narrow screen.
SERIES_WEEKS = 26
# Events further from an onset are no neighbours of it: what an onset is compared with reaches
# three days back and one ahead; a week on either side shows what else there was.
_BESIDE_DAYS = 7


def theme_marks(session: Session, snapshot: Snapshot, theme_id: str) -> tuple[Mark, ...]:
    """Onsets of the theme (lettered) and the dated events up to the week (numbered), by day."""
    events = load_events(session, until=sunday(snapshot.week))
    return _marks(snapshot.pieces_of.get(theme_id, ()), events)


def onset_marks(session: Session, pieces: Sequence[Cause]) -> tuple[Mark, ...]:
    """Onsets among some pieces, and the dated events within a week of one; none without onset."""
    days = [one.onset for one in pieces if one.onset is not None]
    events = [
        one
        for one in load_events(session)
        if any(abs((one.day - day).days) <= _BESIDE_DAYS for day in days)
    ]
    return numbered_in(_marks(pieces, events))


def _marks(pieces: Sequence[Cause], events: Sequence[DatedEvent]) -> tuple[Mark, ...]:
    onsets = sorted(
        (cause.onset, cause.id, cause_text(cause)) for cause in pieces if cause.onset is not None
    )
    marks = [
        Mark(day, "onset", _LETTERS[at % len(_LETTERS)], text)
        for at, (day, _, text) in enumerate(onsets)
    ]
    marks += [
        Mark(one.day, "event", str(at), event_text(one)) for at, one in enumerate(events, start=1)
    ]
    return tuple(sorted(marks, key=lambda mark: (mark.day, mark.kind != "onset", mark.sign)))


def numbered_in(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """The marks that are shown, their events numbered from 1 on."""
    found: list[Mark] = []
    number = 0
    for mark in marks:
        if mark.kind == "event":
            number += 1
            found.append(Mark(mark.day, mark.kind, str(number), mark.text))
        else:
            found.append(mark)
    return tuple(found)


def event_text(event: DatedEvent) -> str:
    """A dated event in a few words: "release: Release 4.2"."""
    return f"{event.kind.replace('_', ' ')}: {event.name}"


def segments_of(window: Window, theme_id: str) -> tuple[SegmentShare, ...]:
    """Who speaks of the theme in the window; nobody where it has no mention there."""
    if theme_id not in window.told:
        window.told[theme_id] = (
            theme_segments(window.population, theme_id, columns=window.columns)
            if theme_id in window.population.members
            else ()
        )
    return window.told[theme_id]
