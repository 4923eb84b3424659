"""Friction points ranked by expected avoidable harm per effort, with intervals for the rank itself.

score = reach x impact x confidence / effort, RICE in spirit: reach is the distinct customers of the
period, impact the harm per mention (0..1), confidence by how many kinds of cause evidence agree,
effort as people set it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
from scipy.sparse import csr_matrix

from nlp.causes.order import cause_order, rank_causes
from nlp.harm import Harm
from nlp.impact import Impact
from nlp.population import IntArray, Mentions, Population, mentioned
from nlp.rates import FloatArray
from nlp.records import Cause, Friction, OwnerMatch, RootCause, StageMatch
from nlp.resample import customer_weights
from nlp.score import ScoringConfig
from nlp.standing import Standing, stand
from nlp.weeks import shift

__all__ = ["NOT_ENOUGH", "PRAISE", "ScoringConfig", "rank_causes", "rank_friction"]

NOT_ENOUGH = "not enough data"
PRAISE = "praise: scores above comparable customers'"


_DEFAULT = ScoringConfig()
_BATCH = 50  # resamples at a time: with 100,000 customers their weights are 40 megabytes


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
    root_causes: Sequence[RootCause] = (),
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
        causes: pieces of evidence, for `top_causes`; those of rejected causes are left out.
        root_causes: the pieces joined: the best known one of a theme says the confidence.
        window_weeks: reach is counted over the weeks up to `week`; None takes all that is given.
    """
    first = "" if window_weeks is None else shift(week, 1 - window_weeks)
    inside = population.in_weeks(first, week)
    rejected = {name for one in root_causes if one.state == "rejected" for name in one.evidence}
    by_theme: dict[str, list[Cause]] = {}
    for cause in causes:
        if cause.id not in rejected:
            by_theme.setdefault(cause.theme_id, []).append(cause)
    joined: dict[str, list[RootCause]] = {}
    for one in root_causes:
        joined.setdefault(one.theme_id, []).append(one)
    names, mentions = mentioned(population, themes)
    theme, who = _who(mentions.of(inside), population.customers)
    ends = np.searchsorted(theme, np.arange(len(names) + 1)).tolist()
    codes = {
        name: who[begin:end]
        for name, (begin, end) in zip(names, pairwise(ends), strict=True)
        if begin < end
    }
    reach = {name: own.size for name, own in codes.items()}

    told = sorted(reach)
    notes = {name: _why_unranked(reach[name], impacts[name], scoring) for name in told}
    ranked = [name for name in told if not notes[name]]
    confidence = {name: scoring.confidence(joined.get(name, ())) for name in told}
    effort = {name: scoring.effort(name, owners[name].owner_id) for name in told}
    harms = dict(zip(told, scoring.harms([impacts[name] for name in told]), strict=True))
    reached, draws = _draws(
        [codes[name] for name in ranked],
        [harms[name] for name in ranked],
        np.array([confidence[name] / effort[name] for name in ranked], dtype=np.float64),
        customers=int(population.customers.max()) + 1 if ranked else 0,
        scoring=scoring,
    )
    scores = np.array([_score(reach[n], harms[n].point, confidence[n], effort[n]) for n in ranked])
    standing = stand(scores, draws, level=scoring.level)
    tail = (1.0 - scoring.level) / 2.0
    bounds = (
        np.quantile(np.stack([reached.T, draws.T]), [tail, 1.0 - tail], axis=2)
        if ranked
        else np.empty(0)
    )
    places = {name: at for at, name in enumerate(ranked)}
    records = []
    for name in told:
        plain = _unranked(
            name,
            label=labels_of.get(name, name),
            owner=owners[name].owner_name,
            stage=stages[name].stage_name,
            reach=reach[name],
            impact=impacts[name],
            harm=harms[name],
            confidence=confidence[name],
            effort=effort[name],
            top_causes=sorted(by_theme.get(name, ()), key=cause_order)[:3],
            note=notes[name],
        )
        at = places.get(name)
        records.append(
            plain
            if at is None
            else _ranked(
                plain,
                at=at,
                names=ranked,
                score=float(scores[at]),
                bounds=bounds[:, :, at],
                standing=standing,
            )
        )
    last = len(records) + 1
    return tuple(sorted(records, key=lambda f: (f.rank or last, -f.reach, f.theme_id)))


def _who(mentions: Mentions, customers: IntArray) -> tuple[IntArray, IntArray]:
    """Themes and their different customers, sorted by both."""
    width = int(customers.max(initial=0)) + 1
    theme, who = np.divmod(np.unique(mentions.theme * width + customers[mentions.row]), width)
    return theme, who


def _score(reach: float, impact: float, confidence: float, effort: float) -> float:
    return round(reach * impact * confidence / effort, 6)


def _why_unranked(reach: int, impact: Impact, scoring: ScoringConfig) -> str:
    if reach < scoring.min_customers:
        return NOT_ENOUGH
    return PRAISE if impact.praise else ""


def _draws(
    who: Sequence[IntArray],
    harms: Sequence[Harm],
    factor: FloatArray,
    *,
    customers: int,
    scoring: ScoringConfig,
) -> tuple[FloatArray, FloatArray]:
    """Reach and score in every resample; shapes (resamples, ranked).

    Reach and harm are drawn independently, see `customer_weights`.
    """
    resamples = min([scoring.resamples, *(one.draws.size for one in harms)])
    reached = np.zeros((resamples, len(who)))
    codes = np.concatenate([np.empty(0, dtype=np.int64), *who])
    ends = np.cumsum([0, *(one.size for one in who)])
    mentions = csr_matrix((np.ones(codes.size), codes, ends), (len(who), customers))
    drawn = customer_weights(customers, of="reach", resamples=resamples, seed=scoring.seed)
    for start in range(0, resamples, _BATCH):
        weights = np.array(list(islice(drawn, _BATCH)))
        reached[start : start + _BATCH] = (mentions @ weights.T).T
    harmed = np.array([one.draws[:resamples] for one in harms]).T.reshape(reached.shape)
    return reached, reached * harmed * factor


def _unranked(
    name: str,
    *,
    label: str,
    owner: str,
    stage: str,
    reach: int,
    impact: Impact,
    harm: Harm,
    confidence: float,
    effort: float,
    top_causes: Sequence[Cause],
    note: str,
) -> Friction:
    short = note == NOT_ENOUGH
    measured = impact.source == "score"
    return Friction(
        theme_id=name,
        label=label,
        owner=owner,
        journey_stage=stage,
        reach=reach,
        impact=None if short else harm.point,
        impact_low=None if short else harm.low,
        impact_high=None if short else harm.high,
        confidence=confidence,
        effort=effort,
        score=None,
        rank=None,
        rank_low=None,
        rank_high=None,
        top5_probability=None,
        tied_with=(),
        top_causes=tuple(cause.id for cause in top_causes),
        note=note or impact.note,
        loss=impact.loss if measured or not short else None,
        loss_low=impact.low if measured or not short else None,
        loss_high=impact.high if measured or not short else None,
        scored=impact.scored,
        recontact_rate=impact.recontact_rate,
        reopen_rate=impact.reopen_rate,
        days_to_resolve=impact.days_to_resolve,
        revenue=impact.revenue,
    )


def _ranked(
    plain: Friction,
    *,
    at: int,
    names: Sequence[str],
    score: float,
    bounds: FloatArray,
    standing: Standing,
) -> Friction:
    (reach_low, score_low), (reach_high, score_high) = bounds.tolist()
    return replace(
        plain,
        reach_low=min(round(reach_low), plain.reach),
        reach_high=max(round(reach_high), plain.reach),
        score=score,
        score_low=round(min(score_low, score), 6),
        score_high=round(max(score_high, score), 6),
        rank=int(standing.rank[at]),
        rank_low=int(standing.rank_low[at]),
        rank_high=int(standing.rank_high[at]),
        top5_probability=round(float(standing.top5[at]), 6),
        tied_with=tuple([names[other] for other in standing.tied[at]]),
    )
