"""Through the plain function, on a store made by the store's own functions."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.exporting import NothingPublishedError, export
from service.exports.columns import NOUNS, Noun
from service.exports.files import Format
from store.database import Engine, migrate, open_database


@pytest.fixture
def engine(stocked_home: Path) -> Iterator[Engine]:
    made = open_database(f"sqlite:///{stocked_home / 'groundswell.sqlite'}")
    yield made
    made.dispose()


def _rows(engine: Engine, noun: Noun) -> list[dict[str, Any]]:
    content = export(engine, noun, format="jsonl").content
    return [json.loads(line) for line in content.splitlines()]


def test_feedback(engine: Engine) -> None:
    rows = _rows(engine, "feedback")
    assert [row["id"] for row in rows] == ["t1", "t2", "t3"]
    assert rows[0]["created_at"] == "2026-10-12T08:01:00Z"
    assert rows[0]["attributes"] == {"plan": "Pro"}
    assert (rows[0]["score"], rows[2]["score"]) == (1, None)


def test_statements(engine: Engine) -> None:
    rows = _rows(engine, "statements")
    assert [row["statement_id"] for row in rows] == [
        *("desk/t1#1", "desk/t1#2", "desk/t2#1", "desk/t3#1"),
    ]
    assert [row["noise"] for row in rows] == [None, "courtesy", None, None]
    assert rows[0]["clauses"][0]["connective"] == "since"


def test_every_statement_is_assigned_once_with_a_leaf_only_in_state_leaf(engine: Engine) -> None:
    rows = _rows(engine, "assignments")
    assert [(row["statement_no"], row["theme_id"], row["state"]) for row in rows] == [
        (1, "T2", "leaf"),
        (2, None, "noise"),
        (1, "T2", "leaf"),
        (1, None, "unthemed"),
    ]
    assert rows[1]["method"] == "courtesy"
    assert rows[0]["parent_theme_id"] == "T1"


def test_themes_count_statements_customers_and_scores(engine: Engine) -> None:
    parent, leaf = _rows(engine, "themes")
    assert (leaf["theme_id"], leaf["parent_theme_id"]) == ("T2", "T1")
    assert (leaf["statements"], leaf["customers"]) == (2, 2)
    assert (parent["statements"], parent["customers"]) == (2, 2)
    assert leaf["mean_score"] == 0.25  # csat 1 and 3 of 1 to 5: 0 and 0.5
    assert leaf["exemplars"] == ["Signed out again"]
    assert (leaf["owner"], leaf["owner_reason"]) == ("Ana", "text has 'signed out'")
    assert (leaf["journey_stage"], parent["journey_stage"]) == ("Daily use", None)
    assert parent["owner_needs_confirmation"] is True


def test_ranked_come_first(engine: Engine) -> None:
    assert [row["cause_id"] for row in _rows(engine, "causes")] == ["C1", "C2"]
    friction = _rows(engine, "friction")
    assert [row["theme_id"] for row in friction] == ["T2", "T1"]
    assert friction[0]["impact"] == 0.333333
    assert friction[1]["note"] == "not enough data"
    assert _rows(engine, "causes")[1]["conditions"] == {"plan": "Pro"}


def test_root_causes_name_their_pieces_and_the_verdict(engine: Engine) -> None:
    first, second = _rows(engine, "root-causes")
    assert (first["root_cause_id"], first["evidence"], first["rank"]) == ("R1", ["C1"], 1)
    assert (first["state"], first["decided_by"]) == ("confirmed", "ana")
    assert first["decision_note"] == "seen in the log"
    assert first["score"] == 0.333333
    assert (second["rank"], second["decided_by"], second["kinds"]) == (None, None, ["where"])
    assert {"theme_label", "owner", "reach_low", "reach_high"} <= set(first)
    assert (first["theme_label"], first["owner"]) == ("Signed out", "Ana")
    assert [row["root_cause_id"] for row in _rows(engine, "causes")] == ["R1", "R2"]


def test_trends_owners_lineage_quarantine(engine: Engine) -> None:
    assert [row["theme_id"] for row in _rows(engine, "trends")] == ["T1", "T2"]
    assert [row["owner"] for row in _rows(engine, "owners")] == ["Operations", "Ana"]
    assert [row["related"] for row in _rows(engine, "lineage")] == [[], ["T1"]]
    assert [row["line"] for row in _rows(engine, "quarantine")] == [4, 9]


def test_customers_cannot_smuggle_formulas_into_a_spreadsheet(engine: Engine) -> None:
    content = export(engine, "assignments", format="csv").content.decode()
    first = next(csv.DictReader(io.StringIO(content, newline="")))
    assert first["statement"].startswith("'=cmd()")


def test_the_order_of_arrival_leaves_no_trace(engine: Engine, backwards_home: Path) -> None:
    other = open_database(f"sqlite:///{backwards_home / 'groundswell.sqlite'}")
    formats: tuple[Format, ...] = ("csv", "jsonl", "parquet")
    for noun in NOUNS:
        for form in formats:
            made = export(engine, noun, format=form)
            assert made.rows > 0
            assert made.content == export(other, noun, format=form).content, (noun, form)
    other.dispose()


def test_a_week_that_was_not_run_is_refused_with_what_was(engine: Engine) -> None:
    with pytest.raises(NothingPublishedError, match="2026-W42 to 2026-W42"):
        export(engine, "themes", format="csv", week="2026-W41")


def test_before_the_first_run_there_is_feedback_and_no_theme(tmp_path: Path) -> None:
    fresh = open_database(f"sqlite:///{tmp_path / 'fresh.sqlite'}")
    migrate(fresh)
    assert export(fresh, "feedback", format="csv").rows == 0
    with pytest.raises(NothingPublishedError, match="groundswell run"):
        export(fresh, "themes", format="csv")
    fresh.dispose()
