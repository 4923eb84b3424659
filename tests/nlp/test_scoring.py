from __future__ import annotations

from pathlib import Path

import pytest

from labels.schema import load
from labels.scoring import Scoring
from nlp.lifespan import LifespanConfig
from nlp.score import ScoringConfig
from nlp.scoring import explaining_setting, memory_config, scoring_config, trend_config

OWN = """
minimum: {customers: 91, scored: 92}
confidence: {by_evidence_kinds: [0.11, 0.22, 0.33, 0.44], confirmed: 0.55}
impact: {score_loss: 0.12, recontact: 0.13}
effort: {default: 1.5, per_owner: {}, per_theme: {T-1: 2.5}}
trend: {baseline_weeks: 93, fdr: 0.21, min_customers: 94}
three_months: {min_customers: 95, min_weeks: 3}
births: {min_statements: 96, min_customers: 97, min_weeks: 98, burst: 99, min_stability: 0.31}
lifespan: {silent_weeks: 81, min_expected: 8.2, revival_weeks: 83, revival_mentions: 84}
"""


@pytest.fixture(scope="module")
def scoring(tmp_path_factory: pytest.TempPathFactory) -> Scoring:
    folder: Path = tmp_path_factory.mktemp("labels")
    (folder / "scoring.yaml").write_text(OWN)
    return load(folder).scoring


def test_what_people_write_about_births_reaches_the_theme_engine(scoring: Scoring) -> None:
    births = memory_config(scoring).births
    assert (births.least_mentions, births.least_customers, births.least_weeks) == (96, 97, 98)
    assert (births.burst, births.least_stability) == (99, 0.31)


def test_what_people_write_about_silence_reaches_the_theme_engine(scoring: Scoring) -> None:
    lifespan = memory_config(scoring).lifespan
    assert (lifespan.silent_weeks, lifespan.least_expected) == (81, 8.2)
    assert (lifespan.revival_weeks, lifespan.revival_mentions) == (83, 84)
    assert lifespan.revival_customers == load().scoring.lifespan.revival_customers


def test_the_packaged_lifespan_is_that_of_the_engine() -> None:
    assert memory_config(load().scoring).lifespan == LifespanConfig()


def test_what_people_write_about_trends_reaches_the_gate(scoring: Scoring) -> None:
    config = trend_config(scoring)
    assert (config.baseline_weeks, config.max_q, config.min_customers) == (93, 0.21, 94)
    assert (config.min_block_customers, config.min_block_weeks) == (95, 3)


def test_what_people_write_about_ranks_reaches_the_ranking(scoring: Scoring) -> None:
    config = scoring_config(scoring)
    assert (config.min_customers, config.impact.min_scored) == (91, 92)
    assert config.by_evidence_kinds == (0.11, 0.22, 0.33, 0.44)
    assert config.confirmed == 0.55
    assert (config.score_weight, config.recontact_weight) == (0.12, 0.13)
    assert (config.effort_default, dict(config.effort_by_theme)) == (1.5, {"T-1": 2.5})
    assert dict(config.effort_by_owner) == {}


def test_the_packaged_scoring_is_that_of_the_ranking() -> None:
    assert scoring_config(load().scoring) == ScoringConfig()


@pytest.mark.parametrize(
    ("decided", "effort", "why"),
    [
        ({}, 2.5, "effort.per_theme of labels/scoring.yaml, T-1"),
        ({"mobile": 7.0}, 7.0, "decided for the owner mobile"),
        ({"mobile": 7.0, "T-1": 5.0}, 5.0, "decided for the theme T-1"),
    ],
)
def test_the_reason_says_whose_effort_counts(
    scoring: Scoring, decided: dict[str, float], effort: float, why: str
) -> None:
    found = explaining_setting(scoring, theme_id="T-1", owner_id="mobile", decided=decided)
    assert (found.effort, found.effort_why) == (effort, why)
