"""A part of the feedback, as filters name it: some weeks, a kind, what is known of customers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.part import Part
from nlp.population import Population
from nlp.records import Kind
from store.database import Session
from store.layout import load_ledger

# After every week that feedback can be of.
NEVER = "9999-W53"
_VALUES = 20  # of an attribute's values, in the answer to one that nobody has


class UnknownAttributeError(LookupError):
    """No feedback has an attribute of this name. `known`: those there are."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"no feedback has the attribute {name!r}")
        self.known = list(known)


class UnknownValueError(LookupError):
    """Nobody has this value: a typing error, or of another data set. `known`: the commonest."""

    def __init__(self, name: str, value: str, column: Sequence[str]) -> None:
        common = Counter(column).most_common()
        said = f"no feedback has the {name} {value!r}"
        if len(common) > _VALUES:
            said += (
                f"; known are {len(common):,} values, of which these are the {_VALUES} commonest"
            )
        super().__init__(said)
        self.known = [known for known, _ in common[:_VALUES]]


@dataclass(frozen=True, slots=True)
class FeedbackPart:
    """Which feedback is meant; None and () let everything through.

    since, until: ISO weeks, both included. segments: (attribute, value), all of them.
    """

    since: str | None = None
    until: str | None = None
    kind: Kind | None = None
    segments: tuple[tuple[str, str], ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it is all feedback."""
        return not (self.since or self.until or self.kind or self.segments)


def let_through(population: Population, part: FeedbackPart) -> NDArray[np.bool_]:
    """Which feedback is in the part, shape (n,).

    Raises:
        UnknownAttributeError: for an attribute that no feedback has.
        UnknownValueError: for a value that nobody has.
    """
    keep = np.ones(len(population), dtype=np.bool_)
    if part.since or part.until:
        keep &= population.in_weeks(part.since or "", part.until or NEVER)
    if part.kind:
        keep &= population.holding("kind", part.kind)
    for name, value in part.segments:
        if name not in population.attributes:
            raise UnknownAttributeError(name, sorted(population.attributes))
        held = population.holding(name, value)
        if not held.any():
            raise UnknownValueError(name, value, population.attributes[name])
        keep &= held
    return keep


def messages_of(session: Session, week: str | None, part: FeedbackPart) -> frozenset[str]:
    """Keys of the part's messages up to a week; None is of all weeks.

    Raises:
        UnknownAttributeError: for an attribute that no feedback has.
        UnknownValueError: for a value that nobody has.
    """
    population = Part(load_ledger(session), week or NEVER)
    return frozenset(item.key for item in population.kept(let_through(population, part)).feedback)
