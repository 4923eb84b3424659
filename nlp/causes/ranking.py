"""Root causes ranked by the harm that would go if the cause went, per effort to mend it.

score = reach x impact x avoidable share x confidence / effort: the theme's customers in the ranking
window, the harm of one of its mentions, the part of the theme that the cause may take the credit
for, how sure the cause is, and what people say it takes. It presumes what nobody knows: that the
segment, the jump or the stated reason is the cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

import numpy as np
from scipy.sparse import csr_matrix

from nlp.causes.credit import Claims, claims, credit, drawn_excesses, point_excesses
from nlp.impact import Impact
from nlp.population import Population
from nlp.rank import NOT_ENOUGH
from nlp.rates import FloatArray
from nlp.records import Cause, Friction, RootCause
from nlp.resample import customer_weights
from nlp.score import ScoringConfig
from nlp.standing import stand

# Resamples at a time: with 100,000 customers their weights are 40 megabytes.
_BATCH = 50


@dataclass(frozen=True, slots=True)
class _Share:
    """A cause's avoidable share of its theme, and reach x share in every resample.

    claimed: whether the cause holds any mention at all.
    """

    claimed: bool
    point: float
    low: float
    high: float
    reached: FloatArray


def rank_root_causes(
    root_causes: Sequence[RootCause],
    *,
    causes: Sequence[Cause],
    friction: Sequence[Friction],
    impacts: Mapping[str, Impact],
    population: Population,
    scoring: ScoringConfig,
) -> tuple[RootCause, ...]:
    """Fill in what goes into each root cause's score, the score and the rank, with intervals.

    Customers are drawn once for reach and share; impact is drawn by itself (`customer_weights`),
    lifts by their own intervals. The shares of one theme's causes add up to no more than 1, see
    `nlp.causes.credit`; a rejected cause claims nothing, so that the others may claim more.

    Without a rank, the reason in `note`: causes that a person rejected, causes of themes that have
    none, causes of fewer customers than `scoring.min_customers` (they claim all the same), causes
    without a mention in the ranking window.

    Args:
        causes: pieces; holds all evidence of the root causes.
        friction: the ranked themes; their effort and impact are the causes'.
        impacts: of the same themes, for their draws.
        population: feedback of the ranking window, as in `friction`. Shares are of its mentions, so
            that an incident that is over loses its share as reach moves on.

    Returns:
        The ranked ones by rank, then the others by theme and id.
    """
    pieces = {cause.id: cause for cause in causes}
    themes = {item.theme_id: item for item in friction}
    shares = _shares(
        [cause for cause in root_causes if cause.state != "rejected"],
        pieces=pieces,
        population=population,
        scoring=scoring,
    )
    filled = [
        _filled(cause, themes.get(cause.theme_id), shares.get(cause.id), scoring)
        for cause in sorted(root_causes, key=lambda cause: (cause.theme_id, cause.id))
    ]
    ranked = [cause for cause in filled if not cause.note]
    rest = [cause for cause in filled if cause.note]
    resamples = min([scoring.resamples, *(impacts[one.theme_id].draws.size for one in ranked)])
    draws = np.empty((resamples, len(ranked)))
    for at, cause in enumerate(ranked):
        reached = shares[cause.id].reached[:resamples]
        harmed = scoring.harm(impacts[cause.theme_id]).draws[:resamples]
        draws[:, at] = reached * harmed * (cause.confidence / cause.effort)
    scores = np.array([root_score(cause) for cause in ranked], dtype=np.float64)
    standing = stand(scores, draws, level=scoring.level)
    tail = (1.0 - scoring.level) / 2.0
    placed = []
    for at, cause in enumerate(ranked):
        low, high = np.quantile(draws[:, at], [tail, 1.0 - tail]).tolist()
        place = int(standing.rank[at])
        placed.append(
            replace(
                cause,
                score=float(scores[at]),
                score_low=round(min(low, float(scores[at])), 6),
                score_high=round(max(high, float(scores[at])), 6),
                rank=place,
                rank_low=int(standing.rank_low[at]),
                rank_high=int(standing.rank_high[at]),
                top5_probability=round(float(standing.top5[at]), 6),
                tied_with=tuple(ranked[n].id for n in standing.tied[at]),
            )
        )
    return (*sorted(placed, key=lambda cause: cause.rank or 0), *rest)


def root_score(cause: RootCause) -> float:
    """The score of a record as it stands: reach x impact x avoidable x confidence / effort."""
    impact = cause.impact or 0.0
    return round(cause.reach * impact * cause.avoidable * cause.confidence / cause.effort, 6)


def _filled(
    cause: RootCause, theme: Friction | None, share: _Share | None, scoring: ScoringConfig
) -> RootCause:
    return replace(
        cause,
        reach=theme.reach if theme else 0,
        # The draws of customers are the theme's, and so is its interval.
        reach_low=theme.reach_low if theme else None,
        reach_high=theme.reach_high if theme else None,
        impact=theme.impact if theme else None,
        impact_low=theme.impact_low if theme else None,
        impact_high=theme.impact_high if theme else None,
        avoidable=share.point if share else 0.0,
        avoidable_low=share.low if share else 0.0,
        avoidable_high=share.high if share else 0.0,
        confidence=scoring.confidence_of(cause),
        effort=theme.effort if theme else scoring.effort_default,
        score=None,
        score_low=None,
        score_high=None,
        rank=None,
        rank_low=None,
        rank_high=None,
        top5_probability=None,
        tied_with=(),
        note=_why_unranked(cause, theme, share, scoring),
    )


def _why_unranked(
    cause: RootCause, theme: Friction | None, share: _Share | None, scoring: ScoringConfig
) -> str:
    if cause.state == "rejected":
        why = f": {cause.decision_note}" if cause.decision_note else ""
        return f"rejected by {cause.decided_by or 'a person'}{why}"
    if theme is None:
        return "nobody mentioned the theme in the ranking window"
    if theme.rank is None:
        return theme.note
    if cause.customers < scoring.min_customers:
        return NOT_ENOUGH
    return "" if share is not None and share.claimed else "no mention in the ranking window"


def _shares(
    root_causes: Sequence[RootCause],
    *,
    pieces: Mapping[str, Cause],
    population: Population,
    scoring: ScoringConfig,
) -> dict[str, _Share]:
    by_theme: dict[str, list[RootCause]] = {}
    for cause in root_causes:
        if cause.theme_id in population.members:
            by_theme.setdefault(cause.theme_id, []).append(cause)
    if not by_theme:
        return {}
    themes = [
        claims(population, name, by_theme[name], pieces, population.members[name])
        for name in sorted(by_theme)
    ]
    masses, reach = _drawn(themes, customers=int(population.customers.max()) + 1, scoring=scoring)
    tail = (1.0 - scoring.level) / 2.0
    found: dict[str, _Share] = {}
    for at, one in enumerate(themes):
        point = credit(one, one.mass()[None, :], point_excesses(one))[0]
        lifts = drawn_excesses(one, draws=scoring.resamples, seed=scoring.seed)
        draws = credit(one, masses[at], lifts)
        low, high = np.quantile(draws, [tail, 1.0 - tail], axis=0)
        for column, cause in enumerate(one.causes):
            share = round(float(point[column]), 6)
            found[cause.id] = _Share(
                claimed=bool(one.claimed[:, one.owner == column].any()),
                point=share,
                low=round(min(float(low[column]), share), 6),
                high=round(max(float(high[column]), share), 6),
                reached=reach[:, at] * draws[:, column],
            )
    return found


def _drawn(
    themes: Sequence[Claims], *, customers: int, scoring: ScoringConfig
) -> tuple[list[FloatArray], FloatArray]:
    """Shares of the votes by pattern, each (resamples, patterns), and reach (resamples, themes).

    Both from the same draws of customers.
    """
    ends = np.cumsum([0, *(len(one.claimed) for one in themes)])
    votes = csr_matrix(
        (
            np.concatenate([one.vote for one in themes]),
            (
                np.concatenate([one.pattern + at for one, at in zip(themes, ends, strict=False)]),
                np.concatenate([one.customer for one in themes]),
            ),
        ),
        shape=(int(ends[-1]), customers),
    )
    # A customer's votes on a theme add up to one: so do a theme's patterns to its reach.
    masses = np.empty((scoring.resamples, int(ends[-1])))
    drawn = customer_weights(customers, of="reach", resamples=scoring.resamples, seed=scoring.seed)
    for start in range(0, scoring.resamples, _BATCH):
        weights = np.array(list(islice(drawn, _BATCH)))
        masses[start : start + len(weights)] = (votes @ weights.T).T
    parts = [masses[:, start:end] for start, end in pairwise(ends.tolist())]
    reach = np.stack([part.sum(axis=1) for part in parts], axis=1)
    return [part / part.sum(axis=1, keepdims=True) for part in parts], reach
