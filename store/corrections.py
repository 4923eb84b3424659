"""Stored decisions as the engine's corrections, and back: the one form of their JSON values.

rename {"label"}, owner {"owner_id"}, merge {"into"}, split {"parts": [{"label", "texts",
"statements"}]}, move {"sha", "statement"} (the theme is the one it is moved to), pin {},
dismiss {}, remove {}, must-link and cannot-link {"shas", "statements"} and birth {"label", "texts",
"statements"} (of no theme). Texts count by their digest; statement ids are kept for people.
"""

from __future__ import annotations

import json
from typing import Any

from nlp.corrections import KINDS, Correction, Corrections, Part
from store.database import Session
from store.decisions import Decision, active_decisions


def active_corrections(session: Session) -> Corrections:
    """The decisions about themes in force, in the order in which they were made."""
    return Corrections(tuple(map(correction, theme_decisions(session))))


def theme_decisions(session: Session) -> list[Decision]:
    """The decisions in force that are corrections of themes; verdicts and efforts are not."""
    return [one for one in active_decisions(session) if one.kind in KINDS]


def correction(decision: Decision) -> Correction:
    """A decision in the terms of the engine."""
    return as_correction(decision.kind, decision.theme_id, json.loads(decision.value), decision.why)


def as_correction(kind: str, theme_id: str, value: dict[str, Any], why: str) -> Correction:
    """The correction that a decision's kind and value stand for.

    Raises:
        ValueError: when there is no such kind.
        KeyError: when the value lacks what the kind needs.
    """
    known = next((name for name in KINDS if name == kind), None)
    if known is None:
        raise ValueError(f"{kind!r} is no kind of decision; there are: {', '.join(KINDS)}")
    match known:
        case "move":
            texts = (value["sha"],)
        case "must-link" | "cannot-link":
            texts = tuple(value["shas"])
        case _:
            texts = tuple(value["texts"]) if known == "birth" else ()
    return Correction(
        known,
        theme_id,
        why,
        label=value["label"] if known == "rename" else value.get("label", ""),
        into=value["into"] if known == "merge" else "",
        owner=value["owner_id"] if known == "owner" else "",
        texts=texts,
        parts=tuple(Part(tuple(part["texts"]), part.get("label", "")) for part in value["parts"])
        if known == "split"
        else (),
    )
