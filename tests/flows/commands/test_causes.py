from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from flows.cli import app


def groundswell(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), *arguments])


def test_causes_are_listed_by_rank(stocked_home: Path) -> None:
    lines = groundswell(stocked_home, "cause", "list").stdout.splitlines()
    assert lines == [
        "R1  1.   confirmed: the update",
        "R2  -    observed: plan = Pro",
        "2 root causes",
    ]
    rows = json.loads(groundswell(stocked_home, "cause", "list", "--all", "--json").stdout)
    assert [(row["week"], row["id"]) for row in rows] == [("2026-W42", "R1"), ("2026-W42", "R2")]
    unknown = groundswell(stocked_home, "cause", "list", "--week", "2026-W01")
    assert unknown.exit_code == 1
    assert "2026-W01 was not run" in unknown.stderr


def test_a_cause_is_shown_with_every_statement_behind_it(stocked_home: Path) -> None:
    text = groundswell(stocked_home, "cause", "show", "R1").stdout
    assert text.startswith("R1  confirmed: the update\ntheme: T2 ")
    assert "state: confirmed by ana: seen in the log" in text
    assert "Customers say (C1): “the update”; said by 1 customer, 50% of the theme" in text
    assert "  desk/t1#1  " in text
    assert text.endswith("Customer-stated or correlated, never proven.\n")
    found = json.loads(groundswell(stocked_home, "cause", "show", "R1", "--json").stdout)
    (piece,) = found["pieces"]
    assert [quote["statement_id"] for quote in piece["quotes"]] == ["desk/t1#1"]


@pytest.mark.parametrize("verb", ["show", "confirm", "reject"])
def test_an_unknown_cause_is_refused_with_the_way_out(stocked_home: Path, verb: str) -> None:
    more = [] if verb == "show" else ["--why", "seen"]
    told = groundswell(stocked_home, "cause", verb, "R9", *more)
    assert told.exit_code == 1
    assert "there is no root cause R9; ids are in: groundswell cause list" in told.stderr


@pytest.mark.parametrize(
    ("command", "kind", "value"),
    [
        (["cause", "confirm", "R2"], "confirm-cause", {"cause_id": "R2"}),
        (["cause", "reject", "R2"], "reject-cause", {"cause_id": "R2"}),
        (["correct", "effort", "T2", "3"], "effort", {"effort": 3.0}),
        (["correct", "effort", "billing", "0.5"], "effort", {"effort": 0.5}),
    ],
)
def test_a_verdict_is_a_decision_like_the_others(
    stocked_home: Path,
    backwards_home: Path,
    command: list[str],
    kind: str,
    value: dict[str, object],
) -> None:
    shown = groundswell(stocked_home, *command, "--why", "agreed", "--dry-run")
    assert "nothing was kept" in shown.stdout
    told = groundswell(stocked_home, *command, "--why", "agreed", "--who", "Ana")
    assert told.exit_code == 0, told.stderr
    (made,) = json.loads(groundswell(stocked_home, "correct", "list", "--json").stdout)
    assert (made["kind"], json.loads(made["value"]), made["who"]) == (kind, value, "Ana")
    file = stocked_home.parent / "corrections.yaml"
    groundswell(stocked_home, "correct", "export", "--out", str(file))
    (entry,) = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert entry["kind"] == kind
    assert {key: entry[key] for key in value} == value
    for expected in ("1 new decisions, 0 known", "0 new decisions, 1 known"):
        taken = groundswell(backwards_home, "correct", "import", str(file))
        assert expected in taken.stdout, taken.stderr
    undone = groundswell(stocked_home, "correct", "undo", str(made["id"]))
    assert undone.exit_code == 0
    assert groundswell(stocked_home, "correct", "list").stdout == "0 in force\n"


def test_an_effort_must_be_above_nothing(stocked_home: Path) -> None:
    told = groundswell(stocked_home, "correct", "effort", "T2", "0", "--why", "agreed")
    assert (told.exit_code, "above 0" in told.stderr) == (1, True)


def test_a_themes_history_tells_its_effort_and_leaves_verdicts_out(stocked_home: Path) -> None:
    groundswell(stocked_home, "correct", "effort", "T2", "3", "--why", "agreed")
    groundswell(stocked_home, "cause", "confirm", "R2", "--why", "agreed")
    told = groundswell(stocked_home, "themes", "history", "T2", "--json")
    assert [one["kind"] for one in json.loads(told.stdout)["decisions"]] == ["effort"]
