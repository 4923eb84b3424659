"""From what people write in labels/scoring.yaml to the settings of the stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from labels.scoring import Scoring
from nlp.discover import BirthConfig
from nlp.explain import Setting
from nlp.impact import ImpactConfig
from nlp.lifespan import LifespanConfig
from nlp.memory import MemoryConfig
from nlp.score import ScoringConfig
from nlp.series import TrendConfig


def memory_config(scoring: Scoring) -> MemoryConfig:
    """The theme engine with the rules of the labels about birth, retirement and revival."""
    births = replace(
        BirthConfig(),
        least_mentions=scoring.births.min_statements,
        least_customers=scoring.births.min_customers,
        least_weeks=scoring.births.min_weeks,
        burst=scoring.births.burst,
        least_stability=scoring.births.min_stability,
    )
    lifespan = LifespanConfig(
        silent_weeks=scoring.lifespan.silent_weeks,
        least_expected=scoring.lifespan.min_expected,
        revival_weeks=scoring.lifespan.revival_weeks,
        revival_mentions=scoring.lifespan.revival_mentions,
        revival_customers=scoring.lifespan.revival_customers,
    )
    return MemoryConfig(births=births, lifespan=lifespan)


def trend_config(scoring: Scoring) -> TrendConfig:
    """The trend gate with the rules of the labels."""
    return replace(
        TrendConfig(),
        baseline_weeks=scoring.trend.baseline_weeks,
        min_customers=scoring.trend.min_customers,
        max_q=scoring.trend.fdr,
        min_block_customers=scoring.three_months.min_customers,
        min_block_weeks=scoring.three_months.min_weeks,
    )


def scoring_config(scoring: Scoring) -> ScoringConfig:
    """Ranking and impact with the minimums, weights and efforts of the labels."""
    return ScoringConfig(
        min_customers=scoring.minimum.customers,
        by_evidence_kinds=scoring.confidence.by_evidence_kinds,
        confirmed=scoring.confidence.confirmed,
        score_weight=scoring.impact.score_loss,
        recontact_weight=scoring.impact.recontact,
        effort_default=scoring.effort.default,
        effort_by_owner=dict(scoring.effort.per_owner),
        effort_by_theme=dict(scoring.effort.per_theme),
        impact=replace(ImpactConfig(), min_scored=scoring.minimum.scored),
    )


def explaining_setting(
    labels: Scoring, *, theme_id: str, owner_id: str, decided: Mapping[str, float]
) -> Setting:
    """What people set for a theme now, as the explanation of a rank needs it.

    Args:
        owner_id: the theme's owner; "" for none.
        decided: efforts by theme or owner id that people decided on, over those of the labels.
    """
    scoring = scoring_config(labels).with_efforts(decided)
    source = scoring.effort_source(theme_id, owner_id)
    subject = theme_id if source == "theme" else owner_id
    if source == "default":
        why = "nobody has said otherwise: effort.default of labels/scoring.yaml"
    elif subject in decided:
        why = f"decided for the {source} {subject}"
    else:
        why = f"effort.per_{source} of labels/scoring.yaml, {subject}"
    return Setting(
        effort=scoring.effort(theme_id, owner_id),
        effort_why=why,
        scoring=scoring,
        reach_weeks=labels.window.friction_weeks,
    )
