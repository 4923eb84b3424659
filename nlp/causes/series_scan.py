"""The daily and weekly series of all themes, scanned for their best windows, in all and by part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nlp.causes.attributes import Column, encode
from nlp.causes.daily import Daily, daily_series, excess, expected_shares, spreads
from nlp.causes.onsets import OnsetConfig
from nlp.causes.part_onsets import PartConfig, PartOnset, Whole, corrected, scan_parts
from nlp.causes.part_series import firsts, segment_part, value_parts
from nlp.causes.scan import Best, NoiseLaw, Windows, best_window, noise_law, windows
from nlp.causes.segments import segment_named
from nlp.population import Population
from nlp.rates import FloatArray
from nlp.records import Cause

_WEEK = 7


@dataclass(frozen=True, slots=True)
class WhenConfig:
    """Thresholds of the search for onsets."""

    # Two weeks must lie before an onset, or there is nothing it could differ from.
    days_before: int = 14
    # A burst is an incident; what lasts longer than four weeks and has not ended is a shift.
    longest_burst: int = 28
    # A new level is believed from one whole week on, so that every weekday has been seen.
    shortest_shift: int = 7
    # Distinct customers in the window: fewer are an anecdote.
    min_customers: int = 5
    # Expected share of false onsets among those reported.
    max_q: float = 0.05
    # Twice the former rate: smaller shifts are real at times, and nobody's incident.
    min_lift: float = 1.5
    max_causes: int = 3
    # A theme's own weekday pattern is believed as if each weekday had been seen ten times as usual.
    weekday_prior: float = 10.0
    # ... and only asked of four weeks or more.
    weekday_days: int = 28
    onsets: OnsetConfig = field(default_factory=OnsetConfig)
    parts: PartConfig = field(default_factory=PartConfig)
    # Themes with fewer customers a day than this are scanned by weeks, too: a slow, weak shift is
    # lost among the thousands of windows that begin on every day.
    weekly_below: float = 1.0
    # ... with this part of the error budget: most onsets show in days.
    weekly_budget: float = 0.15
    # An onset that stands out by this many log units swells the volume that all are measured by,
    # and is taken out of it. Lower, drift would be taken for onsets and hide itself.
    surely: float = 12.0
    # Estimates of one and the same onset wander by days from week to week.
    same_onset_days: int = 7
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Scan:
    """The series of all themes and the law of what noise would show in them."""

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    series: Daily
    shares: FloatArray
    spread: FloatArray
    over: Windows
    law: NoiseLaw
    over_weeks: Windows
    law_weeks: NoiseLaw
    config: WhenConfig

    def best(self, at: int, shares: FloatArray) -> tuple[Best, float, bool]:
        """The best window of theme number `at`, its p-value, and whether it is one of weeks.

        The p-value is corrected for the scan, for over-dispersion and, where days and weeks were
        both looked at, for that. shares: the part of the theme expected on each day.
        """
        counts, spread = self.series.themes[at], float(self.spread[at])
        size = float(counts.sum())
        best = best_window(counts, shares, self.over, spread=spread)
        p = self.law.p_value(best.score, size / spread)
        if size >= self.config.weekly_below * counts.size or not self.over_weeks.first.size:
            return best, p, False
        weekly = best_window(counts, shares, self.over_weeks, spread=spread)
        p_weekly = self.law_weeks.p_value(weekly.score, size / spread)
        part = self.config.weekly_budget
        if p_weekly / part < p / (1.0 - part):
            return (
                self._nearest_day(counts, shares, weekly, spread),
                min(1.0, p_weekly / part),
                True,
            )
        return best, min(1.0, p / (1.0 - part)), False

    def _nearest_day(
        self, counts: FloatArray, shares: FloatArray, weekly: Best, spread: float
    ) -> Best:
        """The best window that begins within a week of a window of weeks."""
        near = np.abs(self.over.first - weekly.first) < _WEEK
        return best_window(counts, shares, self.over.only(near), spread=spread)

    @property
    def whole(self) -> Whole:
        """What the search inside segments needs of the theme-wide series."""
        volume = self.series.total / self.series.total.sum()
        factors = np.divide(self.shares, volume, out=np.zeros_like(self.shares), where=volume > 0)
        return Whole(self.series.themes, factors, self.series.total, self.spread)


def make_scan(
    population: Population, *, themes: Collection[str], until: dt.date, config: WhenConfig
) -> Scan | None:
    """Count and scan; None where no theme has customers enough or the days are too few."""
    names = tuple(sorted(name for name in set(themes) if name in population.members))
    series = daily_series(population, themes=names, until=until)
    enough = np.flatnonzero(series.themes.sum(axis=1) >= config.min_customers)
    over = windows(
        series.total.size,
        before=config.days_before,
        longest=config.longest_burst,
        shortest_shift=config.shortest_shift,
    )
    if enough.size == 0 or over.first.size == 0:
        return None
    series = replace(series, themes=series.themes[enough])
    shares, best, spread = _fitted(series, over, config)
    more = excess(series, shares, best, spread, surely=config.surely)
    usual = replace(series, total=series.total - more)
    if more.any():
        shares, best, spread = _fitted(usual, over, config)
    volume = usual.total / usual.total.sum()
    # Weeks end with the series, as the analysis does.
    whole = ((volume.size - over.first) % 7 == 0) & ((volume.size - 1 - over.last) % 7 == 0)
    weeks = over.only(whole)
    return Scan(
        names=tuple(names[at] for at in enough.tolist()),
        columns=encode(population.attributes),
        series=series,
        shares=shares,
        spread=spread,
        over=over,
        law=noise_law(volume, over),
        over_weeks=weeks,
        law_weeks=noise_law(volume, weeks) if weeks.first.size else noise_law(volume, over),
        config=config,
    )


def _fitted(
    series: Daily, over: Windows, config: WhenConfig
) -> tuple[FloatArray, list[Best], FloatArray]:
    """What is expected of each day, each theme's best window, and over-dispersion beside it."""
    shares = expected_shares(series, prior=config.weekday_prior, least_days=config.weekday_days)
    best = [
        best_window(row, part, over, spread=1.0)
        for row, part in zip(series.themes, shares, strict=True)
    ]
    return shares, best, spreads(series.themes, shares, best)


def scan_segments(
    population: Population, scan: Scan, found: Sequence[Cause]
) -> tuple[list[PartOnset], FloatArray]:
    """The best windows inside segments: of single values, and of the segments found.

    Also the part of each theme's budget that they take, shape (themes,).
    """
    start = scan.series.start.toordinal()
    first = firsts(population, scan.names, start=start, days=scan.series.total.size)
    config, whole = scan.config.parts, scan.whole
    values, tried = scan_parts(
        value_parts(first, scan.columns), whole, over=scan.over, law=scan.law, config=config
    )
    special: list[PartOnset] = []
    again = np.zeros_like(tried)
    place = {name: at for at, name in enumerate(scan.names)}
    for cause in found:
        segment = segment_named(scan.columns, cause.conditions)
        if cause.theme_id in place and segment:
            at = place[cause.theme_id]
            part = segment_part(first, scan.columns, segment, at)
            more, count = scan_parts(
                [part], whole, over=scan.over, law=scan.law, config=config, theme=at
            )
            special += more
            again += count
    onsets = [
        *corrected(values, tried, budget=config.budget),
        *corrected(special, again, budget=config.budget_found),
    ]
    return onsets, config.budget * (tried > 0) + config.budget_found * (again > 0)
