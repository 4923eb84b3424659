from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from flows.cli import app
from nlp.records import Friction, OwnerMatch, RootCause
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


# The headline that is judged is kept with the verdict.
WORDED = {"wording": "Mostly for plan Pro"}


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


@pytest.fixture
def ranked_home(stocked_home: Path) -> Path:
    """A home whose last week has two ranked causes of one theme, of scores 1.75 and 1.4."""
    one = replace(TOLD, id="R1", reach=20, impact=0.4, avoidable=0.25, confidence=0.7, effort=1)
    causes = (
        replace(one, avoidable=0.3125, score=1.75, rank=1),
        replace(one, id="R2", score=1.4, rank=2),
        replace(one, id="R3", note="not enough data"),
        replace(one, id="R4", state="rejected", note="rejected by ana", avoidable=0),
    )
    friction = Friction(
        *("T2", "Signed out", "Ana", "", 20, 0.4, 0.3, 0.5, 0.7, 1.0),
        *(5.6, 1, 1, 1, 1.0, (), ()),
    )
    engine = open_database(f"sqlite:///{stocked_home / 'groundswell.sqlite'}")
    with session_scope(engine) as session:
        save_snapshot(
            session,
            "2026-W42",
            trends=(),
            causes=(),
            root_causes=(replace(one, id="R0"),),
            friction=(),
            owners={},
            stages={},
            report_json="{}",
        )
        save_snapshot(
            session,
            "2026-W43",
            trends=(),
            causes=(),
            root_causes=causes,
            friction=(friction,),
            owners={"T2": OwnerMatch("mobile", "Ana", "rule", "", 1.0, needs_confirmation=False)},
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
        ["1", "R1", "Signed out", "Ana", "1", "0.33", "confirmed", "Customers say “the update”"],
        ["not ranked", "R2", "Signed out", "Ana", "2", "-", "observed", "Mostly for plan Pro"],
    ]
    told = groundswell(stocked_home, "cause", "list").stdout
    assert told.endswith("2 root causes, 1 ranked\n")
    assert "tied" not in told
    rows = json.loads(groundswell(stocked_home, "cause", "list", "--all", "--json").stdout)
    assert [(row["week"], row["id"]) for row in rows] == [("2026-W42", "R1"), ("2026-W42", "R2")]
    assert list(rows[0])[-3:] == ["theme_label", "owner", "headline"]
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
    assert text.startswith(
        "R1  confirmed: Customers say “the update”\nin full: the update\ntheme: T2 "
    )
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
        (["cause", "confirm", "R2"], "confirm-cause", {"cause_id": "R2", **WORDED}),
        (["cause", "reject", "R2"], "reject-cause", {"cause_id": "R2", **WORDED}),
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


def test_a_decision_names_what_it_is_about(stocked_home: Path) -> None:
    told = groundswell(stocked_home, "cause", "reject", "R2", "--why", "agreed")
    assert told.stdout.startswith("decision 1: reject-cause R2; it takes effect")
    told = groundswell(stocked_home, "correct", "effort", "T2", "3", "--why", "agreed")
    assert told.stdout.startswith("decision 2: effort T2; it takes effect")


def test_of_two_verdicts_on_a_cause_the_list_says_which_counts(stocked_home: Path) -> None:
    for verb in ("confirm", "reject"):
        groundswell(stocked_home, "cause", verb, "R2", "--why", "agreed", "--who", "Bo")
    first, second, total = groundswell(stocked_home, "correct", "list").stdout.splitlines()
    assert first.startswith("1: confirm-cause ")
    assert first.endswith("superseded by 2")
    assert "superseded" not in second
    assert total == "1 in force, 1 superseded"
    rows = json.loads(groundswell(stocked_home, "correct", "list", "--json").stdout)
    assert [row["superseded_by"] for row in rows] == [2, None]
    groundswell(stocked_home, "correct", "undo", "2")
    assert groundswell(stocked_home, "correct", "list").stdout.endswith("\n1 in force\n")


def dry(home: Path, *command: str) -> list[str]:
    told = groundswell(home, *command, "--why", "agreed", "--dry-run")
    assert told.exit_code == 0, told.stderr
    return told.stdout.splitlines()


def test_a_dry_run_tells_score_and_rank_before_and_after(ranked_home: Path) -> None:
    assert dry(ranked_home, "cause", "confirm", "R2") == [
        "R2  root cause the rule: score 1.40 -> 2.00, rank 2 -> 1",
        "T2  friction point Signed out: score 5.60 -> 8.00, rank 1 -> 1",
        "1 other would only change rank",
        "2 scores would change (as of 2026-W43), no theme's statements; nothing was kept",
    ]
    assert dry(ranked_home, "cause", "reject", "R1") == [
        "R1  root cause the rule: score 1.75 -> none, rank 1 -> none",
        "1 other would only change rank",
        "note: what it claimed, other causes of its theme may claim: the next run tells",
        "1 score would change (as of 2026-W43), no theme's statements; nothing was kept",
    ]
    # Of the theme and, with the owner's id, of all that is the owner's.
    for subject in ("T2", "mobile"):
        assert dry(ranked_home, "correct", "effort", subject, "2")[:3] == [
            "R1  root cause the rule: score 1.75 -> 0.88, rank 1 -> 1",
            "R2  root cause the rule: score 1.40 -> 0.70, rank 2 -> 2",
            "T2  friction point Signed out: score 5.60 -> 2.80, rank 1 -> 1",
        ]
    shown = groundswell(
        ranked_home, "cause", "confirm", "R2", "--why", "agreed", "--dry-run", "--json"
    )
    told = json.loads(shown.stdout)
    assert (told["week"], told["others"], told["notes"]) == ("2026-W43", 1, [])
    assert told["shifts"][0]["rank_after"] == 1
    assert groundswell(ranked_home, "correct", "list").stdout == "0 in force\n"


def test_an_effort_of_the_theme_stands_before_that_of_its_owner(ranked_home: Path) -> None:
    groundswell(ranked_home, "correct", "effort", "T2", "1", "--why", "agreed")
    assert dry(ranked_home, "correct", "effort", "mobile", "2") == [
        "0 scores would change (as of 2026-W43), no theme's statements; nothing was kept"
    ]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["cause", "confirm", "R3"], "R3 has no rank (not enough data), and gets none by a"),
        (["cause", "confirm", "R4"], "R4 is rejected so far: the next run tells its share"),
        (["cause", "reject", "R4"], "R4 is rejected already"),
        (["cause", "confirm", "R0"], "R0 was not told in 2026-W43; the verdict waits"),
        (["correct", "effort", "billing", "2"], "nothing that is billing's is ranked in 2026-W43"),
    ],
)
def test_a_dry_run_that_moves_no_cause_says_why(
    ranked_home: Path, command: list[str], says: str
) -> None:
    *moved, note, total = dry(ranked_home, *command)
    assert says in note
    # A confirmed cause without a rank makes its theme surer all the same.
    surer = ["T2  friction point Signed out: score 5.60 -> 8.00, rank 1 -> 1"]
    assert moved == (surer if command[1] == "confirm" and command[2] in {"R3", "R4"} else [])
    assert total.startswith(f"{len(moved)} score")


def test_before_the_first_run_a_dry_run_says_so(tmp_path: Path) -> None:
    note, total = dry(tmp_path, "cause", "confirm", "R1")
    assert note == "note: no week was run yet: groundswell run"
    assert total == "0 scores would change, no theme's statements; nothing was kept"


def test_an_effort_must_be_above_nothing(stocked_home: Path) -> None:
    told = groundswell(stocked_home, "correct", "effort", "T2", "0", "--why", "agreed")
    assert (told.exit_code, "above 0" in told.stderr) == (1, True)


def test_a_themes_history_tells_its_effort_and_leaves_verdicts_out(stocked_home: Path) -> None:
    groundswell(stocked_home, "correct", "effort", "T2", "3", "--why", "agreed")
    groundswell(stocked_home, "cause", "confirm", "R2", "--why", "agreed")
    told = groundswell(stocked_home, "themes", "history", "T2", "--json")
    assert [one["kind"] for one in json.loads(told.stdout)["decisions"]] == ["effort"]
