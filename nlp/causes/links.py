"""Which two pieces of evidence of one theme speak of the same thing.

Of two pieces of different kinds, the customers behind both are counted. Were the two about
different things, the number would follow the hypergeometric law given the theme's customers and the
size of each (Fisher's exact test, one-sided). They are linked when it lies beyond that chance, or
when it lies no lower than chance and one names the other in words (`nlp.causes.names`). A join by
words alone makes no two kinds of evidence independent (`nlp.causes.independence`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from scipy.stats import hypergeom

from nlp.causes.names import Names, NamesConfig, alike
from nlp.records import Cause


@dataclass(frozen=True, slots=True)
class JoinConfig:
    """Thresholds of the joining, each with its reason."""

    # A join that is wrong puts two causes under one name, which nobody can see from outside; so one
    # theme in a hundred may hold one by chance, counted over all pairs tried in the theme.
    max_p: float = 0.01
    # Under three customers in common, two people decide; a family is two.
    min_common: int = 3
    # Where the words name each other already, two who say and show it are enough.
    min_common_named: int = 2
    # Words are cheap ("after the update" fits every release), so two kinds that they join count as
    # independent only where their customers overlap beyond chance, too: one question for each two
    # kinds of a cause, over all pairs of their pieces, so the usual one in twenty.
    max_shared_p: float = 0.05
    # The segment's excess within days is one question asked once: the usual one in twenty.
    max_within_p: float = 0.05
    # Evidence of which more than this is shared is the same evidence: no two can claim one half.
    same_evidence: float = 0.5
    names: NamesConfig = field(default_factory=NamesConfig)


DEFAULT = JoinConfig()


@dataclass(frozen=True, slots=True)
class Footing:
    """A piece with the customers (codes of the population) and the names it stands on."""

    piece: Cause
    customers: frozenset[int]
    names: Names


@dataclass(frozen=True, slots=True)
class Link:
    """Two pieces, by position, that speak of the same thing. `p` is not corrected."""

    one: int
    other: int
    p: float
    named: bool


def find_links(
    footings: Sequence[Footing], *, customers: int, config: JoinConfig = DEFAULT
) -> tuple[Link, ...]:
    """The links among the pieces of a theme, the surest first.

    Args:
        footings: pieces of one theme, in canonical order (by id).
        customers: distinct customers of the theme.
    """
    pairs = [
        (at, to)
        for at, to in combinations(range(len(footings)), 2)
        if footings[at].piece.kind != footings[to].piece.kind
    ]
    if not pairs:
        return ()
    sizes = np.array([len(one.customers) for one in footings])
    common = np.array([len(footings[a].customers & footings[b].customers) for a, b in pairs])
    first, second = sizes[[a for a, _ in pairs]], sizes[[b for _, b in pairs]]
    tails = hypergeom.sf(common - 1, customers, first, second)
    found: list[Link] = []
    for place, (at, to) in enumerate(pairs):
        p, shared = float(tails[place]), int(common[place])
        if shared >= config.min_common and p * len(pairs) <= config.max_p:
            found.append(Link(at, to, p, named=False))
        elif (
            shared >= config.min_common_named
            and not contradict(footings[at], footings[to], customers=customers)
            and alike(footings[at].names, footings[to].names, config=config.names)
        ):
            found.append(Link(at, to, p, named=True))
    return tuple(sorted(found, key=lambda one: (one.named, _rounded(one.p), one.one, one.other)))


def contradict(one: Footing, other: Footing, *, customers: int) -> bool:
    """Whether fewer customers stand behind both than chance alone would put there.

    Two groups of clauses never contradict: who states one reason seldom states another.
    """
    if one.piece.kind == other.piece.kind == "said":
        return False
    shared = len(one.customers & other.customers)
    # In whole numbers, so that no rounding decides.
    return shared * customers < len(one.customers) * len(other.customers)


def _rounded(p: float) -> float:
    return round(math.log(max(p, 1e-300)), 6)
