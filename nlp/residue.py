"""Whether the residue grows: the share of statements that stand in no theme, week by week.

A growing residue means that something is said which no theme covers. Statements of a week are not
independent (one campaign, one outage), so weeks are compared, not statements: the mean share of the
last weeks against the mean of those before, by Welch's t-test (Welch 1947), whose interval follows
the spread between weeks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance
from typing import Literal

from scipy.stats import t as student

ResidueTrend = Literal["rising", "falling", "steady", "not enough weeks"]


@dataclass(frozen=True, slots=True)
class ResidueConfig:
    """How weeks are compared.

    recent: a month; less would take one odd week for a drift.
    before: the quarter ahead of it at most; older weeks had other themes.
    least: weeks needed on either side, so that there is a spread to speak of.
    sure: confidence of the interval.
    """

    recent: int = 4
    before: int = 12
    least: int = 3
    sure: float = 0.95


@dataclass(frozen=True, slots=True)
class ResidueWeek:
    """A published week: statements in a theme and in none, noise left out."""

    week: str
    themed: int
    unthemed: int

    @property
    def share(self) -> float | None:
        """Share in no theme; None in a week without statements."""
        said = self.themed + self.unthemed
        return self.unthemed / said if said else None


@dataclass(frozen=True, slots=True)
class ResidueDrift:
    """The last weeks against those before. `difference`: in share, with its interval."""

    trend: ResidueTrend
    recent_weeks: int
    before_weeks: int
    recent: float | None = None
    before: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None


def residue_drift(
    weeks: Sequence[ResidueWeek], *, config: ResidueConfig | None = None
) -> ResidueDrift:
    """The drift over published weeks, the earliest first.

    Weeks without statements are left out, and so are those up to the one whose statements formed
    the first themes: it is covered by its making.
    """
    config = config or ResidueConfig()
    formed = next((place for place, one in enumerate(weeks) if one.themed), len(weeks))
    shares = [one.share for one in weeks[formed + 1 :] if one.share is not None]
    recent = shares[-config.recent :]
    before = shares[: -config.recent][-config.before :]
    if min(len(recent), len(before)) < config.least:
        return ResidueDrift("not enough weeks", len(recent), len(before))
    difference = fmean(recent) - fmean(before)
    half = _half_width(recent, before, sure=config.sure)
    # Equal shares differ by a rounding error, which is no drift.
    low, high = round(difference - half, 9), round(difference + half, 9)
    trend: ResidueTrend = "rising" if low > 0 else "falling" if high < 0 else "steady"
    return ResidueDrift(
        trend=trend,
        recent_weeks=len(recent),
        before_weeks=len(before),
        recent=fmean(recent),
        before=fmean(before),
        difference=difference,
        low=low,
        high=high,
    )


def _half_width(recent: Sequence[float], before: Sequence[float], *, sure: float) -> float:
    """Half of Welch's interval; 0 where neither side has any spread."""
    parts = [variance(one) / len(one) for one in (recent, before)]
    error = sum(parts)
    if error == 0:
        return 0.0
    freedom = error**2 / sum(
        part**2 / (len(one) - 1) for part, one in zip(parts, (recent, before), strict=True)
    )
    return float(student.ppf((1 + sure) / 2, freedom)) * sqrt(error)
