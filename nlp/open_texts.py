"""The texts that a week has to place: new ones, and older ones that have no leaf yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nlp.records import Assignment, Feedback, Statement
from nlp.registry import Placement, Registry


def open_texts_of(
    week: str,
    ordered: Sequence[Statement],
    assigned: Mapping[str, Assignment],
    feedback: Mapping[str, Feedback],
    *,
    weeks: int | None,
) -> dict[str, list[Statement]]:
    """Text digest -> its statements, for the texts that are new or still without a leaf.

    Args:
        weeks: of the latest with feedback, how many may still help a theme to be born; None: all.
    """
    heard = sorted({item.week for item in feedback.values()})
    recent = {*(heard if weeks is None else heard[-weeks:]), week}
    found: dict[str, list[Statement]] = {}
    for item in ordered:
        if item.noise is not None:
            continue
        before = assigned.get(item.id)
        if before is not None and (
            before.state == "leaf" or feedback[item.feedback_key].week not in recent
        ):
            continue
        found.setdefault(item.sha, []).append(item)
    return found


def inherited(
    ordered: Sequence[Statement],
    assigned: Mapping[str, Assignment],
    open_shas: frozenset[str],
    registry: Registry,
) -> dict[str, Placement]:
    """Exact copies of a text that has a leaf stand where it stands."""
    alive = {theme.id: theme for theme in registry.leaves}
    found: dict[str, Placement] = {}
    for item in ordered:
        if item.noise is not None or item.sha not in open_shas or item.sha in found:
            continue
        before = assigned.get(item.id)
        if before is not None and before.theme_id in alive:
            leaf = alive[before.theme_id]
            found[item.sha] = Placement(leaf.id, leaf.parent_id, "leaf", 1.0, before.confidence)
    return found
