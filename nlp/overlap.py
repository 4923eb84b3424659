"""How the register of themes and a fresh partition share texts: one table, counted once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nlp.neighbours import IntArray
from nlp.records import Theme


@dataclass(frozen=True, slots=True)
class KnownText:
    """One distinct text, where it stands (`leaf`: None while no theme has it), and who said it.

    Texts that people dismissed, and noise, are not given: they can become nothing new.
    """

    sha: str
    text: str
    leaf: str | None
    mentions: int
    customers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Texts shared by themes and fresh groups.

    `counts`, shape (themes + 2, groups): the living leaves sorted by id, then the texts without a
    theme, then those of themes that have ended. `rows`: (theme, group) -> the texts, if any.
    """

    themes: tuple[Theme, ...]
    counts: IntArray
    theme_sizes: IntArray
    group_sizes: IntArray
    rows: Mapping[tuple[int, int], list[int]]

    @property
    def unthemed(self) -> int:
        """The row of the texts without a theme."""
        return len(self.themes)

    @property
    def groups(self) -> int:
        """The number of fresh groups."""
        return len(self.group_sizes)

    def share(self, theme: int, group: int) -> float:
        """Of the theme's texts, those in the group."""
        return float(self.counts[theme, group] / max(1, self.theme_sizes[theme]))

    def of_group(self, theme: int, group: int) -> float:
        """Of the group's texts, those of the theme."""
        return float(self.counts[theme, group] / max(1, self.group_sizes[group]))

    def present(self, group: int) -> list[int]:
        """The living themes with texts in a group."""
        found: list[int] = np.flatnonzero(self.counts[: len(self.themes), group]).tolist()
        return found

    def groups_of(self, theme: int) -> list[int]:
        """The groups that hold texts of a theme."""
        found: list[int] = np.flatnonzero(self.counts[theme]).tolist()
        return found


def overlap_of(themes: Sequence[Theme], texts: Sequence[KnownText], labels: IntArray) -> Overlap:
    """Count the texts that each living leaf shares with each group.

    Raises:
        ValueError: when there is not one label for each text.
    """
    if len(texts) != len(labels):
        raise ValueError(f"{len(texts)} texts, but {len(labels)} labels of a fresh partition")
    living = tuple(
        sorted(
            (theme for theme in themes if theme.level == "leaf" and theme.retired_week is None),
            key=lambda theme: theme.id,
        )
    )
    number: dict[str | None, int] = {theme.id: at for at, theme in enumerate(living)}
    number[None] = len(living)
    row_of = [number.get(text.leaf, len(living) + 1) for text in texts]
    columns = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    groups = int(columns.max()) + 1 if len(columns) else 0
    counts = np.zeros((len(living) + 2, groups), dtype=np.int64)
    np.add.at(counts, (np.array(row_of, dtype=np.int64), columns), 1)
    rows: dict[tuple[int, int], list[int]] = {}
    for at, pair in enumerate(zip(row_of, columns.tolist(), strict=True)):
        rows.setdefault(pair, []).append(at)
    return Overlap(living, counts, counts.sum(axis=1), counts.sum(axis=0), rows)
