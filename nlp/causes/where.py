"""Where a theme happens: the segments in which it is more frequent than their volume explains.

Correlation, not proof: a segment may stand for something nobody recorded. Method and sources:
README.md beside this file.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from nlp.causes.attributes import Column, encode
from nlp.causes.base import base_of
from nlp.causes.cells import segment_mask
from nlp.causes.lift import LiftPrior, shrink
from nlp.causes.segments import Candidate, Segment, WhereConfig, named, search_segments
from nlp.causes.votes import Votes, count_votes
from nlp.population import Population
from nlp.rates import FloatArray, Ratios, mid_p
from nlp.records import Cause

__all__ = ["WhereConfig", "where", "where_id"]

_DEFAULT = WhereConfig()


@dataclass(frozen=True, slots=True)
class _Search:
    """What the selection of every theme needs."""

    votes: Votes
    columns: tuple[Column, ...]
    prior: LiftPrior
    config: WhereConfig

    def lift(self, candidate: Candidate) -> Ratios:
        """The shrunken lift of a candidate; arrays of one."""
        return shrink(
            self.prior,
            np.array([candidate.votes]),
            np.array([float(self.votes.totals[candidate.theme])]),
            np.array([candidate.share]),
            level=self.config.level,
        )

    def mask(self, segment: Segment) -> np.typing.NDArray[np.bool_]:
        """Which feedback lies in the segment."""
        return segment_mask(self.columns, segment)


def where(
    population: Population,
    *,
    themes: Collection[str],
    config: WhereConfig = _DEFAULT,
    exclude_attributes: Collection[str] = (),
) -> tuple[Cause, ...]:
    """Segments that concentrate each theme, sorted by theme, the strongest of a theme first.

    A theme's votes (mentions, the less the more customers repeat themselves: `nlp.causes.votes`)
    against the exposure of all feedback; binomial mid-p given the theme's total; one false
    discovery rate over all themes and combinations (`nlp.causes.segments`); then a forward
    selection per theme that takes the segment with the greatest likelihood gain, less the log of
    what its tests cost, multiplies the exposure inside it by its lift and asks what is left to
    explain. A child must also show excess inside each parent.

    Args:
        exclude_attributes: attributes that are no cause (labels put on by staff, say). What other
            attributes lack because of a value of theirs is none either.
    """
    columns = encode(population.attributes, exclude=exclude_attributes, config=config.bins)
    votes = count_votes(population, sorted(themes))
    excluded = {
        name: population.attributes[name]
        for name in sorted(exclude_attributes)
        if name in population.attributes
    }
    hidden = encode(excluded, config=config.bins)
    found = search_segments(votes, columns, config=config, hidden=hidden)
    search = _Search(votes=votes, columns=columns, prior=found.prior, config=config)
    by_theme: dict[int, list[Candidate]] = {}
    for candidate in found.candidates:
        by_theme.setdefault(candidate.theme, []).append(candidate)
    return tuple(
        _cause(population, search, candidate)
        for theme in sorted(by_theme)
        for candidate in _select(search, theme, by_theme[theme])
    )


def _gain(votes: float, total: float, share: float) -> float:
    """Log likelihood ratio of a binomial share votes / total against `share`; 0 without excess."""
    if votes <= total * share or share <= 0.0:
        return 0.0
    inside = votes * float(np.log(votes / (total * share)))
    rest = total - votes
    outside = rest * float(np.log(rest / (total * (1.0 - share)))) if rest > 1e-9 else 0.0
    return inside + outside


def _select(search: _Search, theme: int, candidates: list[Candidate]) -> list[Candidate]:
    votes, config = search.votes, search.config
    total = float(votes.totals[theme])

    def order(candidate: Candidate, share: float) -> tuple[float, int, Segment]:
        # Rounded, so that the order of additions cannot decide between segments that tie.
        gain = round(_gain(candidate.votes, total, share) - candidate.penalty, 6)
        return (-gain, len(candidate.segment), candidate.segment)

    left = sorted(candidates, key=lambda c: order(c, c.share))[: config.max_candidates]
    rows = {c.segment: np.flatnonzero(search.mask(c.segment)) for c in left}
    mine = votes.theme == theme
    vote = np.zeros(votes.exposure.shape[1])
    vote[votes.row[mine]] = votes.weight[mine]
    offset = votes.exposure[votes.bucket[theme]].copy()
    chosen: list[Candidate] = []
    while left and len(chosen) < config.max_causes:
        shares = {c.segment: float(offset[rows[c.segment]].sum()) for c in left}
        if chosen:
            left = [c for c in left if _still_told(c, total, shares[c.segment])]
        left.sort(key=lambda c: order(c, shares[c.segment]))
        told = (c for c in left if _matters(search, c) and _beyond_parents(search, c, vote, offset))
        best = next(told, None)
        if best is None:
            break
        chosen.append(best)
        left = [c for c in left if c is not best]
        share = shares[best.segment]
        rest = max(total - best.votes, 0.5)
        offset[rows[best.segment]] *= best.votes / rest * (1.0 - share) / share
        offset /= offset.sum()
    return chosen


def _still_told(candidate: Candidate, total: float, share: float) -> bool:
    """Whether what the causes chosen leave over survives all that was tried for this theme."""
    if not 0.0 < share < 1.0:
        return False
    tail, _ = mid_p(np.array([candidate.votes]), np.array([total]), np.array([share]))
    return bool(np.log(max(float(tail[0]), 1e-300)) + candidate.penalty <= np.log(candidate.limit))


def _beyond_parents(
    search: _Search, candidate: Candidate, vote: FloatArray, offset: FloatArray
) -> bool:
    inner = float(offset[search.mask(candidate.segment)].sum())
    for size in range(1, len(candidate.segment)):
        for parent in itertools.combinations(candidate.segment, size):
            mask = search.mask(parent)
            share = min(inner / float(offset[mask].sum()), 1.0)
            total = max(float(vote[mask].sum()), candidate.votes)
            tail, _ = mid_p(np.array([candidate.votes]), np.array([total]), np.array([share]))
            if float(tail[0]) > search.config.parent_p:
                return False
    return True


def _matters(search: _Search, candidate: Candidate) -> bool:
    return bool(search.lift(candidate).ratio[0] >= search.config.min_lift)


def _cause(population: Population, search: _Search, candidate: Candidate) -> Cause:
    theme = search.votes.themes[candidate.theme]
    members = population.members[theme]
    inside = members[search.mask(candidate.segment)[members]]
    conditions = named(search.columns, candidate.segment)
    lift = search.lift(candidate)
    # Rounded, so that the order of additions never shows.
    ratio, low, high = (round(float(x[0]), 6) for x in (lift.ratio, lift.low, lift.high))
    evidence = population.evidence(theme, inside)
    customers = population.distinct_customers(inside)
    base = base_of(
        population.base,
        population.members[theme],
        search.columns,
        candidate.segment,
        level=search.config.level,
    )
    return Cause(
        id=where_id(theme, conditions),
        theme_id=theme,
        kind="where",
        statement=(
            f"{', '.join(f'{name} {value}' for name, value in conditions)}: {ratio:.1f} times as "
            f"frequent as in other feedback ({search.config.level:.0%} interval {low:.1f} to "
            f"{high:.1f}){'; ' + base.statement if base else ''}"
        ),
        customers=customers,
        statements=len(evidence),
        share_of_theme=round(customers / population.distinct_customers(members), 6),
        evidence_ids=evidence,
        conditions=conditions,
        lift=ratio,
        lift_low=low,
        lift_high=high,
        q_value=float(f"{candidate.q:.6g}"),
        base_customers=base.customers if base else None,
        base_lift=base.lift if base else None,
        base_low=base.low if base else None,
        base_high=base.high if base else None,
    )


def where_id(theme_id: str, conditions: Sequence[tuple[str, str]]) -> str:
    """The lasting id of a segment's cause: theme and sorted conditions decide it."""
    told = json.dumps([theme_id, "where", sorted(conditions)], ensure_ascii=True)
    return "C-" + hashlib.sha256(told.encode()).hexdigest()[:10]
