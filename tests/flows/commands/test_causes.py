from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from flows.cli import app
from nlp.records import OwnerMatch, RootCause
from store.database import open_database, session_scope
from store.snapshots import save_snapshot

TOLD = RootCause(
    *("R3", "T2", "the rule", "observed", ("said",), ("C3",), 9, 9, 0.9, ("desk/t1#1",)),
    *("2026-W43",),
)
LATER = (
    replace(TOLD, rank=1, rank_low=1, rank_high=2, score=2.0, tied_with=("R4",)),
    replace(TOLD, id="R4", rank=2, rank_low=1, rank_high=2, score=1.0, tied_with=("R3",)),
    replace(TOLD, id="R5", note="not enough data", customers=3),
    replace(TOLD, id="R6", note="praise: scores above comparable customers'", customers=2),
    replace(TOLD, id="R7", state="rejected", note="rejected by ana: an old rule"),
)


def groundswell(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), *arguments])


@pytest.fixture
def later_home(stocked_home: Path) -> Path:
    """A home with a second week that tells other causes than the first."""
    engine = open_database(f"sqlite:///{stocked_home / 'groundswell.sqlite'}")
    with session_scope(engine) as session:
        save_snapshot(
            session,
            "2026-W43",
            trends=(),
            causes=(),
            root_causes=LATER,
            friction=(),
            owners={"T2": OwnerMatch("ana", "Ana", "rule", "", 1.0, needs_confirmation=False)},
            stages={},
            report_json="{}",
        )
    engine.dispose()
    return stocked_home


def listed(home: Path, *arguments: str) -> list[list[str]]:
    """The cells of the rows of the table; columns are two blanks or more apart."""
    text = groundswell(home, "cause", "list", *arguments).stdout
    lines = [line for line in text.splitlines() if " R" in line]
    return [re.split(r"\s{2,}", line.strip()) for line in lines]


def test_causes_are_listed_by_rank_with_theme_owner_and_why_there_is_none(
    stocked_home: Path,
) -> None:
    assert listed(stocked_home) == [
        ["1", "R1", "Signed out", "Ana", "1", "0.33", "confirmed", "the update"],
        ["not ranked", "R2", "Signed out", "Ana", "2", "-", "observed", "plan = Pro"],
    ]
    told = groundswell(stocked_home, "cause", "list").stdout
    assert told.endswith("2 root causes, 1 ranked\n")
    assert "tied" not in told
    rows = json.loads(groundswell(stocked_home, "cause", "list", "--all", "--json").stdout)
    assert [(row["week"], row["id"]) for row in rows] == [("2026-W42", "R1"), ("2026-W42", "R2")]
    assert list(rows[0])[-2:] == ["theme_label", "owner"]
    assert (rows[0]["theme_label"], rows[0]["owner"]) == ("Signed out", "Ana")
    unknown = groundswell(stocked_home, "cause", "list", "--week", "2026-W01")
    assert unknown.exit_code == 1
    assert "2026-W01 was not run" in unknown.stderr


def test_ties_and_reasons_stand_in_the_place_of_the_rank(later_home: Path) -> None:
    ranks = [(row[0], row[1]) for row in listed(later_home)]
    assert ranks == [
        ("1= (1 to 2)", "R3"),
        ("2= (1 to 2)", "R4"),
        ("not enough data", "R5"),
        ("praise", "R6"),
        ("rejected", "R7"),
    ]
    assert (
        "= tied: its rank cannot be told apart" in groundswell(later_home, "cause", "list").stdout
    )


def test_what_is_not_told_this_week_has_no_rank_of_this_week(later_home: Path) -> None:
    text = groundswell(later_home, "cause", "list", "--all").stdout
    assert listed(later_home, "--all")[-2][0] == "- (last told in"
    assert text.count("2026-W42)") == 2
    assert text.endswith("5 root causes, 2 ranked; 2 told in other weeks only\n")
    rows = json.loads(groundswell(later_home, "cause", "list", "--all", "--json").stdout)
    assert [(row["week"], row["id"], row["rank"], row["score"]) for row in rows[-2:]] == [
        ("2026-W42", "R1", None, None),
        ("2026-W42", "R2", None, None),
    ]


def test_a_cause_is_shown_with_every_statement_behind_it(stocked_home: Path) -> None:
    text = groundswell(stocked_home, "cause", "show", "R1").stdout
    assert text.startswith("R1  confirmed: the update\ntheme: T2 ")
    assert "state: confirmed by ana: seen in the log" in text
    assert "Customers say (C1): “the update”; 1 customer gives this reason" in text
    assert "  desk/t1#1  " in text
    assert text.endswith("Customer-stated or correlated, never proven.\n")
    found = json.loads(groundswell(stocked_home, "cause", "show", "R1", "--json").stdout)
    (piece,) = found["pieces"]
    assert [quote["statement_id"] for quote in piece["quotes"]] == ["desk/t1#1"]


def test_a_verdict_is_shown_before_the_run_that_applies_it(stocked_home: Path) -> None:
    assert "verdict:" not in groundswell(stocked_home, "cause", "show", "R2").stdout
    groundswell(stocked_home, "cause", "confirm", "R2", "--why", "in the code", "--who", "Bo")
    told = "confirmed by Bo: in the code; applies with the next run"
    assert f"verdict: {told}\n" in groundswell(stocked_home, "cause", "show", "R2").stdout
    found = json.loads(groundswell(stocked_home, "cause", "show", "R2", "--json").stdout)
    assert (found["pending_verdict"], found["state"]) == (told, "observed")


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
    for expected in ("1 new decision, 0 known", "0 new decisions, 1 known"):
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
