"""What a theme costs: score loss with co-occurring themes held fixed, recontact, time, revenue.

Observational: customers who mention a theme may differ from others in ways nobody recorded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.special import ndtri
from scipy.stats import t as student

from nlp.aftermath import days_to_resolve, recontacts, reopen_rate, revenues
from nlp.population import Population
from nlp.rates import FloatArray
from nlp.regression import Design, build_design, fit, total_shortfall
from nlp.resample import customer_weights


@dataclass(frozen=True, slots=True)
class ImpactConfig:
    """Thresholds of the impact measures."""

    # Under ten scored customers the standard error of a mean on the 0..1 scale is near 0.1, as
    # large as the losses looked for.
    min_scored: int = 10
    # One message's worth of belief in "no effect": enough to part themes that always come
    # together, too little to bias a theme of ten messages by more than a tenth.
    ridge: float = 1.0
    # Scored messages without any theme that a reference needs; with fewer, the upper quartile.
    min_free: int = 20
    # A theme is praise when it lifts scores and its customers are satisfied: 0.65 is an NPS above
    # 6.5, a CSAT above 3.6.
    praise_score: float = 0.65
    # Back within two weeks, most people still mean the same matter.
    recontact_days: int = 14
    # Used only when no theme at all has scores: a loss of two points of ten, known very badly.
    prior_loss: float = 0.2
    prior_spread: float = 0.15
    resamples: int = 400
    seed: int = 20240229
    level: float = 0.90


@dataclass(frozen=True, slots=True)
class Impact:
    """What one theme costs per mention.

    loss: score points lost on the 0..1 scale (negative: gained); low, high: its interval.
    source: "score" when measured, "prior" when taken from the other themes.
    scored: distinct customers with a score. praise: lifts scores, and customers are satisfied.
    recontact_rate: share of identified customers' mentions followed by another of the same theme;
    where a message is followed so on several themes, each has its part.
    reopen_rate: share of mentions reopened; days_to_resolve: median; revenue: of the payers, split
    evenly over the themes that each mentions.
    draws, recontact_draws: bootstrap values, shape (resamples,); recontact's is empty when unknown.
    """

    theme_id: str
    loss: float
    low: float
    high: float
    source: Literal["score", "prior"]
    scored: int
    praise: bool
    recontact_rate: float | None
    reopen_rate: float | None
    days_to_resolve: float | None
    revenue: float | None
    note: str
    draws: FloatArray = field(compare=False, repr=False)
    recontact_draws: FloatArray = field(compare=False, repr=False)


def measure_impacts(
    population: Population, *, themes: Collection[str], config: ImpactConfig = ImpactConfig()
) -> dict[str, Impact]:
    """Impact of each theme, by theme id; give all leaves at once, so that they share the blame.

    Ridge regression of the score (0..1) on theme indicators, with a level of its own for every
    (score kind, kind of feedback); intervals from a bootstrap over customers, widened to Student's
    t for themes of few customers. The losses of all mentions together are scaled to add up to no
    more than the whole shortfall of all scores below the reference.
    """
    names = tuple(sorted(name for name in set(themes) if name in population.members))
    if not names:
        return {}
    design = build_design(population, themes=names, min_free=config.min_free)
    point = fit(design, weights=None, ridge=config.ridge)[: len(names)]
    again = recontacts(population, names, days=config.recontact_days)
    paid = revenues(population, names)
    draws = np.zeros((config.resamples, len(names)))
    recontact = np.zeros((config.resamples, len(names)))
    customers = int(population.customers.max()) + 1
    drawn = customer_weights(customers, of="impact", resamples=config.resamples, seed=config.seed)
    for number, weights in enumerate(drawn):
        if design.scored.size:
            draws[number] = fit(design, weights=weights, ridge=config.ridge)[: len(names)]
        for at, (rows, flags) in enumerate(again):
            if rows.size:
                heavy = weights[population.customers[rows]]
                recontact[number, at] = float(heavy @ flags) / float(heavy.sum())
    mentions = design.mentions
    parts = float(np.maximum(-point, 0.0) @ mentions)
    whole = total_shortfall(design, ridge=config.ridge)
    scale = min(1.0, whole / parts) if parts > 0 else 1.0
    told = design.customers_per_theme >= config.min_scored
    measured = {
        name: _measured(design, at, float(-point[at] * scale), -draws[:, at] * scale, config)
        for at, name in enumerate(names)
        if told[at]
    }
    prior = _prior(list(measured.values()), config)
    found = {}
    for at, name in enumerate(names):
        loss, low, high, praise, own = measured.get(name) or _from_prior(name, prior, config)
        rows, flags = again[at]
        found[name] = Impact(
            theme_id=name,
            loss=round(loss, 6),
            low=round(low, 6),
            high=round(high, 6),
            source="score" if told[at] else "prior",
            scored=int(design.customers_per_theme[at]),
            praise=praise,
            recontact_rate=round(float(flags.mean()), 6) if rows.size else None,
            note=_note(bool(told[at]), design.anchored),
            draws=own,
            recontact_draws=recontact[:, at] if rows.size else np.empty(0),
            reopen_rate=reopen_rate(population, population.members[name]),
            days_to_resolve=days_to_resolve(population, population.members[name]),
            revenue=paid.get(name),
        )
    return found


_Measured = tuple[float, float, float, bool, FloatArray]


def _measured(
    design: Design, at: int, loss: float, draws: FloatArray, config: ImpactConfig
) -> _Measured:
    count = float(design.customers_per_theme[at])
    tail = 1.0 - (1.0 - config.level) / 2.0
    # A bootstrap of few customers is too narrow: by sqrt(n / (n - 1)), and by normal against t.
    normal = float(ndtri(tail))
    wider = float(np.sqrt(count / (count - 1.0)) * student.ppf(tail, count - 1.0)) / normal
    own = loss + (draws - float(draws.mean())) * wider
    half = normal * float(own.std(ddof=1))
    scores = design.scores_of(at)
    error = float(scores.std(ddof=1) / np.sqrt(scores.size)) if scores.size > 1 else 1.0
    satisfied = float(scores.mean()) - normal * error >= config.praise_score
    return loss, loss - half, loss + half, loss + half < 0.0 and satisfied, own


def _prior(measured: list[_Measured], config: ImpactConfig) -> tuple[float, float]:
    losses = np.array([max(one[0], 0.0) for one in measured if not one[3]])
    if losses.size == 0:
        return config.prior_loss, config.prior_spread
    spread = float(losses.std(ddof=1)) if losses.size > 2 else 0.0
    return float(losses.mean()), max(spread, config.prior_spread / 2.0)


def _from_prior(name: str, prior: tuple[float, float], config: ImpactConfig) -> _Measured:
    mean, spread = prior
    low, high = max(0.0, mean - 2.0 * spread), min(1.0, mean + 2.0 * spread)
    seed = int(hashlib.sha256(name.encode()).hexdigest()[:12], 16)
    drawn = np.random.default_rng([config.seed, seed]).uniform(low, high, config.resamples)
    return mean, low, high, False, drawn


def _note(told: bool, anchored: bool) -> str:
    if not told:
        return "too few scores: impact taken from the other themes, with a wide interval"
    if anchored:
        return "few scored messages without a theme: compared with the upper quartile of scores"
    return ""
