"""From what the engine found to what stands: every correction replayed, every change told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nlp.correction_events import correction_events
from nlp.corrections import End, Part, Plan
from nlp.destinations import Destination, Texts, Vectors, destinations
from nlp.exemplars import ExemplarConfig, calibrate, choose_exemplars
from nlp.found_view import BY_PERSON, corrected_row
from nlp.naming import Name
from nlp.neighbours import FloatArray
from nlp.records import Assignment, Statement, Theme, ThemeEvent
from nlp.registry import Registry
from nlp.teaching import TeachingConfig

NameTexts = Callable[[Sequence[str], FloatArray], Name]
"""Digests of texts and their unit rows to a name that no theme has yet."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """Themes, sorted by id, all placements as people's decisions have them, and the events."""

    themes: tuple[Theme, ...]
    assigned: dict[str, Assignment]
    events: tuple[ThemeEvent, ...]


def corrected(
    week: str,
    plan: Plan,
    *,
    themes: Iterable[Theme],
    placed: Mapping[str, Assignment],
    before: Iterable[Theme],
    stood: Mapping[str, Assignment],
    statements: Sequence[Statement],
    exemplars: Mapping[str, FloatArray],
    vectors: Vectors,
    name: NameTexts,
    memory: ExemplarConfig,
    teaching: TeachingConfig,
) -> Corrected:
    """Apply a plan to the found view of a week.

    Args:
        themes: as the engine has them after its week.
        placed: statement id -> where the engine has it.
        before: the corrected themes after the week before; what changed against them is told.
        stood: where statements stood then.
        statements: all statements up to the week, sorted by id.
        exemplars: digests of all exemplars -> unit vectors.
        name: finds a name for a part of a split that was given none.
    """
    found = {theme.id: theme for theme in themes}
    earlier = {theme.id: theme for theme in before}
    state = {key: _decided(week, one, plan, earlier.get(key)) for key, one in found.items()}
    texts = Texts()
    known = dict(exemplars)
    if plan.speaks_of_texts:
        texts = Texts.of(statements, placed)
        for parent in _split_order(plan, state):
            end = plan.ends[parent]
            for child, part in zip(end.successors, end.parts, strict=True):
                shas = sorted(sha for sha in part.texts if sha in texts.found)
                rows = vectors(shas)
                made = _part(
                    week,
                    child,
                    part,
                    shas,
                    rows,
                    parent=state[parent],
                    before=earlier.get(child),
                    name=name,
                    config=memory,
                )
                at = {sha: index for index, sha in enumerate(shas)}
                known.update({sha: rows[at[sha]] for sha in made.exemplars})
                state[child] = _decided(week, made, plan, earlier.get(child))
    _end_childless(week, state, earlier)
    for gone in sorted(earlier.keys() - state.keys()):
        state[gone] = _taken_back(week, earlier[gone], earlier.values())
    leaves = tuple(
        theme
        for _, theme in sorted(state.items())
        if theme.level == "leaf" and all(sha in known for sha in theme.exemplars)
    )
    sent = destinations(
        plan,
        texts,
        Registry(leaves, (), known),
        stood=Texts.of(statements, stood).found if plan.ends else {},
        vectors=vectors,
        memory=memory,
        teaching=teaching,
    )
    assigned = _rows(statements, placed, sent, state)
    return Corrected(
        tuple(state[key] for key in sorted(state)),
        assigned,
        correction_events(
            week,
            plan,
            found=found,
            themes=state,
            before=earlier,
            placed=placed,
            assigned=assigned,
            stood=stood,
        ),
    )


def born_by_people(
    week: str,
    plan: Plan,
    *,
    existing: Iterable[str],
    vectors: Vectors,
    name: NameTexts,
    config: ExemplarConfig,
) -> list[Theme]:
    """Themes that people had born and that are not there yet; the engine takes them as its own.

    Args:
        existing: ids of the themes there are.
    """
    there = frozenset(existing)
    born: list[Theme] = []
    for theme_id, birth in sorted(plan.births.items()):
        if theme_id in there:
            continue
        shas = sorted(birth.texts)
        rows = vectors(shas)
        found = name(shas, rows)
        exemplars, threshold = _memory(shas, rows, config=config)
        born.append(
            Theme(
                id=theme_id,
                level="leaf",
                parent_id=None,
                label=birth.label or found.label,
                label_reason="by a person" if birth.label else found.reason,
                terms=found.terms,
                exemplars=exemplars,
                threshold=threshold,
                born_week=week,
            )
        )
    return born


def _memory(
    shas: Sequence[str], rows: FloatArray, *, config: ExemplarConfig
) -> tuple[tuple[str, ...], float]:
    """What a theme that people made remembers of its texts, and how alike others must be."""
    chosen = choose_exemplars(rows, config=config)
    return tuple(shas[at] for at in chosen.tolist()), calibrate(rows, rows[chosen], config=config)


def _decided(week: str, theme: Theme, plan: Plan, before: Theme | None) -> Theme:
    """A theme with its name, its pin and its end as people decided."""
    given = plan.renames.get(theme.id)
    if given is not None:
        theme = replace(
            theme,
            label=given,
            label_reason=f"by a person; found was: {theme.label}",
            found_label=theme.label,
            found_reason=theme.label_reason,
        )
    end = plan.ends.get(theme.id)
    pinned = end is None and theme.id in plan.pins
    if theme.pinned != pinned:
        theme = replace(theme, pinned=pinned)
    return theme if end is None else _ended(week, theme, end, before)


def _ended(week: str, theme: Theme, end: End, before: Theme | None) -> Theme:
    """Ended by `end`, since the week in which that was first so."""
    since = before.retired_week if before is not None and before.ended == end.ended else week
    return replace(theme, ended=end.ended, retired_week=since or week, successors=end.successors)


def _part(
    week: str,
    theme_id: str,
    part: Part,
    shas: Sequence[str],
    rows: FloatArray,
    *,
    parent: Theme,
    before: Theme | None,
    name: NameTexts,
    config: ExemplarConfig,
) -> Theme:
    """A part of a split, with the name it has had if it was found."""
    if before is None:
        found = name(shas, rows)
        label, reason, terms = found.label, found.reason, found.terms
    else:
        label, reason = before.label, before.label_reason
        if before.found_label:
            label, reason = before.found_label, before.found_reason
        terms = before.terms
    exemplars, threshold = _memory(shas, rows, config=config)
    return Theme(
        id=theme_id,
        level="leaf",
        parent_id=parent.parent_id,
        label=part.label or label,
        label_reason="by a person" if part.label else reason,
        terms=terms,
        exemplars=exemplars,
        threshold=threshold,
        born_week=before.born_week if before else week,
    )


def _split_order(plan: Plan, themes: Iterable[str]) -> list[str]:
    """The themes that are split, parts after what they are part of, else by id.

    Not in the order decided: a part that is named later gets what name is left.
    """
    there = set(themes)
    left = {name for name, end in plan.ends.items() if end.parts}
    order: list[str] = []
    while ready := sorted(left & there):
        order.extend(ready)
        left.difference_update(ready)
        there.update(child for name in ready for child in plan.ends[name].successors)
    return order


def _end_childless(week: str, state: dict[str, Theme], before: Mapping[str, Theme]) -> None:
    """A parent ends with the last of its leaves."""
    living = {theme.parent_id for theme in state.values() if theme.retired_week is None}
    losing = {theme.parent_id for theme in state.values() if theme.ended in BY_PERSON}
    for parent in sorted(name for name in losing - living if name is not None):
        if parent in state and not state[parent].ended and not state[parent].pinned:
            end = End("removed", "")
            state[parent] = _ended(week, state[parent], end, before.get(parent))


def _taken_back(week: str, theme: Theme, before: Iterable[Theme]) -> Theme:
    """A theme that people made and then took back: its statements are where it came from."""
    if theme.ended == "removed":
        return theme
    origin = tuple(one.id for one in before if one.ended == "split" and theme.id in one.successors)
    return replace(theme, ended="removed", retired_week=week, successors=origin, pinned=False)


def _rows(
    statements: Sequence[Statement],
    placed: Mapping[str, Assignment],
    sent: Mapping[str, Destination],
    themes: Mapping[str, Theme],
) -> dict[str, Assignment]:
    rows: dict[str, Assignment] = {}
    for item in statements:
        row = placed.get(item.id)
        if row is None:
            continue
        rows[item.id] = row
        goal = sent.get(item.sha) if sent and item.noise is None else None
        if goal is None:
            if row.state == "parent" and themes[row.parent_theme_id or ""].ended in BY_PERSON:
                rows[item.id] = corrected_row(row, None, state="unthemed", reason="removed")
        elif goal.leaf is not None and goal.leaf != row.theme_id:
            rows[item.id] = corrected_row(row, themes[goal.leaf], state="leaf", reason=goal.reason)
        elif goal.reason == "dismissed":
            rows[item.id] = corrected_row(row, None, state="noise", reason="dismissed")
        elif goal.leaf is None and row.theme_id is not None:
            rows[item.id] = corrected_row(row, None, state="unthemed", reason=goal.reason)
    return rows
