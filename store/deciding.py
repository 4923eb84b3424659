"""The one way in for decisions: checked against the themes and statements that there are."""

from __future__ import annotations

import datetime as dt
import json
from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from nlp.corrections import Correction, Corrections, correction_texts, plan
from nlp.records import Assignment, Theme
from nlp.seen import is_seen
from store.corrections import as_correction, correction, theme_decisions
from store.database import Session
from store.decisions import Decision, add_decision, all_decisions
from store.rows import among, read
from store.statements import statements_by_id, texts_by_sha
from store.tables import ASSIGNMENT_VERSION
from store.themes import themes_as_of
from store.verdicts import JUDGING, VERDICTS, hindrance, told_headline

OF_NO_THEME = frozenset({"must-link", "cannot-link", "birth", *VERDICTS})
# What the value of each kind may hold; texts are told by digest or by a statement that says them.
VALUE_KEYS: Mapping[str, tuple[str, ...]] = {
    "rename": ("label",),
    "owner": ("owner_id",),
    "merge": ("into",),
    "split": ("parts",),
    "move": ("statement", "sha"),
    "pin": (),
    "dismiss": (),
    "must-link": ("statements", "shas"),
    "cannot-link": ("statements", "shas"),
    "birth": ("label", "texts", "statements"),
    "remove": (),
    # The wording that was judged: kept when the decision is taken, and named in files only.
    "confirm-cause": ("cause_id", "wording"),
    "reject-cause": ("cause_id", "wording"),
    "effort": ("effort",),
}
MAX_LABEL = 200  # of a name, which stands in headings and lists
_PART_KEYS = ("label", "texts", "statements")


class DecisionError(ValueError):
    """A decision that cannot be taken, with the reason and the way out."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A decision that somebody wants to take. `when`: now, if None."""

    kind: str
    theme_id: str
    value: Mapping[str, Any]
    who: str
    why: str
    when: dt.datetime | None = None


def decide(session: Session, wish: Wish, *, owners: Collection[str] | None = None) -> int:
    """Check a decision and keep it; it takes effect with the next run.

    Args:
        owners: the ids of all owners; None: they are not checked.

    Returns:
        Its number, by which it can be undone.

    Raises:
        DecisionError: naming what is wrong and the way out; nothing is kept then.
    """
    value = checked(session, wish, owners=owners)
    return add_decision(
        session,
        kind=wish.kind,
        theme_id=wish.theme_id,
        value=json.dumps(value, ensure_ascii=False, sort_keys=True),
        who=wish.who,
        why=wish.why,
        when=wish.when,
    )


def checked(
    session: Session, wish: Wish, *, owners: Collection[str] | None = None
) -> dict[str, Any]:
    """The value of a decision in its one form: text digests beside the statements named.

    Raises:
        DecisionError: naming what is wrong and the way out.
    """
    if wish.kind not in VALUE_KEYS:
        kinds = ", ".join(VALUE_KEYS)
        raise DecisionError(f"{wish.kind!r} is no kind of decision; there are: {kinds}")
    if not is_seen(wish.who) or not is_seen(wish.why):
        raise DecisionError("a decision needs who takes it and why; whoever reads it will ask")
    if bool(wish.theme_id) == (wish.kind in OF_NO_THEME):
        needs = "is about no theme" if wish.theme_id else "needs the id of a theme"
        raise DecisionError(f"{_a(wish.kind)} {needs}")
    value = _formed(session, wish)
    if owners is not None and wish.kind == "owner" and value["owner_id"] not in owners:
        known = ", ".join(sorted(owners))
        raise DecisionError(f"{value['owner_id']!r} is no owner; owners.yaml has: {known}")
    if wish.kind in JUDGING:
        reason = hindrance(session, wish.kind, wish.theme_id, value, owners=owners)
        if reason:
            raise DecisionError(reason)
        if wish.kind in VERDICTS and "wording" not in value:
            told = told_headline(session, value["cause_id"])
            value |= {"wording": told} if told else {}
    else:
        _check_against_others(session, wish, value)
    return value


def same_decision(session: Session, wish: Wish) -> Decision | None:
    """The latest decision that says the same, of the same time where the wish has one.

    It may have been undone: what people took back does not come back with a file.
    """
    value = _formed(session, wish)
    value.pop("wording", None)
    found: Decision | None = None
    for one in all_decisions(session):
        kept = json.loads(one.value)
        kept.pop("wording", None)
        alike = (one.kind, one.theme_id, kept) == (wish.kind, wish.theme_id, value)
        if alike and wish.when in {None, one.when}:
            found = one
    return found


def _formed(session: Session, wish: Wish) -> dict[str, Any]:
    """The value with every text by its digest."""
    value = dict(wish.value)
    allowed = VALUE_KEYS[wish.kind]
    _check_keys(value, allowed, _a(wish.kind))
    formed: dict[str, Any]
    match wish.kind:
        case "confirm-cause" | "reject-cause":
            formed = {"cause_id": _words(value.get("cause_id"), "cause_id")}
            if value.get("wording"):
                formed["wording"] = _words(value["wording"], "wording")
        case "rename" | "owner" | "merge":
            formed = {allowed[0]: _words(value.get(allowed[0]), allowed[0])}
        case "effort":
            formed = {"effort": _number(value.get("effort"), "effort")}
        case "split":
            formed = _formed_parts(session, value)
        case "move":
            formed = _formed_move(session, value)
        case "must-link" | "cannot-link":
            formed = _formed_link(session, wish.kind, value)
        case "birth":
            formed = _texts(session, value)
        case _:
            formed = {}
    return formed


def _formed_parts(session: Session, value: Mapping[str, Any]) -> dict[str, Any]:
    parts = value.get("parts")
    if not isinstance(parts, list) or not all(isinstance(one, dict) for one in parts):
        raise DecisionError("parts must be a list, each with texts or statements")
    for number, part in enumerate(parts, 1):
        _check_keys(part, _PART_KEYS, f"part {number}")
    return {"parts": [_texts(session, part) for part in parts]}


def _formed_move(session: Session, value: Mapping[str, Any]) -> dict[str, Any]:
    statement, sha = value.get("statement"), value.get("sha")
    found = _texts(
        session,
        {"texts": [sha] if sha else [], "statements": [statement] if statement else []},
    )
    return {"sha": found["texts"][0]} | ({"statement": statement} if statement else {})


def _formed_link(session: Session, kind: str, value: Mapping[str, Any]) -> dict[str, Any]:
    found = _texts(session, {"texts": value.get("shas"), "statements": value.get("statements")})
    if len(found["texts"]) != 2:
        raise DecisionError(f"a {kind} needs two statements of different texts")
    named = {"statements": found["statements"]} if "statements" in found else {}
    return {"shas": found["texts"]} | named


def _texts(session: Session, holder: Mapping[str, Any]) -> dict[str, Any]:
    """`label`, `texts` and `statements`; digests that are given stand, else they are looked up."""
    texts, statements = holder.get("texts") or [], holder.get("statements") or []
    for key, one in (("texts", texts), ("statements", statements)):
        if not isinstance(one, list) or not all(isinstance(item, str) for item in one):
            raise DecisionError(f"{key} must be a list of ids")
    if not texts:
        known = statements_by_id(session, statements)
        for name in statements:
            if name not in known:
                raise DecisionError(
                    f"there is no statement {name}; ids are in: groundswell export statements "
                    "--out -"
                )
            if known[name].noise is not None:
                raise DecisionError(
                    f"{name} takes part in no theme ({known[name].noise}); choose another"
                )
        texts = list(dict.fromkeys(known[name].sha for name in statements))
    if not texts:
        raise DecisionError("it names no text; give statements")
    label = holder.get("label")
    return (
        ({"label": _words(label, "label")} if label else {})
        | {"texts": texts}
        | ({"statements": statements} if statements else {})
    )


def _check_against_others(session: Session, wish: Wish, value: dict[str, Any]) -> None:
    """The engine itself says whether it could apply the decision beside those in force.

    Decisions are replayed by their time, so one from a file may come before those in force.
    """
    made = as_correction(wish.kind, wish.theme_id, value, wish.why)
    moment = wish.when or dt.datetime.now(dt.UTC)
    decisions = theme_decisions(session)
    others = [correction(one) for one in decisions]
    at = bisect_right(decisions, moment, key=lambda one: one.when)
    themes = themes_as_of(session)
    known = set(texts_by_sha(session, correction_texts([*others, made]))).__contains__
    idle = {
        id(one.correction) for one in plan(Corrections(tuple(others)), themes, known).not_applied
    }
    together = Corrections((*others[:at], made, *others[at:]))
    not_applied = plan(together, themes, known).not_applied
    for one in not_applied:
        # Before the first run nothing is known of themes; the run will say what does not fit.
        if one.correction is made and (themes or not one.waits):
            raise DecisionError(f"{one.reason}{_way_out(one.reason)}")
    reasons = {id(one.correction): one.reason for one in not_applied}
    for decision, other in zip(decisions, others, strict=True):
        if id(other) in reasons and id(other) not in idle:
            raise DecisionError(_disables(moment, decision, reasons[id(other)]))
    if made.kind == "split":
        _check_parts(session, made, value, themes)


def _check_parts(
    session: Session, made: Correction, value: dict[str, Any], themes: tuple[Theme, ...]
) -> None:
    named = {name for part in value["parts"] for name in part.get("statements", [])}
    table = ASSIGNMENT_VERSION.c
    rows = read(
        session,
        Assignment,
        ASSIGNMENT_VERSION,
        among(session, table.statement_id, named),
        order=[table.statement_id, table.week],
    )
    labels = {theme.id: theme.label for theme in themes}
    for name, row in {row.statement_id: row for row in rows}.items():
        if row.theme_id not in {made.theme_id, *made.children}:
            stands = (
                f"in {row.theme_id} ({labels.get(row.theme_id)})" if row.theme_id else "in none"
            )
            raise DecisionError(
                f"{name} does not stand in {made.theme_id} but {stands}; choose a statement of it"
            )


def _disables(moment: dt.datetime, other: Decision, reason: str) -> str:
    what = f"{other.kind} {other.theme_id}".strip()
    return (
        f"made at {moment.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC, it comes before decision "
        f"{other.id} ({what}), which is in force and would have no effect any more: "
        f"{reason.partition(';')[0]}; leave this one out, or first: groundswell correct undo "
        f"{other.id}"
    )


def _way_out(reason: str) -> str:
    if reason.startswith("there is no theme"):
        return "; ids are in: groundswell export themes --out -"
    if "earlier decision" in reason:
        return "; see: groundswell correct list"
    return ""


def _check_keys(value: Mapping[str, Any], allowed: tuple[str, ...], what: str) -> None:
    for key in value:
        if key not in allowed:
            has = f"has: {', '.join(allowed)}" if allowed else "has no more keys"
            raise DecisionError(f"{key!r} is unknown; {what} {has}")


def _words(value: Any, what: str) -> str:
    words = " ".join(value.split()) if isinstance(value, str) else ""
    if not is_seen(words):
        raise DecisionError(f"{what} is empty; give one in quotes")
    if what in {"label", "wording"} and len(words) > MAX_LABEL:
        raise DecisionError(f"{what} has {len(words):,} characters; it may have {MAX_LABEL}")
    return words


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _number(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DecisionError(f"{what} must be a number, not {value!r}")
    return float(value)
