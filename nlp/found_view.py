"""The engine's own view of themes and statements, got back from the corrected one.

A corrected row keeps what the engine had found: its leaf (or parent) in `found_theme_id`, its
confidence as it was, and its method where that is not the usual one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from nlp.corrections import Plan, made_by_person
from nlp.records import Assignment, State, Theme

_CORRECTED = "corrected: "
_FOUND = "; found: "
USUAL = {"leaf": "exemplars", "parent": "parent exemplars", "unthemed": "none"}
BY_PERSON = frozenset({"merged", "split", "dismissed", "removed"})


def is_corrected(row: Assignment) -> bool:
    """Whether a person's decision has the statement stand elsewhere than the engine put it."""
    return row.method.startswith(_CORRECTED)


def reason_of(row: Assignment) -> str:
    """Why a corrected row stands where it stands: "moved", "merged", ...; else ""."""
    return row.method.removeprefix(_CORRECTED).partition(_FOUND)[0] if is_corrected(row) else ""


def corrected_row(
    found: Assignment, leaf: Theme | None, *, state: State, reason: str
) -> Assignment:
    """The row as a person's decision has it; `found_row` gives `found` back."""
    method = f"{_CORRECTED}{reason}"
    if found.method != USUAL.get(found.state):
        method += f"{_FOUND}{found.method}"
    return Assignment(
        found.statement_id,
        leaf.id if leaf else None,
        leaf.parent_id if leaf else None,
        state,
        found.confidence,
        method,
        found.theme_id or found.parent_theme_id,
    )


def found_row(row: Assignment, themes: Mapping[str, Theme]) -> Assignment | None:
    """The row as the engine had it; None where that is a theme the engine does not know."""
    if not is_corrected(row):
        return row if row.theme_id is None or row.theme_id in themes else None
    method = row.method.partition(_FOUND)[2]
    if row.found_theme_id is None:
        method = method or USUAL["unthemed"]
        return Assignment(row.statement_id, None, None, "unthemed", row.confidence, method)
    theme = themes.get(row.found_theme_id)
    if theme is None:
        return None
    if theme.level == "parent":
        method = method or USUAL["parent"]
        return Assignment(row.statement_id, None, theme.id, "parent", row.confidence, method)
    method = method or USUAL["leaf"]
    return Assignment(row.statement_id, theme.id, theme.parent_id, "leaf", row.confidence, method)


def found_view(
    themes: Iterable[Theme], assigned: Mapping[str, Assignment], plan: Plan
) -> tuple[tuple[Theme, ...], dict[str, Assignment]]:
    """Themes and placements as the engine alone sees them.

    Parts of splits are not among them, themes that people had born are as long as that is in
    force. What a person pinned or ended does not retire for silence (`pinned`): a theme that was
    merged still means what it meant, a dismissed one is to take its statements for good. Nor is a
    theme silent that people send statements to (`Plan.kept`): it is woken.
    What stood in a theme that is no longer there, as its birth was taken back, stands nowhere, as
    if it were new.
    """
    kept = plan.kept
    state: dict[str, Theme] = {}
    for theme in themes:
        if made_by_person(theme.id) and theme.id not in plan.births:
            continue
        state[theme.id] = _found_theme(
            theme,
            awake=theme.id in kept,
            pinned=theme.id in plan.pins or theme.id in plan.ends,
        )
    for theme in list(state.values()):
        parent = state.get(theme.parent_id or "")
        if theme.id in kept and parent is not None and parent.ended:
            state[parent.id] = replace(parent, ended="", retired_week=None)
    return tuple(state[name] for name in sorted(state)), {
        name: found
        for name, row in assigned.items()
        if (found := found_row(row, state)) is not None
    }


def _found_theme(theme: Theme, *, awake: bool, pinned: bool) -> Theme:
    if theme.found_label:
        label, reason = theme.found_label, theme.found_reason
        theme = replace(theme, label=label, label_reason=reason, found_label="", found_reason="")
    if theme.ended in BY_PERSON or (theme.ended and awake):
        theme = replace(theme, ended="", retired_week=None, successors=())
    return theme if theme.pinned == pinned else replace(theme, pinned=pinned)
