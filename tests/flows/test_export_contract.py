from __future__ import annotations

import pytest

from flows.exports.columns import TABLES, Noun

# What was promised to those who read exports by program: these columns, first and in this order.
PROMISED: dict[Noun, str] = {
    "assignments": "feedback_id, source, kind, created_at, week, statement_no, statement, theme_id, "
    "parent_theme_id, state, confidence, method",
    "themes": "theme_id, parent_theme_id, label, born_week, retired_week, statements, customers, "
    "owner, owner_reason, owner_confidence, journey_stage, mean_score, exemplars",
    "trends": "week, theme_id, label, status, statements, customers, rate_ratio, ratio_low, "
    "ratio_high, q_value, rank",
    "causes": "cause_id, theme_id, kind, statement, conditions, onset, event, customers, "
    "statements, share_of_theme, lift, q_value, rank, rank_low, rank_high, evidence_ids",
    "friction": "rank, rank_low, rank_high, theme_id, label, owner, journey_stage, reach, impact, "
    "impact_low, impact_high, confidence, effort, score, top_causes",
}


@pytest.mark.parametrize("noun", sorted(PROMISED))
def test_promised_columns_come_first_and_in_order(noun: Noun) -> None:
    promised = PROMISED[noun].split(", ")

    assert [column.name for column in TABLES[noun].columns][: len(promised)] == promised


def test_everything_that_can_be_exported_has_columns() -> None:
    assert set(TABLES) == {
        *PROMISED, "feedback", "statements", "owners", "lineage", "quarantine"
    }  # fmt: skip
