"""Leaves find their parents: join a family they are near to, or found one together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from nlp.births import theme_id
from nlp.exemplars import ExemplarConfig, calibrate
from nlp.hierarchy import HierarchyConfig, families, nearest_family
from nlp.naming import Name
from nlp.neighbours import FloatArray
from nlp.records import Theme, ThemeEvent
from nlp.registry import Registry, build_registry

NameFamily = Callable[[Sequence[tuple[Theme, FloatArray]]], Name]


def adopt(
    week: str,
    state: dict[str, Theme],
    exemplar_vectors: Mapping[str, FloatArray],
    *,
    name: NameFamily,
    config: HierarchyConfig,
    memory: ExemplarConfig,
    ended: Collection[str] = (),
) -> list[ThemeEvent]:
    """Give each leaf without a parent to a family it is near to; found new families if need be.

    Args:
        state: all themes by id; changed in place.
        exemplar_vectors: text digests -> unit rows, for all exemplars.
        name: names a family by its children.
        ended: themes that a person ended, though the engine still knows what they mean; no family
            is made of them, and none is judged by them.
    """
    standing = {key: theme for key, theme in state.items() if key not in ended}
    registry = build_registry(tuple(standing.values()), exemplar_vectors)
    orphans = [leaf for leaf in registry.leaves if leaf.parent_id is None]
    centres = {
        parent.id: _mean(
            [registry.centroid(leaf) for leaf in registry.leaves if leaf.parent_id == parent.id]
        )
        for parent in registry.parents
        if any(leaf.parent_id == parent.id for leaf in registry.leaves)
    }
    events: list[ThemeEvent] = []
    alone: list[Theme] = []
    for leaf in orphans:
        names = sorted(centres)
        found = nearest_family(
            registry.centroid(leaf), [centres[name] for name in names], config=config
        )
        if found is None:
            alone.append(leaf)
            continue
        state[leaf.id] = replace(leaf, parent_id=names[found])
        events.append(
            ThemeEvent(week, leaf.id, "adopted", state[names[found]].label, (names[found],))
        )
    if alone:
        labels = families(np.stack([registry.centroid(leaf) for leaf in alone]), config=config)
        for family in range(int(labels.max()) + 1):
            children = [leaf for leaf, label in zip(alone, labels, strict=True) if label == family]
            if len(children) > 1:
                events.extend(_found_family(week, children, state, registry, name))
    changed = {event.related[0] for event in events if event.kind == "adopted"}
    for parent_id in sorted(changed):
        state[parent_id] = _refit_parent(
            parent_id,
            {key: theme for key, theme in state.items() if key not in ended},
            exemplar_vectors,
            config=config,
            memory=memory,
        )
    return events


def _found_family(
    week: str,
    children: Sequence[Theme],
    state: dict[str, Theme],
    registry: Registry,
    name: NameFamily,
) -> list[ThemeEvent]:
    parent_id = theme_id("P", week, tuple(child.id for child in children))
    called = name([(child, registry.centroid(child)) for child in children])
    state[parent_id] = Theme(
        id=parent_id,
        level="parent",
        parent_id=None,
        label=called.label,
        label_reason=called.reason,
        terms=called.terms,
        exemplars=(),
        threshold=1.0,
        born_week=week,
    )
    events = [ThemeEvent(week, parent_id, "family", called.label, tuple(c.id for c in children))]
    for child in children:
        state[child.id] = replace(state[child.id], parent_id=parent_id)
        events.append(ThemeEvent(week, child.id, "adopted", called.label, (parent_id,)))
    return events


def _refit_parent(
    parent_id: str,
    state: Mapping[str, Theme],
    exemplar_vectors: Mapping[str, FloatArray],
    *,
    config: HierarchyConfig,
    memory: ExemplarConfig,
) -> Theme:
    children = sorted(
        (
            theme
            for theme in state.values()
            if theme.parent_id == parent_id and theme.retired_week is None
        ),
        key=lambda theme: theme.id,
    )
    share = max(2, memory.most * 2 // max(1, len(children)))
    shas = tuple(sha for child in children for sha in child.exemplars[:share])
    rows = np.stack([exemplar_vectors[sha] for sha in shas])
    looser = replace(memory, quantile=config.quantile)
    limit = min(calibrate(rows, rows, config=looser), *(child.threshold for child in children))
    return replace(state[parent_id], exemplars=shas, threshold=limit)


def _mean(vectors: Sequence[FloatArray]) -> FloatArray:
    mean = np.stack(list(vectors)).mean(axis=0)
    unit: FloatArray = (mean / np.linalg.norm(mean)).astype(np.float32)
    return unit
