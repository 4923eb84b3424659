from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from flows.cli import app
from nlp.records import Theme
from store.database import open_database, session_scope
from store.themes import save_themes

WEEK = "2026-W42"
MORE = Theme("T3", "leaf", None, "Money back", "their words", (), (), 0.5, WEEK)


def correct(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), "correct", *arguments])


@pytest.fixture
def home(stocked_home: Path) -> Path:
    engine = open_database(f"sqlite:///{stocked_home / 'groundswell.sqlite'}")
    with session_scope(engine) as session:
        save_themes(session, WEEK, [MORE, replace(MORE, id="T4", label="Others")])
    engine.dispose()
    return stocked_home


COMMANDS = [
    ["rename", "T2", "Signed out daily"],
    ["owner", "T2", "billing"],
    ["pin", "T3"],
    ["move", "desk/t3#1", "T3"],
    ["must-link", "desk/t1#1", "desk/t3#1"],
    ["cannot-link", "desk/t2#1", "desk/t3#1"],
    ["split", "T2", "--part", "Update=desk/t1#1", "--part", "=desk/t2#1"],
    ["merge", "T3", "T4"],
    ["dismiss", "T4"],
]


def listed(home: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(correct(home, "list", "--json").stdout)
    return found


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_every_kind_is_kept_with_who_and_why(home: Path, command: list[str]) -> None:
    told = correct(home, *command, "--why", "agreed", "--who", "Ana", "--json")
    assert told.exit_code == 0, told.stderr
    (made,) = listed(home)
    assert made["id"] == json.loads(told.stdout)["id"]
    assert (made["kind"], made["who"], made["why"]) == (command[0], "Ana", "agreed")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_dry_run_keeps_nothing(home: Path, command: list[str]) -> None:
    told = correct(home, *command, "--why", "agreed", "--dry-run")
    assert told.exit_code == 0, told.stderr
    assert "nothing was kept" in told.stdout
    assert listed(home) == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_reason_is_asked_for(home: Path, command: list[str]) -> None:
    assert correct(home, *command).exit_code == 2
    told = correct(home, *command, "--why", " ")
    assert told.exit_code == 1
    assert "who takes it and why" in told.stderr


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["merge", "T2", "T9"], "no theme T9; ids are in: groundswell export themes"),
        (["merge", "T1", "T2"], "T1 is a parent"),
        (["move", "desk/t1#2", "T3"], "takes part in no theme (courtesy)"),
        (["split", "T2", "--part", "desk/t1#1"], 'write "Label=STATEMENT_ID,STATEMENT_ID"'),
        (["split", "T2", "--part", "A=desk/t1#1", "--part", "B=desk/t3#1"], "but in none"),
        (["import", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_what_cannot_be_done_says_the_way_out(home: Path, command: list[str], says: str) -> None:
    why = [] if command[0] == "import" else ["--why", "x"]
    told = correct(home, *command, *why)
    assert told.exit_code == 1
    assert says in told.stderr
    assert "Traceback" not in told.stderr


def test_decisions_go_out_to_a_file_and_come_in_again(home: Path, tmp_path: Path) -> None:
    for command in COMMANDS:
        assert correct(home, *command, "--why", "agreed").exit_code == 0
    file = tmp_path / "corrections.yaml"
    told = correct(home, "export", "--out", str(file), "--json")
    assert json.loads(told.stdout) == {"file": str(file), "decisions": len(COMMANDS)}
    assert correct(home, "export", "--out", "-").stdout == file.read_text(encoding="utf-8")
    entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert [entry["kind"] for entry in entries] == [command[0] for command in COMMANDS]
    assert all(list(entry)[-3:] == ["who", "when", "why"] for entry in entries)
    counts = json.loads(correct(home, "import", str(file), "--json").stdout)
    assert (counts["accepted"], counts["unchanged"]) == (0, len(COMMANDS))
    empty = tmp_path / "empty"
    assert correct(empty, "import", str(file), "--dry-run").exit_code == 0
    assert listed(empty) == []
    counts = json.loads(correct(empty, "import", str(file), "--json").stdout)
    assert (counts["accepted"], counts["unchanged"]) == (len(COMMANDS), 0)
    assert [(one["kind"], one["value"]) for one in listed(empty)] == [
        (one["kind"], one["value"]) for one in listed(home)
    ]
    assert correct(home, "undo", str(listed(home)[-1]["id"])).exit_code == 0
    assert "1 undone here and left so" in correct(home, "import", str(file)).stdout


def test_taking_back_says_who_and_why(home: Path) -> None:
    for theme in ("T2", "T3", "T4"):
        correct(home, "pin", theme, "--why", "w", "--who", "Ana")
    told = correct(home, "undo", "1", "--who", "Ben", "--why", "they  changed")
    assert told.exit_code == 0, told.stderr
    assert correct(home, "undo", "2").exit_code == 0
    shown = correct(home, "list", "--all").stdout.splitlines()
    assert re.fullmatch(
        r"1: pin T2 {} \(Ana, [-0-9]+: w\), undone [-0-9]+ by Ben: they changed", shown[0]
    )
    assert re.fullmatch(r"2: pin T3 .*, undone [-0-9]+ by \S.*[^:]", shown[1])
    assert shown[2:] == [line for line in shown if line.startswith("3: pin T4")] + ["1 in force"]
    found = json.loads(correct(home, "list", "--all", "--json").stdout)
    assert [(one["undone_why"]) for one in found] == ["they changed", None, None]
    assert [str(one["id"]) for one in listed(home)] == ["3"]
    history = CliRunner().invoke(app, ["--home", str(home), "themes", "history", "T2"]).stdout
    assert "pin T2, by Ana: w (no. 1, undone " in history
    assert " by Ben: they changed)" in history
