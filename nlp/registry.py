"""The register of themes: texts are assigned to what it remembers, whatever else arrives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nlp.exemplars import ExemplarConfig, member_score
from nlp.neighbours import FloatArray
from nlp.records import State, Theme

_BLOCK = 2048
_TEMPERATURE = 0.05  # one standard deviation of a member's score within its theme


@dataclass(frozen=True, slots=True)
class Registry:
    """Themes that are alive, sorted by id, and the vectors of their exemplars by text digest."""

    leaves: tuple[Theme, ...]
    parents: tuple[Theme, ...]
    vectors: Mapping[str, FloatArray]

    def exemplars(self, theme: Theme) -> FloatArray:
        """Unit rows, shape (m, d)."""
        return np.stack([self.vectors[sha] for sha in theme.exemplars])

    def centroid(self, theme: Theme) -> FloatArray:
        """The mean direction of the exemplars, a unit vector."""
        mean = self.exemplars(theme).mean(axis=0)
        unit: FloatArray = (mean / np.linalg.norm(mean)).astype(np.float32)
        return unit


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one text stands: its leaf, else its parent, else nowhere yet."""

    leaf: str | None
    parent: str | None
    state: State
    score: float
    confidence: float


def build_registry(themes: Sequence[Theme], vectors: Mapping[str, FloatArray]) -> Registry:
    """The living themes of `themes`; `vectors` must hold each exemplar's."""
    alive = sorted((theme for theme in themes if theme.retired_week is None), key=lambda t: t.id)
    return Registry(
        leaves=tuple(theme for theme in alive if theme.level == "leaf"),
        parents=tuple(theme for theme in alive if theme.level == "parent"),
        vectors=vectors,
    )


def theme_scores(
    registry: Registry, themes: Sequence[Theme], queries: FloatArray, *, config: ExemplarConfig
) -> FloatArray:
    """Score of each query against each theme, shape (n, len(themes)): see `member_score`."""
    scores = np.zeros((len(queries), len(themes)), dtype=np.float32)
    for column, theme in enumerate(themes):
        exemplars = registry.exemplars(theme)
        for start in range(0, len(queries), _BLOCK):
            block = queries[start : start + _BLOCK]
            scores[start : start + _BLOCK, column] = member_score(block, exemplars, config=config)
    return scores


def place(
    registry: Registry,
    queries: FloatArray,
    *,
    founders: Mapping[int, str] | None = None,
    config: ExemplarConfig,
) -> tuple[Placement, ...]:
    """Place each query, unit rows of shape (n, d), by the registry alone.

    A founder (query number -> theme id) stands in its theme. For the others:

    The leaf with the greatest score among those whose threshold it reaches; else the parent in
    the same way; else nowhere. Equal scores go to the lower theme id. The confidence is the
    softmax of the scores over all leaves (temperature .05): how clearly this theme and no other.
    """
    if not len(queries):
        return ()
    if not registry.leaves:
        return tuple(Placement(None, None, "unthemed", 0.0, 0.0) for _ in range(len(queries)))
    leaf_scores = theme_scores(registry, registry.leaves, queries, config=config)
    parent_scores = theme_scores(registry, registry.parents, queries, config=config)
    leaf_limits = np.array([theme.threshold for theme in registry.leaves], dtype=np.float32)
    parent_limits = np.array([theme.threshold for theme in registry.parents], dtype=np.float32)
    placements: list[Placement] = []
    columns = {leaf.id: column for column, leaf in enumerate(registry.leaves)}
    founded = {row: columns[name] for row, name in (founders or {}).items()}
    for row, (scores, outer) in enumerate(zip(leaf_scores, parent_scores, strict=True)):
        softmax = np.exp((scores - scores.max()) / _TEMPERATURE)
        softmax /= softmax.sum()
        accepted = np.flatnonzero(scores >= leaf_limits)
        if row in founded or len(accepted):
            best = founded.get(row, -1)
            if best < 0:
                best = int(accepted[np.argmax(scores[accepted])])
            leaf = registry.leaves[best]
            placements.append(
                Placement(
                    leaf.id, leaf.parent_id, "leaf", float(scores[best]), float(softmax[best])
                )
            )
            continue
        wider = np.flatnonzero(outer >= parent_limits)
        if len(wider):
            best = int(wider[np.argmax(outer[wider])])
            parent = registry.parents[best]
            inside = [i for i, leaf in enumerate(registry.leaves) if leaf.parent_id == parent.id]
            placements.append(
                Placement(
                    None, parent.id, "parent", float(outer[best]), float(softmax[inside].sum())
                )
            )
            continue
        placements.append(Placement(None, None, "unthemed", float(scores.max()), 0.0))
    return tuple(placements)
