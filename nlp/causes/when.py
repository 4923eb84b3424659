"""When a theme began: onsets of bursts and level shifts, set beside dated events.

An onset near a release is a coincidence worth a look, not a proof. Method: `nlp.causes.scan`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nlp.causes.daily import Daily, daily_series, expected_shares, spreads
from nlp.causes.onsets import OnsetConfig, settle
from nlp.causes.scan import (
    Best,
    NoiseLaw,
    Windows,
    best_by_start,
    best_window,
    noise_law,
    windows,
)
from nlp.fdr import benjamini_hochberg
from nlp.population import Population
from nlp.rates import FloatArray, shrunken_ratio
from nlp.records import Cause, DatedEvent
from nlp.weeks import week_of


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
    # Estimates of one and the same onset wander by days from week to week.
    same_onset_days: int = 7
    level: float = 0.95


def when(
    population: Population,
    *,
    themes: Collection[str],
    events: Sequence[DatedEvent],
    until: dt.date,
    config: WhenConfig = WhenConfig(),
    known: Sequence[Cause] = (),
    exploratory: Collection[str] = (),
) -> tuple[Cause, ...]:
    """Onsets of each theme up to `until`, sorted by theme and onset.

    Daily distinct customers of the theme; exposure: all customers of the day times the theme's
    shrunken weekday factor; over-dispersion from daily and weekly residuals, whichever is wider;
    the best burst or level shift with a p-value corrected for the scan; Benjamini-Hochberg over
    themes. A theme found is scanned again with the onset's window explained, up to `max_causes`.

    Args:
        events: dated events; those after `until` are not seen. The nearest in the stated days
            around the onset is named (of equally near ones the first by kind and name); without
            one the cause is an "unexplained onset".
        known: causes of earlier weeks, whose ids are kept for the same onset.
        exploratory: themes whose own formation used the feedback tested here.
    """
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
        return ()
    names = tuple(names[at] for at in enough.tolist())
    series = replace(series, themes=series.themes[enough])
    shares = expected_shares(series, prior=config.weekday_prior, least_days=config.weekday_days)
    plain = [best_window(row, part, over) for row, part in zip(series.themes, shares, strict=True)]
    scan = _Scan(
        names=names,
        series=series,
        shares=shares,
        spread=spreads(series.themes, shares, plain),
        over=over,
        law=noise_law(series.total / series.total.sum(), over),
        config=config,
    )
    p = np.array([scan.p_value(at, best) for at, best in enumerate(plain)])
    q = benjamini_hochberg(p)
    called = np.flatnonzero(q <= config.max_q).tolist()
    causes: list[Cause] = []
    seen = [event for event in events if event.day <= until]
    for at in called:
        onsets = _onsets(
            scan, at, plain[at], events=seen, limit=config.max_q * len(called) / len(names)
        )
        for best, event, own_p in onsets:
            value = max(float(q[at]), min(1.0, own_p * len(names) / len(called)))
            cause = _cause(population, scan, at, best, q=value, event=event, until=until)
            if cause is not None:
                causes.append(replace(cause, exploratory=names[at] in exploratory))
    return _keep_ids(causes, known, config)


@dataclass(frozen=True, slots=True)
class _Scan:
    """The series of all themes and the law of what noise would show in them."""

    names: tuple[str, ...]
    series: Daily
    shares: FloatArray
    spread: FloatArray
    over: Windows
    law: NoiseLaw
    config: WhenConfig

    def p_value(self, at: int, best: Best) -> float:
        """Of the best window of theme number `at`, corrected for the scan and over-dispersion."""
        spread = float(self.spread[at])
        return self.law.p_value(best.score / spread, float(self.series.themes[at].sum()) / spread)


def _onsets(
    scan: _Scan, at: int, best: Best, *, events: Sequence[DatedEvent], limit: float
) -> list[tuple[Best, DatedEvent | None, float]]:
    """The theme's onsets with their events and p-values: the best, the best of what is left, ..."""
    counts, left = scan.series.themes[at], scan.shares[at].copy()
    total = float(counts.sum())
    found: list[tuple[Best, DatedEvent | None, float]] = []
    p = scan.p_value(at, best)
    while True:
        profile = best_by_start(counts, left, scan.over)
        best, event = settle(
            profile,
            best,
            spread=float(scan.spread[at]),
            start=scan.series.start,
            events=events,
            config=scan.config.onsets,
        )
        found.append((best, event, p))
        if len(found) == scan.config.max_causes:
            return found
        inside = slice(best.first, best.last + 1)
        share, part = float(left[inside].sum()), float(counts[inside].sum()) / total
        left[inside] *= part / max(1.0 - part, 0.5 / total) * (1.0 - share) / share
        left /= left.sum()
        best = best_window(counts, left, scan.over)
        p = scan.p_value(at, best)
        if p > limit:
            return found


def _cause(
    population: Population,
    scan: _Scan,
    at: int,
    best: Best,
    *,
    q: float,
    event: DatedEvent | None,
    until: dt.date,
) -> Cause | None:
    config, theme = scan.config, scan.names[at]
    start = scan.series.start + dt.timedelta(days=best.first)
    end = scan.series.start + dt.timedelta(days=best.last)
    members = population.members[theme]
    days = population.days[members]
    inside = members[(days >= start.toordinal()) & (days <= end.toordinal())]
    counts, spread = scan.series.themes[at], float(scan.spread[at])
    within = float(counts[best.first : best.last + 1].sum())
    found = shrunken_ratio(
        np.array([within / spread]),
        np.array([(float(counts.sum()) - within) / spread]),
        np.array([float(scan.shares[at, best.first : best.last + 1].sum())]),
        level=config.level,
    )
    # Rounded, so that the order of additions never shows.
    lift, low, high = (round(float(x[0]), 6) for x in (found.ratio, found.low, found.high))
    customers = population.distinct_customers(inside)
    if customers < config.min_customers or lift < config.min_lift:
        return None
    evidence = population.evidence(theme, inside)
    # Where nothing was said on other days the ratio has no upper end; it is told by its lower one.
    ratio = (
        f"at least {low:.1f} times as frequent as on other days, total volume considered "
        f"({config.level:.0%} sure)"
        if high > 10 * lift
        else f"{lift:.1f} times as frequent as on other days, total volume considered "
        f"({config.level:.0%} interval {low:.1f} to {high:.1f})"
    )
    span = f"since {start}" if end >= until else f"from {start} to {end}"
    said = f"{event.kind} {event.name}, {event.day}" if event else "unexplained onset"
    return Cause(
        id=when_id(theme, start, event),
        theme_id=theme,
        kind="when",
        statement=f"{span} ({said}): {ratio}",
        customers=customers,
        statements=len(evidence),
        share_of_theme=round(customers / population.distinct_customers(members), 6),
        evidence_ids=evidence,
        onset=start,
        event=f"{event.kind}: {event.name}" if event else None,
        lift=lift,
        lift_low=low,
        lift_high=high,
        q_value=float(f"{q:.6g}"),
    )


def when_id(theme_id: str, onset: dt.date, event: DatedEvent | None) -> str:
    """The id of an onset: theme and event decide it, or theme and the onset's week."""
    anchor = [event.kind, event.name, event.day.isoformat()] if event else [week_of(onset)]
    told = json.dumps([theme_id, "when", anchor], ensure_ascii=True)
    return "C-" + hashlib.sha256(told.encode()).hexdigest()[:10]


def _keep_ids(
    causes: Sequence[Cause], known: Sequence[Cause], config: WhenConfig
) -> tuple[Cause, ...]:
    """Give causes the ids by which the same onsets went before; one cause per id."""
    kept: dict[str, Cause] = {}
    for cause in causes:
        assert cause.onset is not None
        before = [
            (abs((old.onset - cause.onset).days), old.id)
            for old in known
            if old.kind == "when" and old.theme_id == cause.theme_id and old.onset is not None
        ]
        same = min((pair for pair in before if pair[0] <= config.same_onset_days), default=None)
        named = replace(cause, id=same[1]) if same else cause
        # Causes come strongest first: a second onset at the same event is a part of the first.
        kept.setdefault(named.id, named)
    return tuple(sorted(kept.values(), key=lambda c: (c.theme_id, str(c.onset), c.id)))
