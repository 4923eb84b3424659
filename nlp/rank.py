"""Friction points ranked by expected avoidable harm per effort, with intervals for the rank itself.

score = reach x impact x confidence / effort, RICE in spirit: reach is the distinct customers of the
period, impact the harm per mention (0..1), confidence by how many kinds of cause evidence agree,
effort as people set it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

import numpy as np
from scipy.sparse import csr_matrix

from nlp.causes.order import cause_order, rank_causes
from nlp.columns import Columns, columns_of
from nlp.harm import Harm
from nlp.impact import Impact, impacts_of
from nlp.population import IntArray, Mentions, Population
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
    columns = columns_of(population, themes)
    inside = columns.mentions.of(population.in_weeks(first, week))
    return rank_columns(
        replace(columns, mentions=inside),
        known=known_of(
            columns.themes,
            labels_of=labels_of,
            owners=owners,
            stages=stages,
            causes=causes,
            root_causes=root_causes,
            scoring=scoring,
        ),
        impacts=impacts,
        scoring=scoring,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a theme beside what is measured; top_causes: ids of pieces of evidence."""

    label: str
    owner: str
    stage: str
    confidence: float
    effort: float
    top_causes: tuple[str, ...]


def known_of(
    themes: Iterable[str],
    *,
    labels_of: Mapping[str, str],
    owners: Mapping[str, OwnerMatch],
    stages: Mapping[str, StageMatch],
    causes: Sequence[Cause],
    root_causes: Sequence[RootCause],
    scoring: ScoringConfig,
) -> dict[str, Known]:
    """By theme, see `rank_friction`."""
    rejected = {name for one in root_causes if one.state == "rejected" for name in one.evidence}
    by_theme: dict[str, list[Cause]] = {}
    for cause in causes:
        if cause.id not in rejected:
            by_theme.setdefault(cause.theme_id, []).append(cause)
    joined: dict[str, list[RootCause]] = {}
    for one in root_causes:
        joined.setdefault(one.theme_id, []).append(one)
    return {
        name: Known(
            label=labels_of.get(name, name),
            owner=owners[name].owner_name,
            stage=stages[name].stage_name,
            confidence=scoring.confidence(joined.get(name, ())),
            effort=scoring.effort(name, owners[name].owner_id),
            top_causes=tuple(
                cause.id for cause in sorted(by_theme.get(name, ()), key=cause_order)[:3]
            ),
        )
        for name in themes
    }


def rank_parts(
    reach: Columns, cost: Columns, *, known: Mapping[str, Known], scoring: ScoringConfig
) -> tuple[Friction, ...]:
    """Friction points of two windows of the same feedback: who is reached, and what it costs."""
    impacts = impacts_of(cost, config=scoring.impact)
    return rank_columns(reach, known=known, impacts=impacts, scoring=scoring)


def rank_columns(
    columns: Columns,
    *,
    known: Mapping[str, Known],
    impacts: Mapping[str, Impact],
    scoring: ScoringConfig,
) -> tuple[Friction, ...]:
    """`rank_friction` of what is already in columns."""
    names = columns.themes
    theme, who = _who(columns.mentions, columns.customers)
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
    harms = dict(zip(told, scoring.harms([impacts[name] for name in told]), strict=True))
    reached, draws = _draws(
        [codes[name] for name in ranked],
        [harms[name] for name in ranked],
        np.array([known[n].confidence / known[n].effort for n in ranked], dtype=np.float64),
        customers=int(columns.customers.max()) + 1 if ranked else 0,
        scoring=scoring,
    )
    scores = np.array([_score(reach[n], harms[n].point, known[n]) for n in ranked])
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
            known=known[name],
            reach=reach[name],
            impact=impacts[name],
            harm=harms[name],
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


def _score(reach: float, impact: float, known: Known) -> float:
    return round(reach * impact * known.confidence / known.effort, 6)


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
    known: Known,
    reach: int,
    impact: Impact,
    harm: Harm,
    note: str,
) -> Friction:
    short = note == NOT_ENOUGH
    measured = impact.source == "score"
    return Friction(
        theme_id=name,
        label=known.label,
        owner=known.owner,
        journey_stage=known.stage,
        reach=reach,
        impact=None if short else harm.point,
        impact_low=None if short else harm.low,
        impact_high=None if short else harm.high,
        confidence=known.confidence,
        effort=known.effort,
        score=None,
        rank=None,
        rank_low=None,
        rank_high=None,
        top5_probability=None,
        tied_with=(),
        top_causes=known.top_causes,
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
