"""The corrections on record in words: what each said, who, when, why, and whether it counts."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from labels.schema import Labels
from nlp.weeks import shift
from report.wording import count, listing, name
from service.week_inputs import decisions_digest
from store.database import Session
from store.decisions import Decision, all_decisions
from store.runs import last_run
from store.snapshots import last_root_causes, load_owners, published_weeks
from store.themes import themes_as_of
from store.verdicts import VERDICTS

State = Literal["in-force", "superseded", "undone"]
STATES: tuple[State, ...] = get_args(State)
# Of these the latest on a subject counts; of others each does.
LATEST_COUNTS = frozenset({"rename", "owner", "pin", "move", "effort", *VERDICTS})


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called now: id -> words."""

    themes: Mapping[str, str]
    owners: Mapping[str, str]
    causes: Mapping[str, str]
    cause_themes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A correction on record.

    text: what it said, in words.
    theme_id: the theme (or, of an effort, the owner) it is about; of a verdict, the cause's; or "".
    superseded_by: number of the later one that counts instead.
    waits: the next run is the first to apply it, or (where it is undone) not to.
    """

    id: int
    kind: str
    text: str
    theme_id: str
    cause_id: str
    value: Mapping[str, Any]
    who: str
    when: dt.datetime
    why: str
    state: State
    superseded_by: int | None
    undone_at: dt.datetime | None
    undone_by: str
    undone_why: str
    waits: bool


def names_now(session: Session, labels: Labels, *, causes: bool = True) -> Names:
    """The names of all themes and owners and, if wanted, root causes."""
    found = [one for _, one in last_root_causes(session)] if causes else []
    return Names(
        {theme.id: theme.label for theme in themes_as_of(session)},
        {owner.id: owner.name for owner in labels.owners},
        {one.id: one.statement for one in found},
        {one.id: one.theme_id for one in found},
    )


def recorded(session: Session, *, labels: Labels) -> list[Recorded]:
    """All corrections ever made, the latest first."""
    decisions = all_decisions(session)
    names = _names_for(session, labels, decisions)
    return _in_words(names, decisions, decisions, _known_until(session))


def recorded_then(
    session: Session, *, labels: Labels, until: dt.datetime, week: str
) -> list[Recorded]:
    """The corrections made before a moment as they stood then, the latest first.

    What was decided or undone since changes nothing of it. Told in the names that `week` published;
    one `waits` that the run of that week did not know.
    """
    decisions = [
        one
        if one.undone_at is None or one.undone_at < until
        else replace(one, undone_at=None, undone_by=None, undone_why=None)
        for one in all_decisions(session)
        if one.when < until
    ]
    if not decisions:
        return []
    judged = {str(value["cause_id"]) for value in map(_value, decisions) if "cause_id" in value}
    run = last_run(session, week=week, status="done")
    causes = [one for _, one in last_root_causes(session, before_week=shift(week, 1), ids=judged)]
    owners = {match.owner_id: match.owner_name for match in load_owners(session, week).values()}
    names = Names(
        {theme.id: theme.label for theme in themes_as_of(session, week)},
        {owner.id: owner.name for owner in labels.owners} | owners,
        {one.id: one.statement for one in causes},
        {one.id: one.theme_id for one in causes},
    )
    return _in_words(names, decisions, decisions, run.started_at if run else None)


def waiting(
    session: Session, *, labels: Labels, theme: str = "", cause: str = "", statement: str = ""
) -> tuple[Recorded, ...]:
    """What the next run is the first to apply (or, undone, not to) on any of these subjects."""
    decisions = all_decisions(session)
    known_until = _known_until(session) if decisions else None
    if known_until is None:
        return ()
    wanted = [one for one in decisions if _may_wait(one, known_until)]
    wanted = [one for one in wanted if _is_about(one, theme, cause, statement)]
    rows = _in_words(_names_for(session, labels, wanted), wanted, decisions, known_until)
    return tuple(one for one in rows if one.waits)


def _names_for(session: Session, labels: Labels, wanted: Sequence[Decision]) -> Names:
    if not wanted:
        return Names({}, {}, {}, {})
    return names_now(session, labels, causes=any(one.kind in VERDICTS for one in wanted))


def _in_words(
    names: Names,
    wanted: Sequence[Decision],
    decisions: Sequence[Decision],
    known_until: dt.datetime | None,
) -> list[Recorded]:
    later = superseded_by(decisions)
    found: list[Recorded] = []
    for one in reversed(wanted):
        value = json.loads(one.value)
        cause = str(value.get("cause_id", ""))
        state: State = (
            "undone" if one.undone_at else "superseded" if one.id in later else "in-force"
        )
        found.append(
            Recorded(
                id=one.id,
                kind=one.kind,
                text=told(one.kind, one.theme_id, value, names),
                theme_id=one.theme_id or names.cause_themes.get(cause, ""),
                cause_id=cause,
                value=value,
                who=one.who,
                when=one.when,
                why=one.why,
                state=state,
                superseded_by=later.get(one.id),
                undone_at=one.undone_at,
                undone_by=one.undone_by or "",
                undone_why=one.undone_why or "",
                waits=state != "superseded"
                and known_until is not None
                and _may_wait(one, known_until),
            )
        )
    return found


def _value(one: Decision) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(one.value)
    return found


def _is_about(one: Decision, theme: str, cause: str, statement: str) -> bool:
    value = json.loads(one.value)
    said = {value.get("statement"), *value.get("statements", ())}
    return bool(
        (theme and theme in {one.theme_id, value.get("into")})
        or (cause and cause == value.get("cause_id"))
        or (statement and statement in said)
    )


def told(kind: str, theme_id: str, value: Mapping[str, Any], names: Names) -> str:
    """What a correction says, as one line that begins with a verb."""
    theme = name(names.themes.get(theme_id, theme_id))
    text = f"{kind.capitalize()} {theme}"
    match kind:
        case "rename":
            # After the run the theme has the new name, and the old one is told by its history.
            same = names.themes.get(theme_id) == value["label"]
            text = f"Rename {theme_id if same else theme} to {name(value['label'], limit=200)}"
        case "owner":
            text = f"Give {theme} to {names.owners.get(value['owner_id'], value['owner_id'])}"
        case "merge":
            text = f"Merge {theme} into {name(names.themes.get(value['into'], value['into']))}"
        case "split":
            text = f"Split {theme} into {listing([_part(one) for one in value['parts']])}"
        case "move":
            what = value.get("statement") or f"the text {value.get('sha', '')[:12]}"
            text = f"Move {what} to {theme}"
        case "must-link" | "cannot-link":
            pair = value.get("statements") or [one[:12] for one in value.get("shas", [])]
            how = "in one theme" if kind == "must-link" else "in different themes"
            text = f"Keep {listing(list(pair))} {how}"
        case "birth":
            text = f"Begin {_part(value)} with {count(len(value.get('texts', [])), 'text')}"
        case "effort":
            owners = theme_id in names.owners and theme_id not in names.themes
            subject = f"all of {name(names.owners[theme_id])}" if owners else theme
            text = f"Set the effort of {subject} to {value['effort']:g}"
        case "confirm-cause" | "reject-cause":
            verb = "Confirm" if kind == "confirm-cause" else "Reject"
            cause = value["cause_id"]
            # What was judged; where that was not kept, what the cause is called now.
            called = value.get("wording") or names.causes.get(cause, cause)
            text = f"{verb} the root cause {name(called, limit=160)}"
        case "pin":
            text = f"Pin {theme}: it stays as it is"
    return text


def _part(value: Mapping[str, Any]) -> str:
    return name(value["label"]) if value.get("label") else "a theme to be named"


def subject_of(one: Decision) -> tuple[str, str]:
    """What a decision is about, so that of two with the same subject the later one counts."""
    return subject_of_value(one.kind, one.theme_id, json.loads(one.value))


def subject_of_value(kind: str, theme_id: str, value: Mapping[str, Any]) -> tuple[str, str]:
    """The same of a decision that is not kept yet; `value` in its one form."""
    if kind in VERDICTS:
        return ("verdict", str(value["cause_id"]))
    if kind == "move":
        return ("move", str(value["sha"]))
    if kind in LATEST_COUNTS:
        return (kind, theme_id)
    return (kind, f"{theme_id} {json.dumps(value, ensure_ascii=False, sort_keys=True)}")


def latest_of_subject(decisions: Sequence[Decision]) -> dict[tuple[str, str], int]:
    """Subject -> number of the latest decision on it; those undone count for nothing.

    Args:
        decisions: in the order made.
    """
    return {subject_of(one): one.id for one in decisions if one.undone_at is None}


def superseded_by(decisions: Sequence[Decision]) -> dict[int, int]:
    """Number of a decision in force -> number of the later one of the same subject that counts."""
    latest = latest_of_subject(decisions)
    return {
        one.id: latest[subject_of(one)]
        for one in decisions
        if one.undone_at is None and one.kind in LATEST_COUNTS and latest[subject_of(one)] != one.id
    }


def _may_wait(one: Decision, known_until: dt.datetime) -> bool:
    """What was made and undone since the last run never counted and never will."""
    if one.undone_at is not None:
        return one.when <= known_until < one.undone_at
    return one.when > known_until


def _known_until(session: Session) -> dt.datetime | None:
    """When the last run of the last week began, if decisions changed since; None if it knew all."""
    published = published_weeks(session)
    run = last_run(session, week=published[-1], status="done") if published else None
    read = json.loads(run.config).get("inputs", {}).get("decisions") if run else None
    if run is None or read is None or read == decisions_digest(session):
        return None
    return run.started_at
