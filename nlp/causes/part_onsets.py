"""Onsets of a theme inside one segment that the theme as a whole does not explain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import nchypergeom_fisher

from nlp.causes.part_series import Part
from nlp.causes.scan import Best, NoiseLaw, Windows, scores
from nlp.causes.segments import Segment
from nlp.rates import FloatArray, mid_p


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
        every = np.round(scores(part.counts[rows], expected, over), 9)
        for at, row in enumerate(rows.tolist()):
            number = int(numbers[row])
            order = int(every[at].argmax())
            best = Best(int(over.first[order]), int(over.last[order]), float(every[at, order]))
            wide = float(whole.spread[number]) - 1.0
            spread = 1.0 + wide * float(own[row]) / float(everyone[row])
            p = law.p_value(best.score / spread, float(own[row]) / spread)
            found.append(
                PartOnset(
                    number,
                    part.segment,
                    best,
                    p,
                    spread,
                    part.counts[row],
                    expected[at],
                    part.total,
                )
            )
    return found, tried


def beyond_whole(onset: PartOnset, whole: Whole, *, window: Best) -> float:
    """P(the segment's part of the window's customers), given its part outside; mid-p.

    Without an onset of the segment's own, the odds of theme customers, segment against rest,
    differ between window and outside as the exposures' odds do: Fisher's noncentral
    hypergeometric distribution. Counts are divided by the over-dispersion and rounded.
    """
    inside = slice(window.first, window.last + 1)
    factors, mine = whole.factors[onset.theme], onset.total
    segment, rest = mine * factors, (whole.total - mine) * factors
    everyone = whole.counts[onset.theme]
    e_in, r_in = float(segment[inside].sum()), float(rest[inside].sum())
    e_out, r_out = float(segment.sum()) - e_in, float(rest.sum()) - r_in
    if min(e_in, r_in, e_out, r_out) <= 0.0:
        return 1.0
    spread = float(whole.spread[onset.theme])

    def scaled(value: float) -> int:
        return round(value / spread)

    hits = scaled(float(onset.counts[inside].sum()))
    total, own = scaled(float(everyone.sum())), scaled(float(onset.counts.sum()))
    drawn = scaled(float(everyone[inside].sum()))
    law = nchypergeom_fisher(total, own, drawn, (e_in * r_out) / (e_out * r_in))
    return float(min(1.0, max(0.0, law.sf(hits - 1) - 0.5 * law.pmf(hits))))


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
