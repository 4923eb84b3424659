"""When a theme began: onsets of bursts and level shifts, set beside dated events.

An onset near a release is a coincidence worth a look, not a proof. Method: `nlp.causes.scan`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nlp.causes.cells import segment_mask
from nlp.causes.event_near import named_days
from nlp.causes.onsets import settle
from nlp.causes.part_onsets import PartOnset, beyond_whole, rest_is_quiet
from nlp.causes.scan import Best, belief_by_start
from nlp.causes.segments import Segment, named
from nlp.causes.series_scan import Scan, WhenConfig, make_scan, scan_segments
from nlp.causes.when_wording import when_id, when_statement
from nlp.fdr import benjamini_hochberg
from nlp.population import Population
from nlp.rates import shrunken_ratio
from nlp.records import Cause, DatedEvent

__all__ = ["WhenConfig", "when", "when_id"]

_DEFAULT = WhenConfig()


def when(
    population: Population,
    *,
    themes: Collection[str],
    events: Sequence[DatedEvent],
    until: dt.date,
    config: WhenConfig = _DEFAULT,
    known: Sequence[Cause] = (),
    found: Sequence[Cause] = (),
) -> tuple[Cause, ...]:
    """Onsets of each theme, and of themes inside one segment, up to `until`; by theme and onset.

    Daily distinct customers of the theme; exposure: all customers of the day times the theme's
    shrunken weekday factor; over-dispersion from daily and weekly residuals, whichever is wider;
    the best burst or level shift with a p-value corrected for the scan. The same inside every value
    of every attribute, with the segment's own volume (`nlp.causes.part_onsets`).
    Benjamini-Hochberg over themes, each with the least p of the two, a part of the budget each. A
    theme found is scanned again with the onset's window explained, up to `max_causes`; an onset
    inside a segment is told where the theme as a whole does not explain it.

    Args:
        events: dated events; those after `until` are not seen. The nearest is named, with
            the others about, when one may have caused a day that does nearly as well as the
            best one (`nlp.causes.onsets`); without one the cause is an "unexplained onset".
        known: causes of earlier weeks, whose ids are kept for the same onset.
        found: causes of the kind "where", whose segments are searched, too.
    """
    scan = make_scan(population, themes=themes, until=until, config=config)
    if scan is None:
        return ()
    names = scan.names
    parts, searched = scan_segments(population, scan, found)
    plain = [scan.best(at, scan.shares[at]) for at in range(len(names))]
    wide = np.minimum(1.0, np.array([p for _, p, _ in plain]) / (1.0 - searched))
    least = wide.copy()
    for part in parts:
        least[part.theme] = min(least[part.theme], part.p)
    q = benjamini_hochberg(least)
    called = np.flatnonzero(q <= config.max_q).tolist()
    limit = config.max_q * len(called) / len(names)
    seen = [event for event in events if event.day <= until]
    causes: list[Cause] = []
    for at in called:
        own = wide[at] <= limit
        onsets = _onsets(scan, at, *plain[at], events=seen, limit=limit) if own else []
        mine = [one for one in parts if one.theme == at and one.p <= limit]
        for onset in _with_parts(scan, onsets, mine, events=seen):
            value = max(float(q[at]), min(1.0, onset.p * len(names) / len(called)))
            cause = _cause(population, scan, onset, q=value, until=until)
            if cause is not None:
                causes.append(cause)
    return _keep_ids(causes, known, config)


@dataclass(frozen=True, slots=True)
class _Onset:
    """One onset to be told.

    events: those about it, the one named first; part: in one segment; only: the rest of the theme
    is quiet; weekly: found in weeks.
    """

    at: int
    best: Best
    events: tuple[DatedEvent, ...]
    p: float
    part: PartOnset | None = None
    weekly: bool = False
    only: bool = False


def _onsets(
    scan: Scan,
    at: int,
    best: Best,
    p: float,
    weekly: bool,
    *,
    events: Sequence[DatedEvent],
    limit: float,
) -> list[_Onset]:
    """The theme's onsets with their events and p-values: the best, the best of what is left, ..."""
    counts, left = scan.series.themes[at], scan.shares[at].copy()
    total = float(counts.sum())
    found: list[_Onset] = []
    while True:
        profile = belief_by_start(counts, left, scan.over, spread=float(scan.spread[at]))
        best, about = _settled(scan, profile, best, events=events)
        found.append(_Onset(at, best, about, p, weekly=weekly))
        if len(found) == scan.config.max_causes:
            return found
        inside = slice(best.first, best.last + 1)
        share, part = float(left[inside].sum()), float(counts[inside].sum()) / total
        left[inside] *= part / max(1.0 - part, 0.5 / total) * (1.0 - share) / share
        left /= left.sum()
        best, p, weekly = scan.best(at, left)
        if p > limit:
            return found


def _settled(
    scan: Scan,
    profile: Mapping[int, Best],
    best: Best,
    *,
    events: Sequence[DatedEvent],
) -> tuple[Best, tuple[DatedEvent, ...]]:
    start, config = scan.series.start, scan.config.onsets
    return settle(profile, best, start=start, events=events, config=config)


def _with_parts(
    scan: Scan,
    onsets: list[_Onset],
    parts: Sequence[PartOnset],
    *,
    events: Sequence[DatedEvent],
) -> list[_Onset]:
    """The onsets, with those inside a segment that the theme as a whole does not explain.

    Where the rest of the theme is quiet, the onset inside the segment takes the place of the
    theme's. Of overlapping ones the most surely a segment's own is told.
    """
    config, whole = scan.config.parts, scan.whole
    told: list[tuple[float, Segment, PartOnset, Best, tuple[DatedEvent, ...]]] = []
    for part in parts:
        profile = belief_by_start(part.counts, part.shares, scan.over, spread=part.spread)
        window, about = _settled(scan, profile, part.best, events=events)
        p = beyond_whole(part, whole, window=window)
        if p <= min(config.share_p, config.share_fwer / part.searched):
            told.append((p, part.segment, part, window, about))
    told.sort(key=lambda one: (one[0], len(one[1]), one[1]))
    chosen: list[_Onset] = []
    for _, _, part, window, about in told:
        if len(chosen) < scan.config.max_causes and not any(
            _overlap(window, other.best) for other in chosen
        ):
            only = all(
                rest_is_quiet(part, whole, window=one, config=config)
                for one in (window, *(mine.best for mine in onsets if _overlap(mine.best, window)))
            )
            chosen.append(_Onset(part.theme, window, about, part.p, part, only=only))
    kept = [
        one
        for one in onsets
        if not any(other.only and _overlap(one.best, other.best) for other in chosen)
    ]
    return [*kept, *chosen][: scan.config.max_causes]


def _overlap(one: Best, other: Best) -> bool:
    """Whether two windows have half of the shorter one in common."""
    common = min(one.last, other.last) - max(one.first, other.first) + 1
    shorter = min(one.last - one.first, other.last - other.first) + 1
    return 2 * common >= shorter


def _cause(
    population: Population, scan: Scan, onset: _Onset, *, q: float, until: dt.date
) -> Cause | None:
    config, theme, best = scan.config, scan.names[onset.at], onset.best
    event = onset.events[0] if onset.events else None
    start = scan.series.start + dt.timedelta(days=best.first)
    end = scan.series.start + dt.timedelta(days=best.last)
    members = population.members[theme]
    days = population.days[members]
    inside = members[(days >= start.toordinal()) & (days <= end.toordinal())]
    part = onset.part
    conditions: tuple[tuple[str, str], ...] = ()
    counts, shares = scan.series.themes[onset.at], scan.shares[onset.at]
    spread = float(scan.spread[onset.at])
    if part is not None:
        conditions = named(scan.columns, part.segment)
        inside = inside[segment_mask(scan.columns, part.segment)[inside]]
        counts, shares, spread = part.counts, part.shares, part.spread
    within = float(counts[best.first : best.last + 1].sum())
    found = shrunken_ratio(
        np.array([within / spread]),
        np.array([(float(counts.sum()) - within) / spread]),
        np.array([float(shares[best.first : best.last + 1].sum())]),
        level=config.level,
    )
    # Rounded, so that the order of additions never shows.
    lift, low, high = (round(float(x[0]), 6) for x in (found.ratio, found.low, found.high))
    customers = population.distinct_customers(inside)
    if customers < config.min_customers or lift < config.min_lift:
        return None
    evidence = population.evidence(theme, inside)
    return Cause(
        id=when_id(theme, start, event, conditions),
        theme_id=theme,
        kind="when",
        statement=when_statement(
            start,
            end if end < until else None,
            onset.events,
            conditions=conditions,
            only=onset.only,
            weekly=onset.weekly,
            lift=(lift, low, high),
            level=config.level,
        ),
        customers=customers,
        statements=len(evidence),
        share_of_theme=round(customers / population.distinct_customers(members), 6),
        evidence_ids=evidence,
        conditions=conditions,
        onset=start,
        event=f"{event.kind}: {event.name}" if event else None,
        events=named_days(onset.events),
        lift=lift,
        lift_low=low,
        lift_high=high,
        q_value=float(f"{q:.6g}"),
    )


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
            if old.kind == "when"
            and (old.theme_id, old.conditions) == (cause.theme_id, cause.conditions)
            and old.onset is not None
        ]
        same = min((pair for pair in before if pair[0] <= config.same_onset_days), default=None)
        named_so = replace(cause, id=same[1]) if same else cause
        # Causes come strongest first: a second onset at the same event is a part of the first.
        kept.setdefault(named_so.id, named_so)
    return tuple(sorted(kept.values(), key=lambda c: (c.theme_id, str(c.onset), c.id)))
