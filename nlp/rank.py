"""Friction points ranked by expected avoidable harm per effort, with intervals for the rank itself.

score = reach x impact x confidence / effort, RICE in spirit: reach is the distinct customers of the
period, impact the harm per mention (0..1), confidence by how many kinds of cause evidence agree,
effort as people set it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nlp.causes.order import cause_order, rank_causes
from nlp.impact import Impact, ImpactConfig
from nlp.population import IntArray, Population
from nlp.rates import FloatArray
from nlp.records import Cause, Friction, OwnerMatch, StageMatch
from nlp.resample import customer_weights
from nlp.standing import Standing, stand
from nlp.weeks import shift

__all__ = ["ScoringConfig", "rank_causes", "rank_friction"]


@dataclass(frozen=True, slots=True)
class ScoringConfig:
    """What goes into the score; labels/scoring.yaml is mapped onto this."""

    # Under five distinct customers one more or less moves the score by a fifth: no rank then.
    min_customers: int = 5
    # Confidence by how many kinds of cause (said, where, when) the theme has: a guess is 0.5.
    by_evidence_kinds: tuple[float, ...] = (0.5, 0.7, 0.85, 1.0)
    # Scores are the customer's own word; coming back may have other reasons. A source without data
    # is left out and the rest rescaled.
    score_weight: float = 0.6
    recontact_weight: float = 0.25
    effort_default: float = 1.0
    effort_by_owner: Mapping[str, float] = field(default_factory=dict)
    effort_by_theme: Mapping[str, float] = field(default_factory=dict)
    resamples: int = 400
    seed: int = 20240229
    # Two themes are tied unless one leads in 95% of the resamples (a 90% two-sided interval).
    level: float = 0.90
    impact: ImpactConfig = field(default_factory=ImpactConfig)

    def effort(self, theme_id: str, owner_id: str) -> float:
        """The effort set for the theme, else for its owner, else the default."""
        return self.effort_by_theme.get(
            theme_id, self.effort_by_owner.get(owner_id, self.effort_default)
        )

    def confidence(self, causes: Iterable[Cause]) -> float:
        """By the number of different kinds among the theme's causes."""
        kinds = len({cause.kind for cause in causes})
        return self.by_evidence_kinds[min(kinds, len(self.by_evidence_kinds) - 1)]


_DEFAULT = ScoringConfig()


def rank_friction(
    population: Population,
    *,
    week: str,
    themes: Sequence[str],
    labels_of: Mapping[str, str],
    owners: Mapping[str, OwnerMatch],
    stages: Mapping[str, StageMatch],
    causes: Sequence[Cause],
    impacts: Mapping[str, Impact],
    window_weeks: int | None = None,
    scoring: ScoringConfig = _DEFAULT,
) -> tuple[Friction, ...]:
    """Friction points, the ranked ones first; then those without a rank, by reach.

    Without a rank: themes under `scoring.min_customers` ("not enough data") and praise, that is,
    themes whose mentions go with better scores than comparable customers give, the whole interval
    above, and whose own customers are satisfied (`ImpactConfig.praise_score`). A theme without
    enough scores cannot be told for praise. Themes nobody mentioned in the window are left out.

    Args:
        population: feedback up to `week`.
        themes: leaf themes; parents would count their leaves' customers again.
        window_weeks: reach is counted over the weeks up to `week`; None takes all that is given.
    """
    first = "" if window_weeks is None else shift(week, 1 - window_weeks)
    inside = np.array([first <= at <= week for at in population.weeks], dtype=np.bool_)
    by_theme: dict[str, list[Cause]] = {}
    for cause in causes:
        by_theme.setdefault(cause.theme_id, []).append(cause)
    rows = {
        name: population.members[name][inside[population.members[name]]]
        for name in sorted(set(themes))
        if name in population.members
    }
    reach = {name: population.distinct_customers(at) for name, at in rows.items() if at.size}

    told = sorted(reach)
    notes = {name: _why_unranked(reach[name], impacts[name], scoring) for name in told}
    ranked = [name for name in told if not notes[name]]
    factor = {
        name: scoring.confidence(by_theme.get(name, ()))
        / scoring.effort(name, owners[name].owner_id)
        for name in told
    }
    harm = {name: _harm(impacts[name], scoring) for name in told}
    draws = _score_draws(
        [np.unique(population.customers[rows[name]]) for name in ranked],
        [harm[name] for name in ranked],
        np.array([factor[name] for name in ranked], dtype=np.float64),
        customers=int(population.customers.max()) + 1 if ranked else 0,
        scoring=scoring,
    )
    scores = np.array([_score(reach[n], harm[n].point, factor[n]) for n in ranked])
    standing = stand(scores, draws, level=scoring.level)
    places = {name: at for at, name in enumerate(ranked)}
    records = [
        _friction(
            Friction(
                theme_id=name,
                label=labels_of.get(name, name),
                owner=owners[name].owner_name,
                journey_stage=stages[name].stage_name,
                reach=reach[name],
                impact=harm[name].point,
                impact_low=harm[name].low,
                impact_high=harm[name].high,
                confidence=scoring.confidence(by_theme.get(name, ())),
                effort=scoring.effort(name, owners[name].owner_id),
                score=None,
                rank=None,
                rank_low=None,
                rank_high=None,
                top5_probability=None,
                tied_with=(),
                top_causes=tuple(
                    cause.id for cause in sorted(by_theme.get(name, ()), key=cause_order)[:3]
                ),
                note=notes[name] or impacts[name].note,
            ),
            at=places.get(name),
            names=ranked,
            scores=scores,
            standing=standing,
        )
        for name in told
    ]
    last = len(records) + 1
    return tuple(sorted(records, key=lambda f: (f.rank or last, -f.reach, f.theme_id)))


@dataclass(frozen=True, slots=True)
class _Harm:
    """Harm per mention, never below 0, with its interval; draws shape (resamples,)."""

    point: float
    low: float
    high: float
    draws: FloatArray


def _why_unranked(reach: int, impact: Impact, scoring: ScoringConfig) -> str:
    if reach < scoring.min_customers:
        return "not enough data"
    return "praise: scores above comparable customers'" if impact.praise else ""


def _harm(impact: Impact, scoring: ScoringConfig) -> _Harm:
    """Score loss and recontact in one number: their weighted mean; without recontact, the loss."""
    point, draws = max(impact.loss, 0.0), np.maximum(impact.draws, 0.0)
    again = impact.recontact_rate
    weight = scoring.score_weight + scoring.recontact_weight
    if again is not None and scoring.recontact_weight > 0 and weight > 0:
        a, b = scoring.score_weight / weight, scoring.recontact_weight / weight
        point = a * point + b * again
        draws = a * draws + b * impact.recontact_draws
    tail = (1.0 - scoring.level) / 2.0
    low, high = np.quantile(draws, [tail, 1.0 - tail]).tolist() if draws.size else (0.0, 1.0)
    return _Harm(
        point=round(point, 6),
        low=round(min(low, point), 6),
        high=round(max(high, point), 6),
        draws=draws,
    )


def _score(reach: float, harm: float, factor: float) -> float:
    return round(reach * harm * factor, 6)


def _score_draws(
    who: Sequence[IntArray],
    harm: Sequence[_Harm],
    factor: FloatArray,
    *,
    customers: int,
    scoring: ScoringConfig,
) -> FloatArray:
    """Scores in every resample, reach and harm drawn independently; shape (resamples, ranked)."""
    resamples = min([scoring.resamples, *(one.draws.size for one in harm)])
    found = np.zeros((resamples, len(who)))
    drawn = customer_weights(customers, of="reach", resamples=resamples, seed=scoring.seed)
    for number, weights in enumerate(drawn):
        for at, codes in enumerate(who):
            found[number, at] = float(weights[codes].sum()) * float(harm[at].draws[number])
    return found * factor


def _friction(
    plain: Friction,
    *,
    at: int | None,
    names: Sequence[str],
    scores: FloatArray,
    standing: Standing,
) -> Friction:
    if at is None:
        short = plain.note == "not enough data"
        return replace(plain, impact=None, impact_low=None, impact_high=None) if short else plain
    return replace(
        plain,
        score=float(scores[at]),
        rank=int(standing.rank[at]),
        rank_low=int(standing.rank_low[at]),
        rank_high=int(standing.rank_high[at]),
        top5_probability=round(float(standing.top5[at]), 6),
        tied_with=tuple(names[other] for other in standing.tied[at]),
    )
