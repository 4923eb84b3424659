from __future__ import annotations

import ast
from pathlib import Path

import pytest

from service.exports.columns import NOUNS, TABLES, Noun, describe

ROOT = Path(__file__).parents[3]

# What was promised: at least these, in this order.
PROMISED: dict[Noun, str] = {
    "assignments": "feedback_id, source, kind, created_at, week, statement_no, statement, "
    "theme_id, parent_theme_id, state, confidence, method",
    "themes": "theme_id, parent_theme_id, label, born_week, retired_week, statements, customers, "
    "owner, owner_reason, owner_confidence, journey_stage, mean_score, exemplars",
    "trends": "week, theme_id, label, status, statements, customers, rate_ratio, ratio_low, "
    "ratio_high, q_value, rank",
    "causes": "cause_id, theme_id, kind, statement, conditions, onset, event, customers, "
    "statements, share_of_theme, lift, q_value, rank, rank_low, rank_high, evidence_ids",
    "friction": "rank, rank_low, rank_high, theme_id, label, owner, journey_stage, reach, impact, "
    "impact_low, impact_high, confidence, effort, score, top_causes",
}


@pytest.mark.parametrize("noun", PROMISED)
def test_promised_columns_come_first_and_in_order(noun: Noun) -> None:
    promised = PROMISED[noun].split(", ")
    assert [column.name for column in TABLES[noun].columns][: len(promised)] == promised


def test_every_noun_has_a_table_of_differently_named_explained_columns() -> None:
    assert tuple(TABLES) == NOUNS
    for table in TABLES.values():
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
        assert all(len(column.description) > 5 for column in table.columns)


def test_exports_page_is_what_the_code_says() -> None:
    page = (ROOT / "EXPORTS.md").read_text(encoding="utf-8")
    assert page == describe(), "run: groundswell export --columns > EXPORTS.md"


def test_lineage_names_the_kinds_of_event_that_are_made() -> None:
    made = {
        node.args[2].value
        for path in sorted((ROOT / "nlp").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ThemeEvent"
        if isinstance(node.args[2], ast.Constant)
    }
    told = next(c.description for c in TABLES["lineage"].columns if c.name == "kind")
    named = told.split(" (")[0].replace(" or ", ", ").split(", ")
    assert set(named) == made
