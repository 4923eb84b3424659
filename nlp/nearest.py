"""Which of several described things (owners, stages) a theme is nearest to in meaning."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ThemeFacts:
    """What is known of a theme when its owner and stage are looked for.

    exemplar_texts: its typical statements. centroid: mean of its vectors, unit length, shape (d,).
    intent_id: the seed that named it, if one did.
    """

    theme_id: str
    label: str
    terms: tuple[str, ...]
    exemplar_texts: tuple[str, ...]
    centroid: FloatArray
    intent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """One thing, how near it is (cosine), and which of its texts is nearest (index)."""

    id: str
    similarity: float
    text_no: int

    @property
    def shown(self) -> str:
        """Two decimals, cut and not rounded, so that 0.298 does not read as the 0.30 it missed."""
        return f"{math.floor(self.similarity * 100 + 1e-6) / 100:.2f}"


def embedded(
    texts: Mapping[str, Sequence[str]], encode: Callable[[Sequence[str]], FloatArray]
) -> dict[str, FloatArray]:
    """Id -> vectors of its texts, shape (n, d), all made in one call: short batches are slow."""
    rows = encode([text for group in texts.values() for text in group])
    found: dict[str, FloatArray] = {}
    start = 0
    for name, group in texts.items():
        found[name] = rows[start : start + len(group)]
        start += len(group)
    return found


def nearest(
    centroid: FloatArray, vectors: Mapping[str, FloatArray], *, ids: Sequence[str], top: int
) -> list[Near]:
    """All things, nearest first; equally near ones in the order of `ids`.

    Args:
        centroid: unit vector, shape (d,).
        vectors: id -> unit vectors of its texts, shape (n, d), n at least 1.
        ids: the things there are, in the order people wrote them.
        top: how many of a thing's nearest texts are averaged (fewer when it has fewer).

    Raises:
        ValueError: vectors for other things than `ids`, none for one, of another width than the
            centroid's, or not finite.
    """
    if set(ids) != set(vectors):
        odd = ", ".join(sorted(set(ids) ^ set(vectors)))
        raise ValueError(f"the vectors are not those of the labels: {odd}; embed the labels anew")
    found = []
    for name in ids:
        rows = vectors[name]
        if rows.ndim != 2 or len(rows) == 0 or rows.shape[1] != centroid.shape[0]:
            raise ValueError(
                f"{name}: expected vectors of shape (n, {centroid.shape[0]}), got {rows.shape}"
            )
        if not (np.isfinite(rows).all() and np.isfinite(centroid).all()):
            raise ValueError(f"{name}: a vector holds nan or infinity")
        cosines = rows.astype(np.float64) @ centroid.astype(np.float64)
        best = np.sort(cosines)[::-1][:top]
        found.append(Near(name, float(best.mean()), int(np.round(cosines, 6).argmax())))
    # Rounded before comparing: the last bits depend on the BLAS, and must not decide an order.
    return sorted(found, key=lambda near: -round(near.similarity, 6))


def confidence_of(similarities: Sequence[float], *, temperature: float) -> float:
    """The first one's share against all: softmax of the similarities, nearest first."""
    shifted = np.exp((np.array(similarities) - similarities[0]) / temperature)
    return float(1.0 / shifted.sum())
