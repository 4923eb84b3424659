"""Which part of a theme each of its causes takes the credit for: no mention is credited twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from nlp.causes.order import excess
from nlp.population import IntArray, Population
from nlp.rates import FloatArray
from nlp.records import Cause, RootCause


@dataclass(frozen=True, slots=True)
class Claims:
    """A theme's mentions by which pieces of evidence claim them.

    Each customer has one vote, split evenly over its messages on the theme. Votes that are claimed
    by the same pieces stand together as one pattern.

    claimed: shape (patterns, pieces), true where the piece holds the pattern's statements.
    pattern, customer, vote: one entry per message, shape (messages,).
    """

    theme_id: str
    causes: tuple[RootCause, ...]
    pieces: tuple[Cause, ...]
    owner: IntArray
    claimed: FloatArray = field(repr=False)
    pattern: IntArray = field(repr=False)
    customer: IntArray = field(repr=False)
    vote: FloatArray = field(repr=False)

    def mass(self) -> FloatArray:
        """Votes by pattern, as a share of all."""
        found = np.bincount(self.pattern, weights=self.vote, minlength=len(self.claimed))
        return np.asarray(found / found.sum(), dtype=np.float64)


def claims(
    population: Population,
    theme_id: str,
    causes: Sequence[RootCause],
    pieces: Mapping[str, Cause],
    rows: IntArray,
) -> Claims:
    """Lay out who claims which of the theme's messages.

    Args:
        causes: root causes of the theme that may take credit; rejected ones may not.
        pieces: evidence by id; holds all of the causes' evidence.
        rows: the theme's messages that count.
    """
    ordered = tuple(sorted(causes, key=lambda cause: cause.id))
    pairs = [(at, pieces[name]) for at, cause in enumerate(ordered) for name in cause.evidence]
    place = {
        statement: at
        for at, row in enumerate(rows.tolist())
        for statement in population.statements.get((theme_id, row), ())
    }
    held = np.zeros((rows.size, len(pairs)), dtype=np.bool_)
    for column, (_, piece) in enumerate(pairs):
        at = [place[name] for name in piece.evidence_ids if name in place]
        held[at, column] = True
    patterns, pattern = np.unique(held, axis=0, return_inverse=True)
    customer = population.customers[rows]
    _, code, count = np.unique(customer, return_inverse=True, return_counts=True)
    return Claims(
        theme_id=theme_id,
        causes=ordered,
        pieces=tuple(piece for _, piece in pairs),
        owner=np.array([at for at, _ in pairs], dtype=np.int64),
        claimed=patterns.astype(np.float64),
        pattern=pattern.reshape(-1).astype(np.int64),
        customer=customer,
        vote=1.0 / count[code],
    )


def credit(found: Claims, mass: FloatArray, excesses: FloatArray) -> FloatArray:
    """Share of the theme that each cause may take the credit for; sums to at most 1 a row.

    A cause claims a mention as far as the best of its pieces explains it: wholly where the
    customer states it, by 1 - 1/lift where a segment or a jump holds it (Levin 1953). Where
    several causes claim a mention, the greatest claim is split over them in proportion to theirs.

    Args:
        mass: share of votes by pattern, shape (draws, patterns).
        excesses: what each piece explains of what it holds, shape (draws, pieces), 0..1.

    Returns:
        shape (draws, causes).
    """
    draws, patterns = mass.shape
    claim = np.zeros((draws, len(found.causes), patterns))
    for piece, owner in enumerate(found.owner.tolist()):
        own = excesses[:, piece, None] * found.claimed[None, :, piece]
        np.maximum(claim[:, owner], own, out=claim[:, owner])
    total = claim.sum(axis=1)
    most = claim.max(axis=1, initial=0.0)
    part = np.where(total > 0, most / np.where(total > 0, total, 1.0), 0.0)
    return np.asarray(np.einsum("djp,dp->dj", claim, part * mass), dtype=np.float64)


def point_excesses(found: Claims) -> FloatArray:
    """What each piece explains of what it holds, as estimated; shape (1, pieces)."""
    return np.array([[excess(piece.lift) for piece in found.pieces]]).reshape(1, -1)


def drawn_excesses(found: Claims, *, draws: int, seed: int) -> FloatArray:
    """The same, lifts drawn from log-normals with the pieces' 95% intervals; (draws, pieces)."""
    drawn = np.empty((draws, len(found.pieces)))
    for at, piece in enumerate(found.pieces):
        lift = piece.lift
        if lift is None or lift <= 0:
            drawn[:, at] = excess(lift)
            continue
        low = max(piece.lift_low or lift, 1e-6)
        high = max(piece.lift_high or lift, low)
        spread = float(np.log(high / low)) / (2 * 1.959964)
        digits = int.from_bytes(piece.id.encode()[-8:], "big")
        normal = np.random.default_rng([seed, digits]).standard_normal(draws)
        drawn[:, at] = 1.0 - 1.0 / np.maximum(lift * np.exp(normal * spread), 1.0)
    return drawn
