"""What was decided around a month, and the few numbers that can tell what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from labels.schema import Labels
from nlp.before_after import BeforeAfter, BeforeAfterConfig, before_after
from nlp.causes.headline import headline
from nlp.months import month_before, month_bounds
from nlp.part import Part
from nlp.placed import rows_saying
from nlp.population import IntArray
from nlp.records import Cause, RootCause
from nlp.weeks import shift, week_of
from report.outcome import Compared, Decided
from report.outcome_wording import DATED, ELSEWHERE, compared_text, standing_text
from report.scene import Scene
from service.correction_list import Recorded, recorded_then
from store.database import Session
from store.snapshots import load_causes, load_root_causes
from store.themes import theme_events

# Names, owners and the cut of themes change nothing that customers live through, so nothing is
# counted for them; these two are about mending.
MEANT_TO_MEND = frozenset({"confirm-cause", "effort"})


@dataclass(frozen=True, slots=True)
class Told:
    """A root cause in all the weeks that told it, and every piece of evidence it ever had.

    headline: what it was called in the last of them.
    """

    cause: RootCause
    last_week: str
    evidence_ids: frozenset[str]
    pieces: tuple[Cause, ...]
    headline: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A comparison to make: whose mentions, and up to which week they were looked for."""

    decision: int
    subject: Literal["theme", "cause"]
    id: str
    label: str
    rows: IntArray
    changed: str
    last: str


def decided_in(
    session: Session, scene: Scene, part: Part, labels: Labels, *, month: str, zone: ZoneInfo
) -> tuple[tuple[Decided, ...], tuple[Decided, ...]]:
    """The decisions of a month and those of the month before, each in the order made.

    As they stood when the month ended, so that what is decided later does not change it. Only those
    of the month before are compared: this month is there to show what became of them.
    """
    end = dt.datetime.combine(month_bounds(month)[1] + dt.timedelta(days=1), dt.time(), tzinfo=zone)
    made = [
        (one, one.when.astimezone(zone).date())
        for one in reversed(recorded_then(session, labels=labels, until=end, week=scene.week))
    ]
    now, before = (
        [pair for pair in made if f"{pair[1]:%Y-%m}" == name]
        for name in (month, month_before(month))
    )
    numbers, notes = _compared(session, scene, part, before)
    teller = _Teller(session, scene, labels, zone)
    return (
        tuple(teller.decided(one, day) for one, day in now),
        tuple(
            teller.decided(one, day, numbers.get(one.id, ()), notes.get(one.id, ""))
            for one, day in before
        ),
    )


class _Teller:
    """Puts decisions into the pack's words."""

    def __init__(self, session: Session, scene: Scene, labels: Labels, zone: ZoneInfo) -> None:
        self._scene = scene
        self._owners = {owner.id: owner.name for owner in labels.owners}
        self._zone = zone
        self._events = theme_events(session, until_week=scene.week, kind="not applied")

    def decided(
        self, one: Recorded, day: dt.date, compared: Sequence[Compared] = (), note: str = ""
    ) -> Decided:
        """A decision with its numbers."""
        week, subject = week_of(day), _subject(one)
        return Decided(
            number=one.id,
            kind=one.kind,
            text=one.text,
            who=one.who,
            day=day.isoformat(),
            why=one.why,
            state=one.state,
            standing=standing_text(
                f"made after {self._scene.week} was run"
                if one.waits
                else one.state.replace("-", " "),
                undone=one.undone_at.astimezone(self._zone).date() if one.undone_at else None,
                by=one.undone_by,
                why=one.undone_why,
                later=one.superseded_by,
            ),
            theme_id=subject,
            label=self._scene.label(subject, ""),
            cause_id=one.cause_id,
            owner=self._scene.owner(subject)[1] or self._owners.get(subject, ""),
            happened=tuple(
                f"it had no effect in {event.week}: {event.detail}"
                for event in self._events
                if event.theme_id == one.theme_id
                and event.week >= week
                and event.detail.partition(":")[0] == one.kind
            ),
            compared=tuple(compared),
            note=note,
        )


def _subject(one: Recorded) -> str:
    return str(one.value["into"]) if one.kind == "merge" else one.theme_id


def _compared(
    session: Session, scene: Scene, part: Part, made: Sequence[tuple[Recorded, dt.date]]
) -> tuple[dict[int, tuple[Compared, ...]], dict[int, str]]:
    """What was counted, and why something was not, by number of the decision.

    Each theme and each cause is counted once, from the first decision on it. What is undone or
    replaced brings none: it does not count.
    """
    wanted: dict[tuple[str, str], _Wanted] = {}
    notes: dict[int, str] = {}
    mending = [
        pair for pair in made if pair[0].kind in MEANT_TO_MEND and pair[0].state == "in-force"
    ]
    if not mending:
        return {}, {}
    told = _told(session, scene.week, {one.cause_id for one, _ in mending})
    for one, day in mending:
        cause, week = told.get(one.cause_id), week_of(day)
        dated = cause is not None and chosen_by_date(scene, cause, week)
        new = [
            want
            for want in _wanted(scene, part, one, week, None if dated else cause)
            if (want.subject, want.id) not in wanted
        ]
        wanted |= {(want.subject, want.id): want for want in new}
        themes = any(want.subject == "theme" for want in new)
        again = one.theme_id in scene.population.members and not themes
        notes[one.id] = "; ".join([DATED] * dated + [ELSEWHERE] * again)
    heard = _weekly(part, np.arange(len(part), dtype=np.int64))

    said_of = {key: _weekly(part, want.rows) for key, want in wanted.items()}

    def counted(want: _Wanted, together: int) -> BeforeAfter:
        said = said_of[want.subject, want.id]
        return before_after(said, heard, changed=want.changed, last=want.last, comparisons=together)

    told_of = sum(counted(want, 1).ratio is not None for want in wanted.values())
    found: dict[int, tuple[Compared, ...]] = {}
    for want in wanted.values():
        numbers = counted(want, max(1, told_of))
        line = Compared(want.subject, want.id, want.label, numbers, compared_text(numbers))
        found[want.decision] = (*found.get(want.decision, ()), line)
    return found, notes


def _wanted(scene: Scene, part: Part, one: Recorded, week: str, told: Told | None) -> list[_Wanted]:
    """The cause by its own evidence, where it is given, and the theme."""
    found: list[_Wanted] = []
    if told is not None:
        # In all weeks that told it; nothing is known of later ones.
        label, rows = told.headline, rows_saying(part, told.evidence_ids)
        found.append(_Wanted(one.id, "cause", one.cause_id, label, rows, week, told.last_week))
    members = scene.population.members.get(one.theme_id)
    if members is not None:
        label = scene.label(one.theme_id, one.theme_id)
        found.append(_Wanted(one.id, "theme", one.theme_id, label, members, week, scene.week))
    return found


def _told(session: Session, week: str, causes: Collection[str]) -> dict[str, Told]:
    weeks: dict[str, list[tuple[str, RootCause]]] = {}
    for name, cause in load_root_causes(session, ids=causes):
        if name <= week:
            weeks.setdefault(cause.id, []).append((name, cause))
    evidence = {name for found in weeks.values() for _, one in found for name in one.evidence}
    pieces: dict[str, dict[tuple[str, str], Cause]] = {}
    for name, piece in load_causes(session, ids=evidence):
        if name <= week:
            pieces.setdefault(piece.id, {})[name, piece.id] = piece
    return {
        cause_id: Told(
            cause=found[-1][1],
            last_week=max(name for name, _ in found),
            evidence_ids=frozenset(name for _, one in found for name in one.evidence_ids),
            pieces=tuple(
                piece
                for name in sorted({name for _, one in found for name in one.evidence})
                for _, piece in sorted(pieces.get(name, {}).items())
            ),
            headline=_headline(*found[-1], pieces),
        )
        for cause_id, found in weeks.items()
    }


def _headline(
    week: str, cause: RootCause, pieces: Mapping[str, Mapping[tuple[str, str], Cause]]
) -> str:
    """What a root cause was called in a week."""
    told = [pieces.get(name, {}).get((week, name)) for name in cause.evidence]
    return headline([one for one in told if one is not None]) or cause.statement


def chosen_by_date(scene: Scene, told: Told, changed: str) -> bool:
    """Whether a cause's evidence was gathered by date, so that dates cannot be compared with it.

    So is all of kind "when": it holds what was said from one day to another. And so is a segment
    that was not there when the compared weeks begin, as those who use a new version.
    """
    start = max(
        shift(changed, -BeforeAfterConfig().weeks_before), min(scene.population.weeks, default="")
    )
    if "when" in told.cause.kinds or any(piece.kind == "when" for piece in told.pieces):
        return True
    return any(
        min(scene.weeks[scene.population.holding(*pair)].tolist(), default="9") > start
        for piece in told.pieces
        for pair in piece.conditions
    )


def _weekly(part: Part, rows: IntArray) -> dict[str, int]:
    """Different customers of some rows in each of their weeks."""
    weeks = part.week_names()
    pairs = np.unique(part.customers[rows] * len(weeks) + part.places_of(weeks)[rows])
    people = np.bincount(pairs % max(len(weeks), 1), minlength=len(weeks)).tolist()
    return {week: many for week, many in zip(weeks, people, strict=True) if many}
