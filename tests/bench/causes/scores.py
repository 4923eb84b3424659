"""Scores that customers give, with the planted losses in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.records import SCORE_RANGES, Kind, ScoreKind

# (score kind, kind of message): level without any trouble, on 0..1. Low enough that few scores
# are cut off at the top, which would make the planted losses smaller than they are said to be.
LEVELS: dict[Kind, tuple[ScoreKind, float]] = {"survey": ("nps", 0.72), "ticket": ("csat", 0.68)}
SCORED = 0.6
_CUSTOMER_SPREAD = 0.07
_MESSAGE_SPREAD = 0.1


@dataclass(frozen=True, slots=True)
class Score:
    """A score on its own scale; None where the customer gave none."""

    kind: ScoreKind
    value: float | None


def score_messages(
    kinds: Sequence[Kind],
    customers: Sequence[int],
    losses: Sequence[float],
    *,
    people: int,
    seed: int,
) -> list[Score]:
    """Score = level - the losses of all themes mentioned + the customer + chance.

    Rounded to the steps of the scale at random, up or down, so that rounding moves no mean.
    """
    rng = np.random.default_rng([seed, 5])
    mood = rng.normal(0.0, _CUSTOMER_SPREAD, people)
    found = []
    for kind, customer, loss in zip(kinds, customers, losses, strict=True):
        score_kind, level = LEVELS[kind]
        chance, given, up = rng.normal(0.0, _MESSAGE_SPREAD), rng.random(), rng.random()
        if given >= SCORED:
            found.append(Score(score_kind, None))
            continue
        unit = min(1.0, max(0.0, level - loss + float(mood[customer]) + float(chance)))
        low, high = SCORE_RANGES[score_kind]
        found.append(Score(score_kind, float(np.floor(low + unit * (high - low) + up))))
    return found
