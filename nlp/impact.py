"""What a theme costs: score loss with co-occurring themes held fixed, recontact, time, revenue.

Observational: customers who mention a theme may differ from others in ways nobody recorded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Literal

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import ndtri
from scipy.stats import t as student

from nlp.aftermath import Recontacts, days_to_resolve, recontacts, reopen_rates, revenues
from nlp.columns import Columns, columns_of
from nlp.design import Design, DesignConfig, build_design, net_shortfall
from nlp.population import IntArray, Population
from nlp.rates import FloatArray
from nlp.resample import customer_weights
from nlp.ridge import Fit, fit

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
    return impacts_of(columns_of(population, themes), config=config)


def impacts_of(columns: Columns, *, config: ImpactConfig = ImpactConfig()) -> dict[str, Impact]:
    """`measure_impacts` of what is already in columns."""
    names, mentions, facts = columns.themes, columns.mentions, columns.facts
    if not names:
        return {}
    design = build_design(columns, config=config.design)
    fitted = fit(design, ridge=config.ridge, level_ridge=config.level_ridge)
    again = recontacts(
        mentions,
        facts,
        customers=columns.customers,
        days=columns.days,
        within=config.recontact_days,
    )
    back = _mean_by(again.theme, again.returned, len(names))
    moved, recontact = _resampled(columns.customers, fitted, again, config)
    told = design.customers_per_theme >= config.min_scored
    measured = _measured(design, fitted, moved, np.flatnonzero(told), config)
    prior = _prior([one for one in measured if one is not None], config)
    each = [
        one or _from_prior(name, prior, config) for name, one in zip(names, measured, strict=True)
    ]
    gains = np.array([one.high < -config.least_gain for one in each])
    scale = share_of_sum(
        np.array([one.loss for one in each]),
        np.stack([one.draws for one in each], axis=1),
        mentions=design.mentions,
        whole=net_shortfall(design, fitted.effects, gains=gains),
        level=config.level,
    )
    return {
        name: Impact(
            theme_id=name,
            loss=round(one.loss * scale, 6) + 0.0,
            low=round(one.low * scale, 6) + 0.0,
            high=round(one.high * scale, 6) + 0.0,
            source="score" if scored else "prior",
            scored=customers,
            praise=one.praise,
            recontact_rate=rate,
            reopen_rate=reopened,
            days_to_resolve=waited,
            revenue=revenue,
            note=_note(scored, design.anchored),
            compared=design.compared,
            draws=one.draws * scale,
            recontact_draws=np.empty(0) if rate is None else drawn,
        )
        for name, one, scored, customers, rate, reopened, waited, revenue, drawn in zip(
            names,
            each,
            told.tolist(),
            design.customers_per_theme.tolist(),
            back,
            reopen_rates(mentions, facts),
            days_to_resolve(mentions, facts),
            revenues(mentions, facts),
            recontact,
            strict=True,
        )
    }


def _mean_by(of: IntArray, values: FloatArray, groups: int) -> list[float | None]:
    """Means of the values of each group; None where it has none."""
    many = np.bincount(of, minlength=groups).tolist()
    sums = np.bincount(of, weights=values, minlength=groups).tolist()
    return [round(sum_ / n, 6) if n else None for sum_, n in zip(sums, many, strict=True)]


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
    who: IntArray, fitted: Fit, again: Recontacts, config: ImpactConfig
) -> tuple[FloatArray, FloatArray]:
    """Changes of the effects and recontact rates in every resample; shapes (themes, resamples)."""
    themes, customers = fitted.turned.shape[1], int(who.max()) + 1
    moved = np.zeros((themes, config.resamples))
    recontact = np.zeros((themes, config.resamples))
    # One error for all anchors: what makes a reference too high does so in every group.
    unsure = np.random.default_rng(config.seed).standard_normal(config.resamples)
    spread = np.outer(fitted.anchored.sum(axis=0), config.reference_spread * unsure)
    # Of themes nobody came back with, every resample says the same.
    told = np.flatnonzero(np.bincount(again.theme, weights=again.returned, minlength=themes))
    number = np.full(themes, -1, dtype=np.int64)
    number[told] = np.arange(told.size)
    kept = number[again.theme] >= 0
    cells = (number[again.theme[kept]], who[again.row[kept]])
    shape = (told.size, customers)
    returned = csr_matrix((again.returned[kept], cells), shape)
    mentioned = csr_matrix((np.ones(int(kept.sum())), cells), shape)
    drawn = customer_weights(customers, of="impact", resamples=config.resamples, seed=config.seed)
    for start in range(0, config.resamples, _BATCH):
        weights = np.array(list(islice(drawn, _BATCH)))
        batch = slice(start, start + len(weights))
        moved[:, batch] = fitted.moved(weights).T
        recontact[told, batch] = (returned @ weights.T) / (mentioned @ weights.T)
    return moved + spread, recontact


def _measured(
    design: Design, fitted: Fit, moved: FloatArray, told: IntArray, config: ImpactConfig
) -> list[_Loss | None]:
    """The losses of the themes in `told`, which have enough scores; None of the others."""
    found: list[_Loss | None] = [None] * design.themes
    tail = 1.0 - (1.0 - config.level) / 2.0
    normal = float(ndtri(tail))
    losses = 0.0 - fitted.effects[told]
    errors = -moved[told]
    errors -= errors.mean(axis=1, keepdims=True)
    errors *= (student.ppf(tail, fitted.freedom[told]) / normal)[:, None]
    halves = normal * errors.std(axis=1, ddof=1)
    differ = bool(design.scores.size) and float(np.ptp(design.scores)) > 0.0
    for at, loss, half, own in zip(
        told.tolist(), losses.tolist(), halves.tolist(), errors, strict=True
    ):
        praise = differ and loss + half < -config.least_gain
        if praise:
            scores = design.scores_of(at)
            error = float(scores.std(ddof=1) / np.sqrt(scores.size)) if scores.size > 1 else 1.0
            praise = float(scores.mean()) - normal * error >= config.praise_score
        found[at] = _Loss(
            loss=loss, low=loss - half, high=loss + half, praise=praise, draws=loss + own
        )
    return found


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
    normal = _normals(name, config.seed, config.resamples)
    half = float(ndtri((1.0 + config.level) / 2.0)) * spread
    return _Loss(
        loss=_within(mean),
        low=_within(mean - half),
        high=_within(mean + half),
        praise=False,
        draws=np.minimum(np.maximum(mean + spread * normal, 0.0), 1.0),
    )


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)


@lru_cache(maxsize=2048)  # seven megabytes; drawing them takes longer than all that is done to them
def _normals(name: str, seed: int, resamples: int) -> FloatArray:
    own = int(hashlib.sha256(name.encode()).hexdigest()[:12], 16)
    drawn = np.random.default_rng([seed, own]).standard_normal(resamples)
    drawn.flags.writeable = False
    return drawn


def _note(told: bool, anchored: bool) -> str:
    if not told:
        return "too few scores: impact taken from the other themes, with a wide interval"
    if anchored:
        return "few scored messages without a theme: compared with the themes that score best"
    return ""
