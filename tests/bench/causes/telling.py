"""Texts put to use: which text each dealt mention says, and what is added to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tests.bench.causes.dealing import Dealt
from tests.bench.causes.families import Family, worded
from tests.bench.causes.truth import Planting, Truth


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text put to use: what was added to it and for which family; `denied`: it is a denial."""

    text: str
    family: str = ""
    added: str = ""
    denied: bool = False


def put_to_use(
    texts: Mapping[str, Sequence[str]],
    dealt: Mapping[str, Dealt],
    truth: Truth,
    *,
    wordings: Sequence[Family],
    seed: int,
) -> dict[str, list[Spoken]]:
    """What is said in each dealt mention of each label."""
    by_key = {family.key: family for family in wordings}
    found: dict[str, list[Spoken]] = {}
    for number, name in enumerate(sorted(dealt)):
        rng = np.random.default_rng([seed, 7, number])
        part = dealt[name]
        order = rng.permutation(len(texts[name]))[: part.customer.size]
        told = [Spoken(texts[name][int(at)]) for at in order]
        planted = truth.plantings.get(name)
        if planted is not None:
            _plant_words(told, part, planted, by_key, rng)
        found[name] = told
    return found


def _plant_words(
    told: list[Spoken],
    part: Dealt,
    planted: Planting,
    by_key: Mapping[str, Family],
    rng: np.random.Generator,
) -> None:
    used: set[int] = set()
    for stated in planted.stated:
        family = by_key[stated.family]
        denials = family.denials
        rows = np.flatnonzero(part.inside) if stated.inside else np.arange(len(told))
        free = [int(row) for row in rng.permutation(rows) if int(row) not in used]
        taken = free[: stated.count]
        rest = [int(row) for row in rng.permutation(len(told))]
        no = [row for row in rest if row not in used and row not in taken][: stated.denials]
        used.update(taken, no)
        # Every wording once before any comes twice.
        turns = [int(at) for _ in range(40) for at in rng.permutation(len(family.wordings))]
        for row, at in zip(taken, turns, strict=False):
            text, added = worded(family.wordings[at], told[row].text)
            told[row] = Spoken(text, family.key, added)
        for row in no:
            text, added = worded(denials[int(rng.integers(len(denials)))], told[row].text)
            told[row] = Spoken(text, family.key, added, denied=True)
