"""What a theme costs: score loss with co-occurring themes held fixed, recontact, time, revenue.

Observational: customers who mention a theme may differ from others in ways nobody recorded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

import numpy as np
from scipy.special import ndtri
from scipy.stats import t as student

from nlp.aftermath import days_to_resolve, recontacts, reopen_rate, revenues
from nlp.population import IntArray, Population
from nlp.rates import FloatArray
from nlp.regression import DesignConfig, Fit, build_design, fit, net_shortfall
from nlp.resample import customer_weights

# Resamples at a time: with 100,000 customers their weights are 40 megabytes.
_BATCH = 50


@dataclass(frozen=True, slots=True)
class ImpactConfig:
    """Thresholds of the impact measures."""

    # Under ten scored customers the standard error of a mean on the 0..1 scale is near 0.1, as
    # large as the losses looked for.
    min_scored: int = 10
    # A third of a message's worth of belief in "no effect", most of which is taken back again:
    # enough to part themes that always come together, little bias where four messages part them.
    ridge: float = 0.3
    # Belief that a segment's level is like the others': where theme and segment are the same
    # messages, the theme gets the loss; a segment of 100 messages still has 95% of its own level.
    level_ridge: float = 5.0
    # How far the reference may lie from the true level of messages without trouble where hardly any
    # are free of themes: 0.02 +- measured, see `DesignConfig.best`, and a little for other data.
    reference_spread: float = 0.03
    design: DesignConfig = field(default_factory=DesignConfig)
    # A theme is praise when it lifts scores and its customers are satisfied: 0.65 is an NPS above
    # 6.5, a CSAT above 3.6. A smaller gain is the solver's rounding, and is published as 0.
    praise_score: float = 0.65
    least_gain: float = 1e-6
    # Back within two weeks, most people still mean the same matter.
    recontact_days: int = 14
    # Used when no theme at all has scores: a loss of two points of ten, known very badly. The
    # spread counts as much as one theme's beside what is estimated of the others.
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
    scored: distinct customers with a score. compared: attributes in which the comparison is among
    alike. praise: lifts scores, and customers are satisfied.
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
    compared: tuple[str, ...]
    draws: FloatArray = field(compare=False, repr=False)
    recontact_draws: FloatArray = field(compare=False, repr=False)


def measure_impacts(
    population: Population, *, themes: Collection[str], config: ImpactConfig = ImpactConfig()
) -> dict[str, Impact]:
    """Impact of each theme, by theme id; give all leaves at once, so that they share the blame.

    Ridge regression of the score (0..1) on theme indicators, among comparable customers: with a
    level for every (score kind, kind of feedback) and for the values of attributes such as plan or
    region (`DesignConfig`). Intervals from a bootstrap over customers, widened to Student's t.
    Co-mentioned themes share a loss, so that the losses of all scored mentions add up to the net
    shortfall (`net_shortfall`) but for gains that are noise; they are scaled where they do not, see
    `share_of_sum`.
    """
    names = tuple(sorted(name for name in set(themes) if name in population.members))
    if not names:
        return {}
    design = build_design(population, themes=names, config=config.design)
    fitted = fit(design, ridge=config.ridge, level_ridge=config.level_ridge)
    again = recontacts(population, names, days=config.recontact_days)
    paid = revenues(population, names)
    moved, recontact = _resampled(population, fitted, again, config)
    told = (design.customers_per_theme >= config.min_scored).tolist()
    differ = bool(design.scores.size) and float(np.ptp(design.scores)) > 0.0
    measured = {
        name: _measured(
            0.0 - float(fitted.effects[at]),
            -moved[:, at],
            freedom=float(fitted.freedom[at]),
            scores=design.scores_of(at),
            differ=differ,
            config=config,
        )
        for at, name in enumerate(names)
        if told[at]
    }
    prior = _prior(list(measured.values()), config)
    each = [measured.get(name) or _from_prior(name, prior, config) for name in names]
    gains = np.array([one.high < -config.least_gain for one in each])
    scale = share_of_sum(
        np.array([one.loss for one in each]),
        np.stack([one.draws for one in each], axis=1),
        mentions=design.mentions,
        whole=net_shortfall(design, fitted.effects, gains=gains),
        level=config.level,
    )
    found = {}
    for at, (name, one) in enumerate(zip(names, each, strict=True)):
        rows, flags = again[at]
        found[name] = Impact(
            theme_id=name,
            loss=round(one.loss * scale, 6) + 0.0,
            low=round(one.low * scale, 6) + 0.0,
            high=round(one.high * scale, 6) + 0.0,
            source="score" if told[at] else "prior",
            scored=int(design.customers_per_theme[at]),
            praise=one.praise,
            recontact_rate=round(float(flags.mean()), 6) if rows.size else None,
            reopen_rate=reopen_rate(population, population.members[name]),
            days_to_resolve=days_to_resolve(population, population.members[name]),
            revenue=paid.get(name),
            note=_note(told[at], design.anchored),
            compared=design.compared,
            draws=one.draws * scale,
            recontact_draws=recontact[:, at] if rows.size else np.empty(0),
        )
    return found


def share_of_sum(
    losses: FloatArray, draws: FloatArray, *, mentions: FloatArray, whole: float, level: float
) -> float:
    """What losses are multiplied by so that all their mentions cost no more than the whole.

    1 as long as the sum is within what noise makes of harmless themes: a gain that is noise goes
    into the whole, but not into a sum of losses, and cutting real losses for the sake of noise
    would bias each of them. So the sum may exceed the whole by the upper end of sum_j n_j max(e_j,
    0), e the draws' errors. What is counted twice exceeds it by far.

    Args:
        losses: shape (themes,), negative for gains, which count as none.
        draws: of the losses, shape (resamples, themes).
        mentions: scored ones, shape (themes,).
        whole: net shortfall. level: of the interval for the noise.
    """
    parts = float(np.maximum(losses, 0.0) @ mentions)
    noise = np.maximum(draws - draws.mean(axis=0), 0.0) @ mentions
    most = whole + float(np.quantile(noise, (1.0 + level) / 2.0))
    return whole / parts if parts > most else 1.0


@dataclass(frozen=True, slots=True)
class _Loss:
    """A theme's loss before all are scaled to the whole."""

    loss: float
    low: float
    high: float
    praise: bool
    draws: FloatArray


def _resampled(
    population: Population,
    fitted: Fit,
    again: Sequence[tuple[IntArray, FloatArray]],
    config: ImpactConfig,
) -> tuple[FloatArray, FloatArray]:
    """Changes of the effects and recontact rates in every resample; shapes (resamples, themes)."""
    customers = int(population.customers.max()) + 1
    moved = np.zeros((config.resamples, len(again)))
    recontact = np.zeros((config.resamples, len(again)))
    # One error for all anchors: what makes a reference too high does so in every group.
    unsure = np.random.default_rng(config.seed).standard_normal(config.resamples)
    spread = np.outer(config.reference_spread * unsure, fitted.anchored.sum(axis=0))
    drawn = customer_weights(customers, of="impact", resamples=config.resamples, seed=config.seed)
    for start in range(0, config.resamples, _BATCH):
        weights = np.array(list(islice(drawn, _BATCH)))
        batch = slice(start, start + len(weights))
        moved[batch] = (weights[:, fitted.customers] - 1.0) @ fitted.influence
        moved[batch] += spread[batch]
        for at, (rows, flags) in enumerate(again):
            if rows.size:
                heavy = weights[:, population.customers[rows]]
                recontact[batch, at] = (heavy @ flags) / heavy.sum(axis=1)
    return moved, recontact


def _measured(
    loss: float,
    moved: FloatArray,
    *,
    freedom: float,
    scores: FloatArray,
    differ: bool,
    config: ImpactConfig,
) -> _Loss:
    tail = 1.0 - (1.0 - config.level) / 2.0
    normal = float(ndtri(tail))
    own = loss + (moved - float(moved.mean())) * float(student.ppf(tail, freedom)) / normal
    half = normal * float(own.std(ddof=1))
    error = float(scores.std(ddof=1) / np.sqrt(scores.size)) if scores.size > 1 else 1.0
    satisfied = float(scores.mean()) - normal * error >= config.praise_score
    praise = differ and satisfied and loss + half < -config.least_gain
    return _Loss(loss=loss, low=loss - half, high=loss + half, praise=praise, draws=own)


def _prior(measured: list[_Loss], config: ImpactConfig) -> tuple[float, float]:
    """Mean and spread of what a theme loses of which nothing is known but what others lose.

    Random effects: the spread between themes is the variance of the losses less that of their
    errors (Hedges & Olkin 1985), the mean weighted by 1 / (own variance + variance between).
    """
    told = [one for one in measured if not one.praise]
    if not told:
        return config.prior_loss, config.prior_spread
    losses = np.array([one.loss for one in told])
    own = np.array([float(one.draws.var(ddof=1)) for one in told])
    between = max(float(losses.var(ddof=1) - own.mean()), 0.0) if len(told) > 1 else 0.0
    between = (between * (len(told) - 1) + config.prior_spread**2) / len(told)
    weights = 1.0 / (own + between)
    mean = float(weights @ losses / weights.sum())
    return mean, float(np.sqrt(between + 1.0 / weights.sum()))


def _from_prior(name: str, prior: tuple[float, float], config: ImpactConfig) -> _Loss:
    """Nobody can be told to gain without scores: all is cut at 0."""
    mean, spread = prior
    seed = int(hashlib.sha256(name.encode()).hexdigest()[:12], 16)
    normal = np.random.default_rng([config.seed, seed]).standard_normal(config.resamples)
    half = float(ndtri((1.0 + config.level) / 2.0)) * spread
    return _Loss(
        loss=float(np.clip(mean, 0.0, 1.0)),
        low=float(np.clip(mean - half, 0.0, 1.0)),
        high=float(np.clip(mean + half, 0.0, 1.0)),
        praise=False,
        draws=np.clip(mean + spread * normal, 0.0, 1.0),
    )


def _note(told: bool, anchored: bool) -> str:
    if not told:
        return "too few scores: impact taken from the other themes, with a wide interval"
    if anchored:
        return "few scored messages without a theme: compared with the themes that score best"
    return ""
