"""From what people write in labels/scoring.yaml to the settings of the stages."""

from __future__ import annotations

from dataclasses import replace

from labels.scoring import Scoring
from nlp.discover import BirthConfig
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
