"""What impact and rank are measured on: messages in columns, and not a word of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.facts import Facts
from nlp.population import IntArray, Mentions, Population


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """n messages. Small enough to be handed to another process: some hundred bytes a message.

    customers: codes, numbered among those who are here, shape (n,). days: ordinals, shape (n,).
    levels: attributes as (values, codes), codes of shape (n,).
    themes: names of those with mentions here, sorted; mentions: theirs, by place in `themes`.
    """

    customers: IntArray
    days: IntArray
    facts: Facts
    levels: Mapping[str, tuple[Sequence[str], NDArray[np.int32]]]
    themes: tuple[str, ...]
    mentions: Mentions

    def __len__(self) -> int:
        return int(self.customers.size)


def columns_of(population: Population, themes: Iterable[str]) -> Columns:
    """A population with those of some themes that are mentioned in it."""
    wanted = sorted(set(themes))
    found = population.mentions_of(wanted)
    made = np.bincount(found.theme, minlength=found.themes) > 0
    number = np.cumsum(made) - 1
    held = tuple(name for name, any_of in zip(wanted, made.tolist(), strict=True) if any_of)
    return Columns(
        customers=population.customers,
        days=population.days,
        facts=population.facts(),
        levels={
            name: (values, codes.astype(np.int32))
            for name, (values, codes) in population.levels().items()
        },
        themes=held,
        mentions=Mentions(len(held), number[found.theme], found.row),
    )
