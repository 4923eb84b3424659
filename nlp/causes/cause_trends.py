"""Whether a root cause is new, rising or falling this week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nlp.fdr import benjamini_hochberg
from nlp.population import IntArray, Population
from nlp.rates import FloatArray, Ratios, dispersion, mid_p, shrunken_ratio
from nlp.records import Cause, RootCause, TrendStatus
from nlp.series import TrendConfig, customers_a_week, week_columns
from nlp.weeks import monday, shift, weeks_between

# An onset at the end of a week needs the days after it to be seen.
_ONSET_DAYS = 7


@dataclass(frozen=True, slots=True)
class _Rates:
    """Test of each cause's rate this week; arrays have the shape (causes,)."""

    ratios: Ratios
    q: FloatArray
    told: NDArray[np.bool_]
    up: NDArray[np.bool_]


def with_trends(
    root_causes: Sequence[RootCause],
    pieces: Sequence[Cause],
    population: Population,
    *,
    week: str,
    cold_start_week: str,
    fresh: Mapping[str, float],
    known: Collection[str],
    config: TrendConfig,
) -> tuple[RootCause, ...]:
    """The root causes with their trend, in the order given.

    A cause is called by a burst of this week (whose scan has an error of its own), by an onset that
    is told for the first time and no more than a week older (which passed the false discovery rate
    of `nlp.causes.when`; what began on a Saturday shows a week later), or by its rate:
    customers behind what is said, all customers as exposure, or else in the segment, with its own
    customers as exposure; this week against the baseline weeks, mid-p of counts divided by their
    over-dispersion, one false discovery rate over all causes. What onsets and bursts hold is no
    rate: it was chosen by its time. Segments of binned attributes have no rate either.

    Args:
        population: feedback of the weeks that causes are looked for in.
        cold_start_week: when the themes were founded; what was first told then is not new.
        fresh: piece id -> p-value of the bursts of this week.
        known: ids of the pieces of the week before.
    """
    weeks = _weeks(population, week, cold_start_week, config)
    by_id = {piece.id: piece for piece in pieces}
    row_of = {name: row for (_, row), names in population.statements.items() for name in names}
    own = [[by_id[name] for name in cause.evidence if name in by_id] for cause in root_causes]
    column = week_columns(population, weeks)

    def customers(rows: IntArray) -> IntArray:
        return customers_a_week(population, rows, column, len(weeks))

    everyone = customers(np.arange(len(population)))
    counts, exposure = np.zeros((2, len(own), len(weeks)))
    for at, mine in enumerate(own):
        said = [piece for piece in mine if piece.kind == "said"]
        where = [piece for piece in mine if piece.kind == "where"]
        counts[at] = customers(_rows(said or where, row_of))
        exposure[at] = everyone if said else customers(_segment(population, where))
    rates = _rates(counts, exposure, config)
    since = max(cold_start_week, shift(week, -config.new_weeks))
    found = []
    for at, (cause, mine) in enumerate(zip(root_causes, own, strict=True)):
        begun, new = _begun(mine, week, fresh, known), cause.first_week > since
        found.append(
            _called(cause, begun, fresh, known, new=new)
            if begun
            else _told(cause, rates, at, config=config, new=new)
        )
    return tuple(found)


def _weeks(
    population: Population, week: str, cold_start_week: str, config: TrendConfig
) -> tuple[str, ...]:
    first = max(min(population.weeks, default=week), shift(week, -config.baseline_weeks))
    weeks = weeks_between(min(first, week), week)
    later = tuple(name for name in weeks if name > cold_start_week)
    return later if len(later) > config.min_baseline_weeks else weeks


def _rows(pieces: Sequence[Cause], row_of: Mapping[str, int]) -> IntArray:
    names = {name for one in pieces for name in one.evidence_ids}
    return np.array(sorted({row_of[name] for name in names if name in row_of}), dtype=np.int64)


def _segment(population: Population, pieces: Sequence[Cause]) -> IntArray:
    """The feedback in one of the segments; of attributes that were binned there is none."""
    found = np.zeros(len(population), dtype=np.bool_)
    for piece in pieces:
        inside = np.ones(len(population), dtype=np.bool_)
        for name, value in piece.conditions:
            inside &= np.array(
                [one == value for one in population.attributes.get(name, ())] or [False]
            )
        found |= inside
    return np.flatnonzero(found)


def _rates(counts: FloatArray, exposure: FloatArray, config: TrendConfig) -> _Rates:
    """Args: counts, exposure: customers, shape (causes, weeks), this week last."""
    now, before = counts[:, -1], counts[:, :-1]
    here, usual = exposure[:, -1], exposure[:, :-1].sum(axis=1)
    sums = before.sum(axis=1)
    share = np.clip(here / np.maximum(here + usual, 1.0), 1e-9, 1.0 - 1e-9)
    expected = exposure[:, :-1] * (sums / np.maximum(usual, 1.0))[:, None]
    spread = dispersion(before, expected, free=before.shape[1] - 1)
    a, b = now / spread, sums / spread
    upper, lower = mid_p(a, a + b, share)
    known = (here > 0) & (usual > 0) & (before.shape[1] >= config.min_baseline_weeks)
    family = (now + sums >= config.min_customers) & known
    q = np.ones(now.size)
    q[family] = benjamini_hochberg(np.minimum(1.0, 2.0 * np.minimum(upper, lower))[family])
    return _Rates(
        shrunken_ratio(a, b, share, prior=config.prior_customers, level=config.level),
        q,
        family & (np.maximum(now, sums * here / np.maximum(usual, 1.0)) >= config.min_customers),
        upper < lower,
    )


def _begun(
    pieces: Sequence[Cause], week: str, fresh: Mapping[str, float], known: Collection[str]
) -> Cause | None:
    """The surest piece that calls the cause: a burst of this week, or an onset told anew."""
    since = monday(week) - dt.timedelta(days=_ONSET_DAYS)
    found = [
        piece
        for piece in pieces
        if piece.id in fresh
        or (
            piece.centre is None
            and piece.onset is not None
            and piece.onset >= since
            and piece.id not in known
        )
    ]
    return min(found, key=lambda one: (fresh.get(one.id, one.q_value or 0.0), one.id), default=None)


def _called(
    cause: RootCause,
    begun: Cause,
    fresh: Mapping[str, float],
    known: Collection[str],
    *,
    new: bool,
) -> RootCause:
    # A burst that is up again carries the ratio of the week it was found in, not of this one.
    again = begun.id in known
    return replace(
        cause,
        trend="new" if new else "rising",
        trend_ratio=None if again else begun.lift,
        trend_low=None if again else begun.lift_low,
        trend_high=None if again else begun.lift_high,
        trend_q=fresh.get(begun.id, begun.q_value),
    )


def _told(cause: RootCause, rates: _Rates, at: int, *, config: TrendConfig, new: bool) -> RootCause:
    status: TrendStatus = "steady"
    if not rates.told[at]:
        status = "not enough data"
    elif rates.q[at] <= config.max_q:
        rising: TrendStatus = "new" if new else "rising"
        status = rising if rates.up[at] else "falling"
    told = bool(rates.told[at])
    return replace(
        cause,
        trend=status,
        trend_ratio=round(float(rates.ratios.ratio[at]), 6) if told else None,
        trend_low=round(float(rates.ratios.low[at]), 6) if told else None,
        trend_high=round(float(rates.ratios.high[at]), 6) if told else None,
        trend_q=float(f"{rates.q[at]:.6g}") if told else None,
    )
