"""Decisions as a YAML file that people can review: exported, written by a rebuild, imported.

A list with a mapping for each decision: `kind`, `theme` (none for links, births and verdicts), what
the kind needs (`label`, `into`, `parts`, `cause_id` ...), `who`, `when` and `why`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from store.database import Session
from store.deciding import VALUE_KEYS, DecisionError, Wish, decide, same_decision
from store.decisions import Decision

_FRAME = ("kind", "theme", "who", "when", "why")


class CorrectionFileError(ValueError):
    """A file that cannot be taken, with every entry that is wrong."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file's entries. `undone`: known here, but taken back since."""

    accepted: int
    unchanged: int
    undone: int


def to_wish(decision: Decision) -> Wish:
    """A stored decision as one to be taken elsewhere."""
    return Wish(
        decision.kind,
        decision.theme_id,
        json.loads(decision.value),
        decision.who,
        decision.why,
        decision.when,
    )


def to_yaml(wishes: Iterable[Wish]) -> str:
    """The file's text; entries in the order given, keys in a fixed order."""
    entries: list[dict[str, Any]] = []
    for wish in wishes:
        entry: dict[str, Any] = {"kind": wish.kind}
        if wish.theme_id:
            entry["theme"] = wish.theme_id
        entry |= {key: wish.value[key] for key in VALUE_KEYS[wish.kind] if key in wish.value}
        entry["who"] = wish.who
        if wish.when is not None:
            entry["when"] = wish.when.astimezone(dt.UTC).isoformat()
        entry["why"] = wish.why
        entries.append(entry)
    if not entries:
        return "[]\n"
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=100)


def from_yaml(text: str, *, name: str, who: str = "") -> list[Wish]:
    """The decisions of a file; `who` takes those that name nobody.

    Raises:
        CorrectionFileError: naming the file, the entry and the key of everything that is wrong.
    """
    try:
        entries = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CorrectionFileError(f"{name} is no YAML: {error}") from error
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise CorrectionFileError(f"{name} must be a list with a mapping for each decision")
    wishes: list[Wish] = []
    wrong: list[str] = []
    for number, entry in enumerate(entries, 1):
        try:
            wishes.append(_wish(entry, who))
        except DecisionError as error:
            wrong.append(f"{name}, entry {number}: {error}")
    _refuse(wrong)
    return wishes


def import_file(
    session: Session, path: Path, *, who: str, owners: Iterable[str] | None = None
) -> Imported:
    """Take all decisions of a file, or none; those that are known already change nothing.

    Raises:
        CorrectionFileError: naming everything that is wrong.
        OSError, UnicodeDecodeError: the file cannot be read.
    """
    return import_wishes(
        session,
        from_yaml(path.read_text(encoding="utf-8"), name=str(path), who=who),
        name=str(path),
        owners=owners,
    )


def import_wishes(
    session: Session, wishes: Iterable[Wish], *, name: str, owners: Iterable[str] | None = None
) -> Imported:
    """Take all decisions or none: the caller's transaction must end with the error.

    Raises:
        CorrectionFileError: naming everything that is wrong.
    """
    known_owners = None if owners is None else frozenset(owners)
    accepted = unchanged = undone = 0
    wrong: list[str] = []
    for number, wish in enumerate(wishes, 1):
        try:
            known = same_decision(session, wish)
            if known is None:
                decide(session, wish, owners=known_owners)
                accepted += 1
            elif known.undone_at is None:
                unchanged += 1
            else:
                undone += 1
        except DecisionError as error:
            wrong.append(f"{name}, entry {number} ({wish.kind} {wish.theme_id}): {error}")
    _refuse(wrong)
    return Imported(accepted, unchanged, undone)


def _refuse(wrong: list[str]) -> None:
    if wrong:
        raise CorrectionFileError("\n".join([*wrong, "Nothing was written; mend the file first."]))


def _wish(entry: Any, who: str) -> Wish:
    if not isinstance(entry, dict):
        raise DecisionError("an entry must be a mapping with kind, theme, who, when and why")
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in VALUE_KEYS:
        raise DecisionError(f"kind: {kind!r} is none of: {', '.join(VALUE_KEYS)}")
    for key in entry:
        if key not in _FRAME and key not in VALUE_KEYS[kind]:
            keys = ", ".join((*_FRAME, *VALUE_KEYS[kind]))
            raise DecisionError(f"{key}: unknown key; {kind} has: {keys}")
    for key in ("theme", "who", "why"):
        if not isinstance(entry.get(key, ""), str):
            raise DecisionError(f"{key}: must be a text; put it in quotes")
    return Wish(
        kind,
        entry.get("theme", ""),
        {key: entry[key] for key in VALUE_KEYS[kind] if key in entry},
        entry.get("who") or who,
        entry.get("why", ""),
        _moment(entry.get("when")),
    )


def _moment(value: Any) -> dt.datetime | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError as error:
            raise DecisionError(f"when: {value!r} is no date and time (ISO 8601)") from error
    if not isinstance(value, dt.datetime):
        raise DecisionError(f"when: {value!r} needs a time of day, too: 2026-11-23T12:00:00Z")
    return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
