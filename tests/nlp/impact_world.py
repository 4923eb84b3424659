"""Populations whose themes cost a planted share of the satisfied."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nlp.impact import Impact, ImpactConfig
from nlp.population import Population

Plant = Callable[..., Population]
QUICK = ImpactConfig(resamples=120)


def scored(
    plant: Plant,
    seed: int,
    *,
    losses: dict[str, float],
    rows: int = 900,
    per_theme: int = 60,
    together: Sequence[tuple[str, str]] = (),
    shuffled: int | None = None,
) -> Population:
    """NPS scores about 8, less 10 x loss for each theme mentioned; pairs come mostly together."""
    random = np.random.default_rng(seed)
    themes: dict[str, list[int]] = {
        name: sorted(random.choice(rows, per_theme, replace=False).tolist()) for name in losses
    }
    for first, second in together:
        both = random.choice(themes[first], per_theme * 2 // 3, replace=False).tolist()
        themes[second] = sorted({*both, *themes[second][: per_theme // 3]})
    scores = 7.5 + random.normal(0, 1.0, rows)
    customers = random.integers(0, rows // 2, rows)
    scores += random.normal(0, 0.7, rows)[customers]
    for name, loss in losses.items():
        scores[themes[name]] -= 10 * loss
    return plant(
        [0] * rows,
        themes,
        customers=customers.tolist(),
        scores=scores.tolist(),  # not cut at 0 and 10: the truth stays the planted loss
        shuffled=shuffled,
    )


LOSSES = {"bad": 0.3, "worse": 0.45, "decoy": 0.0, "mild": 0.1}


def hard(
    plant: Plant,
    seed: int,
    *,
    per_theme: int,
    together: float = 0.0,
    often: bool = False,
    whole: bool = False,
    segment: float = 0.0,
    rows: int = 500,
) -> Population:
    """NPS 7.5 on average, less 10 x loss for each theme mentioned.

    together: share of the bad theme's mentions that are the harmless decoy's, too.
    often: half of the customers write up to a dozen times, mostly of the same themes, and as
        satisfied as they are. whole: scores as people give them, cut at 0 and 10.
    segment: points lost on the plan "free", where nearly all of the mild and the decoy come from.
    """
    random = np.random.default_rng(seed)
    sizes = np.where(random.random(rows) < (0.5 if often else 0.0), random.geometric(0.25, rows), 1)
    customers = np.repeat(np.arange(rows), sizes)[:rows]
    free = (random.random(rows) < 0.3)[customers]
    themes: dict[str, list[int]] = {}
    for name in LOSSES:
        who = random.permutation(np.unique(customers))
        inside = random.random(rows) < (0.6 if often else 1.0)
        pool = np.concatenate([np.flatnonzero((customers == one) & inside) for one in who])
        if segment and name in {"mild", "decoy"}:
            pool = np.concatenate([pool[free[pool]][: per_theme * 9 // 10], pool[~free[pool]]])
        themes[name] = pool[:per_theme].tolist()
    if together:
        both = [row for row in themes["bad"] if random.random() < together]
        themes["decoy"] = sorted({*both, *themes["decoy"][: per_theme - len(both)]})
    scores = 7.5 + random.normal(0, 1.3, rows) + random.normal(0, 1.0, rows)[customers]
    scores -= 10 * segment * free
    for name, loss in LOSSES.items():
        scores[themes[name]] -= 10 * loss
    return plant(
        [0] * rows,
        themes,
        customers=customers.tolist(),
        scores=(scores.round().clip(0, 10) if whole else scores).tolist(),
        attributes={"plan": ["free" if one else "pro" for one in free]},
    )


def parts(found: dict[str, Impact], population: Population) -> float:
    """What all mentions cost together, gains not counted."""
    return sum(max(one.loss, 0.0) * len(population.members[n]) for n, one in found.items())
