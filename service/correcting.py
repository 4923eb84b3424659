"""Corrections by people, for API, pages and command line alike: foresee, keep, take back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from labels.schema import Labels
from nlp.scoring import memory_config, scoring_config
from service.correction_list import (
    LATEST_COUNTS,
    latest_of_subject,
    subject_of,
    subject_of_value,
)
from service.preview import Change, Preview, preview
from service.under_way import under_way
from service.verdict_preview import RankPreview, rank_preview
from service.week_inputs import when_it_counts
from store.corrections import theme_decisions
from store.database import Session
from store.deciding import DecisionError, Wish, checked, decide, same_decision
from store.decisions import Decision, active_decisions, all_decisions, undo_decision
from store.revision import take_turn
from store.snapshots import last_root_causes, load_friction, load_owners, published_weeks
from store.themes import themes_as_of
from store.verdicts import JUDGING, VERDICTS, active_efforts, active_verdicts

# Neither name nor owner moves a statement, and a pinned theme is the one that stays as it is.
_MOVES_NOTHING = frozenset({"rename", "owner", "pin"})
# A form stands open over a lunch break, not for a week: by then another preview may be due.
_OLDEST = dt.timedelta(days=1)
_CLOCKS_DIFFER = dt.timedelta(minutes=1)


class NotInForceError(DecisionError):
    """A correction that cannot be taken back, as it was before."""


@dataclass(frozen=True, slots=True)
class Swap:
    """A single thing before and after; an empty text: there was none."""

    what: Literal["name", "owner", "effort", "state"]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a correction would change, nothing of it kept.

    changes: themes whose number of statements changes, by this correction alone: what others that
        wait for the next run will change is in both numbers.
    ranks: scores and ranks before and after; only verdicts and efforts can tell before a run.
    not_applied: earlier corrections that would have no effect any more.
    notes: what else is to be said. counts: from when on it counts, the end of a sentence.
    known: False while the week it is seen on is run anew: what it moves cannot be told then.
    """

    swap: Swap | None
    changes: tuple[Change, ...]
    ranks: RankPreview | None
    not_applied: tuple[str, ...]
    notes: tuple[str, ...]
    counts: str
    known: bool = True


NOTHING = Foreseen(None, (), None, (), (), "")


@dataclass(frozen=True, slots=True)
class Kept:
    """A correction on record. `new`: False when it was there already, sent twice."""

    id: int
    new: bool
    counts: str


def foresee(session: Session, wish: Wish, *, labels: Labels) -> Foreseen:
    """Check a correction and say what it would change; the session is only read.

    Raises:
        DecisionError: when it cannot be taken, with the reason and the way out.
    """
    now = under_way(session)
    try:
        value = checked(session, wish, owners=_owner_ids(labels))
    except DecisionError as error:
        if not now.latest_is_anew:
            raise
        # What it speaks of may have been told by a week that is forgotten until its run.
        raise DecisionError(
            f"{error} ({now.latest} is being run anew: try again when its run is done)"
        ) from error
    counts = when_it_counts(session, "decisions", about_to_change=True)
    swap = _swap(session, wish, value, labels)
    notes = (*_replaced(session, wish, value), *now.notes())
    if now.latest_is_anew:
        return Foreseen(swap, (), None, (), notes, counts, known=False)
    if wish.kind in JUDGING:
        ranks = rank_preview(session, wish, value, labels=labels)
        return Foreseen(swap, (), ranks, (), (*notes, *ranks.notes), counts)
    if wish.kind in _MOVES_NOTHING:
        return Foreseen(swap, (), None, (), notes, counts)
    shown = _own_part(session, wish, value, labels)
    if not published_weeks(session):
        notes = (*notes, "no week was run yet: groundswell run")
    return Foreseen(swap, shown.changes, None, shown.not_applied, notes, counts)


def keep(session: Session, wish: Wish, *, labels: Labels) -> Kept:
    """Keep a correction, once: the same again, sent by a second click or a retry, is not another.

    Where the wish names its moment (that of the preview it was confirmed on), the same correction
    of that moment is the same one, even if it was taken back since. Without a moment it is the same
    where kind, subject, value, who and why are those of the latest one on this subject in force.

    Raises:
        DecisionError: when it cannot be taken, with the reason and the way out.
    """
    take_turn(session)
    found = on_record(session, wish)
    number = decide(session, wish, owners=_owner_ids(labels)) if found is None else found.id
    return Kept(number, found is None, when_it_counts(session, "decisions"))


def on_record(session: Session, wish: Wish) -> Decision | None:
    """The correction that this one would be for the second time; see `keep`.

    Raises:
        DecisionError: when its value cannot be understood.
    """
    same = same_decision(session, wish)
    if same is None or wish.when is not None:
        return same
    if (same.who, same.why) != (wish.who, wish.why):
        return None
    latest = latest_of_subject(active_decisions(session))
    return same if latest.get(subject_of(same)) == same.id else None


def take_back(session: Session, number: int, *, who: str, why: str) -> str:
    """Let a correction count no more.

    Returns:
        From when on, the end of a sentence.

    Raises:
        KeyError: there is no correction of this number.
        NotInForceError: it was taken back before; it says by whom and when.
    """
    take_turn(session)
    if number not in {one.id for one in active_decisions(session)}:
        made = next((one for one in all_decisions(session) if one.id == number), None)
        if made is None or made.undone_at is None:
            raise KeyError(f"there is no correction {number}")
        by = f" by {made.undone_by}" if made.undone_by else ""
        raise NotInForceError(
            f"correction {number} is not in force any more: it was undone"
            f"{by} on {made.undone_at:%Y-%m-%d}"
        )
    undo_decision(session, number, who=who, why=" ".join(why.split()) or None)
    return when_it_counts(session, "decisions")


def is_unknown(error: DecisionError) -> bool:
    """Whether what the correction speaks of does not exist, rather than does not allow it."""
    return str(error).startswith("there is no ")


def check_moment(moment: dt.datetime) -> None:
    """Refuse a preview that is too old to be confirmed, or of a time to come.

    Raises:
        DecisionError: with the way out.
    """
    age = dt.datetime.now(dt.UTC) - moment
    if not -_CLOCKS_DIFFER < age < _OLDEST:
        raise DecisionError("this preview is more than a day old; look at the new one")


def _owner_ids(labels: Labels) -> frozenset[str]:
    return frozenset(known.id for known in labels.owners)


def _replaced(session: Session, wish: Wish, value: Mapping[str, Any]) -> tuple[str, ...]:
    """A word on the correction in force whose place this one takes."""
    if wish.kind not in LATEST_COUNTS:
        return ()
    subject = subject_of_value(wish.kind, wish.theme_id, value)
    number = latest_of_subject(active_decisions(session)).get(subject)
    return () if number is None else (f"it takes the place of correction {number}",)


def _own_part(session: Session, wish: Wish, value: dict[str, Any], labels: Labels) -> Preview:
    """The preview less what corrections in force would change by themselves with the next run."""
    memory = memory_config(labels.scoring)
    full = preview(session, [(wish, value)], memory=memory)
    if not theme_decisions(session):
        return full
    without = preview(session, [], memory=memory)
    base = {one.theme_id: one for one in without.changes}
    changed = {one.theme_id: one for one in full.changes}
    changes: list[Change] = []
    for name in sorted(base.keys() | changed.keys()):
        one = changed.get(name) or base[name]
        # What is in one list only stands, in the other, as it stood.
        before = base[name].after if name in base else one.before
        after = changed[name].after if name in changed else one.before
        if before != after:
            changes.append(Change(name, one.label, before, after))
    known = set(without.not_applied)
    return Preview(tuple(changes), tuple(one for one in full.not_applied if one not in known))


def _swap(session: Session, wish: Wish, value: Mapping[str, Any], labels: Labels) -> Swap | None:
    weeks = published_weeks(session)
    match wish.kind:
        case "rename":
            names = {theme.id: theme.label for theme in themes_as_of(session)}
            waiting = _latest_value(session, wish, "label")
            return Swap("name", waiting or names.get(wish.theme_id, ""), value["label"])
        case "owner":
            found = load_owners(session, weeks[-1]).get(wish.theme_id) if weeks else None
            decided = labels.owner(_latest_value(session, wish, "owner_id"))
            given = labels.owner(value["owner_id"])
            before = decided.name if decided else found.owner_name if found else ""
            return Swap("owner", before, given.name if given else value["owner_id"])
        case "effort":
            decided_effort = active_efforts(session).get(wish.theme_id)
            points = load_friction(session, week=weeks[-1]) if weeks else []
            stood = next((one.effort for _, one in points if one.theme_id == wish.theme_id), None)
            if labels.owner(wish.theme_id) is not None:
                stood = scoring_config(labels.scoring).effort("", wish.theme_id)
            before_effort = stood if decided_effort is None else decided_effort
            told = "" if before_effort is None else f"{before_effort:g}"
            return Swap("effort", told, f"{value['effort']:g}")
        case "confirm-cause" | "reject-cause":
            verdict = active_verdicts(session).get(value["cause_id"])
            causes = {one.id: one.state for _, one in last_root_causes(session)}
            state = verdict.state if verdict else causes.get(value["cause_id"], "")
            return Swap("state", state, VERDICTS[wish.kind])
        case _:
            return None


def _latest_value(session: Session, wish: Wish, key: str) -> str:
    """What the latest correction of this kind said of the theme; the next run may not be over."""
    found = [
        one.value
        for one in active_decisions(session)
        if (one.kind, one.theme_id) == (wish.kind, wish.theme_id)
    ]
    return str(json.loads(found[-1])[key]) if found else ""
