"""Onsets of a theme inside one segment that the theme as a whole does not explain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from nlp.causes.part_series import Part
from nlp.causes.scan import Best, NoiseLaw, Windows, most_believed, over_spread
from nlp.causes.segments import Segment
from nlp.rates import FloatArray, mid_p

BoolArray = NDArray[np.bool_]
_MOST_SHIFT = 12.0  # of the log odds: beyond any lift that could be told
_BISECTIONS = 45


@dataclass(frozen=True, slots=True)
class PartConfig:
    """Thresholds of the search inside segments."""

    # Distinct customers of the theme in the segment, at any time: fewer cannot show an onset.
    least_customers: int = 8
    # Parts of the error budget for onsets inside single values, and inside the few segments that
    # concentrate the theme anyway (which says nothing about when); most onsets are everybody's.
    budget: float = 0.1
    budget_found: float = 0.1
    # The segment's share of the theme in the window must exceed its share outside so surely ...
    share_p: float = 0.01
    # ... and after correction for all the segments that the theme was searched in.
    share_fwer: float = 0.05
    # The rest of the theme shows nothing when its excess in the window is no surer than this.
    rest_p: float = 0.05


@dataclass(frozen=True, slots=True)
class PartOnset:
    """The best window of one theme in one segment, and its p-value.

    p: corrected for the scan, and after `corrected` for the segments searched, too; searched: how
    many these were. counts, shares: customers and expected part of each day, shape (days,).
    """

    theme: int
    segment: Segment
    best: Best
    p: float
    spread: float
    counts: FloatArray
    shares: FloatArray
    total: FloatArray
    searched: float = 1.0


@dataclass(frozen=True, slots=True)
class Whole:
    """The theme-wide series: counts and weekday factors (themes, days), total (days,), spreads."""

    counts: FloatArray
    factors: FloatArray
    total: FloatArray
    spread: FloatArray


def scan_parts(
    parts: Iterable[Part],
    whole: Whole,
    *,
    over: Windows,
    law: NoiseLaw,
    config: PartConfig,
    theme: int | None = None,
) -> tuple[list[PartOnset], FloatArray]:
    """The best window of each theme in each part, and how many parts each theme was searched in.

    Over-dispersion grows with the count: a part with a tenth of the theme's customers has a tenth
    of what the theme has above 1. `theme`: the parts are of this theme alone.
    """
    found: list[PartOnset] = []
    tried = np.zeros(whole.counts.shape[0])
    numbers = np.arange(whole.counts.shape[0]) if theme is None else np.array([theme])
    for part in parts:
        own = part.counts.sum(axis=1)
        everyone = whole.counts[numbers].sum(axis=1)
        rows = np.flatnonzero((own >= config.least_customers) & (own < everyone))
        if rows.size == 0 or part.total.sum() >= whole.total.sum():
            continue
        expected = part.total[None, :] * whole.factors[numbers[rows]]
        expected /= expected.sum(axis=1, keepdims=True)
        tried[numbers[rows]] += 1.0
        spread = 1.0 + (whole.spread[numbers[rows]] - 1.0) * own[rows] / everyone[rows]
        every = over_spread(part.counts[rows], expected, over, spread)
        for at, row in enumerate(rows.tolist()):
            number = int(numbers[row])
            best = most_believed(every[at], over)
            wide = float(spread[at])
            p = law.p_value(best.score, float(own[row]) / wide)
            found.append(
                PartOnset(
                    number,
                    part.segment,
                    best,
                    p,
                    wide,
                    part.counts[row],
                    expected[at],
                    part.total,
                )
            )
    return found, tried


def beyond_whole(onset: PartOnset, whole: Whole, *, window: Best) -> float:
    """P-value of "the segment takes a greater part of the theme in the window than on other days".

    Day by day, so that nothing is asked of how the theme as a whole went or the segment grew: of a
    day's K customers of the theme, k in the segment, k ~ Binomial(K, logistic(logit(v) + a)) with v
    the segment's part of the day's feedback and a how much it favours the theme anyway. One a for
    the window and one for the other days against one for all: signed root of the likelihood ratio,
    divided by the over-dispersion, against the normal law.
    """
    inside = np.zeros(whole.total.size, dtype=np.bool_)
    inside[window.first : window.last + 1] = True
    everyone = whole.counts[onset.theme]
    told = (onset.total > 0) & (onset.total < whole.total) & (everyone > 0)
    hits = np.minimum(onset.counts, everyone)
    offset = np.zeros(whole.total.size)
    offset[told] = np.log(onset.total[told] / (whole.total[told] - onset.total[told]))
    if not (told & inside).any() or not (told & ~inside).any():
        return 1.0

    def fitted(days: BoolArray) -> tuple[float, float]:
        return _favour(hits[days], everyone[days], offset[days])

    a_in, log_in = fitted(told & inside)
    a_out, log_out = fitted(told & ~inside)
    _, log_all = fitted(told)
    if a_in <= a_out:
        return 1.0
    ratio = max(0.0, log_in + log_out - log_all) / float(whole.spread[onset.theme])
    return float(norm.sf(np.sqrt(2.0 * ratio)))


def _favour(hits: FloatArray, tries: FloatArray, offset: FloatArray) -> tuple[float, float]:
    """The greatest log likelihood over the shift of the log odds, and where it lies."""
    low, high = -_MOST_SHIFT, _MOST_SHIFT
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if float((tries * expit(offset + middle)).sum()) < float(hits.sum()):
            low = middle
        else:
            high = middle
    shift = 0.5 * (low + high)
    part = np.clip(expit(offset + shift), 1e-12, 1.0 - 1e-12)
    return shift, float((hits * np.log(part) + (tries - hits) * np.log1p(-part)).sum())


def rest_is_quiet(onset: PartOnset, whole: Whole, *, window: Best, config: PartConfig) -> bool:
    """Whether the theme outside the segment shows no excess in the window."""
    inside = slice(window.first, window.last + 1)
    spread = float(whole.spread[onset.theme])
    counts = whole.counts[onset.theme] - onset.counts
    rest = (whole.total - onset.total) * whole.factors[onset.theme]
    share = float(rest[inside].sum()) / max(float(rest.sum()), 1e-12)
    hits, total = float(counts[inside].sum()) / spread, float(counts.sum()) / spread
    tail, _ = mid_p(np.array([hits]), np.array([total]), np.array([share]))
    return bool(tail[0] > config.rest_p)


def corrected(found: Sequence[PartOnset], tried: FloatArray, *, budget: float) -> list[PartOnset]:
    """The onsets with their p times the parts searched for the theme, over the budget."""
    return [
        replace(
            onset,
            p=min(1.0, onset.p * float(tried[onset.theme]) / budget),
            searched=float(tried[onset.theme]),
        )
        for onset in found
    ]
