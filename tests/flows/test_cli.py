from __future__ import annotations

import csv
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from flows.cli import app
from store.locks import run_lock


@pytest.fixture(autouse=True)
def _environment_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands set the quiet environment; what they set goes with the test."""
    for name in list(os.environ):
        if name.startswith("GROUNDSWELL_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", os.environ)


def groundswell(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), *arguments])


def commands() -> list[list[str]]:
    found: list[list[str]] = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found += [[name, below] for below in inner] if inner else [[name]]
    return found


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_has_help_and_an_example(command: list[str]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"])
    assert shown.exit_code == 0
    assert "Example" in shown.output
    assert f"groundswell {' '.join(command)}" in shown.output


def test_all_promised_commands_are_there() -> None:
    assert {" ".join(command) for command in commands()} >= {
        *("ingest", "events import", "run", "report", "export", "serve", "schedule", "demo"),
        *("doctor", "init", "quarantine list", "quarantine export", "quarantine feed"),
        *("correct owner", "correct rename", "correct list", "correct undo"),
        *("themes list", "themes show", "themes history", "themes rebuild"),
    }


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from flows.cli import app; "
        "print(sorted(set(sys.modules) & {'torch', 'spacy', 'prefect', 'sqlalchemy', 'pyarrow', "
        "'numpy', 'fastapi', 'uvicorn', 'sentence_transformers'}))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"


def test_export_to_a_file_and_to_standard_output(stocked_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "friction.csv"
    told = groundswell(stocked_home, "export", "friction", "--out", str(out), "--json")
    assert told.exit_code == 0
    facts = json.loads(told.stdout)
    assert (facts["rows"], facts["week"]) == (2, "2026-W42")
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert [row["owner"] for row in rows] == ["Ana", "Operations"]

    piped = groundswell(stocked_home, "export", "friction", "--out", "-")
    assert piped.stdout_bytes == out.read_bytes()


def test_a_failure_is_one_message_and_exit_code_1(tmp_path: Path) -> None:
    told = groundswell(tmp_path, "export", "themes", "--out", "-")
    assert told.exit_code == 1
    assert told.stdout == ""
    assert told.stderr == "groundswell: no week was run yet; run: groundswell run\n"


def test_other_peoples_errors_say_what_they_are(
    stocked_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.exporting.spool", lambda *_, **__: json.loads("{"))
    told = groundswell(stocked_home, "export", "themes")
    assert told.exit_code == 1
    assert told.stderr.startswith("groundswell: JSONDecodeError: ")
    assert "GROUNDSWELL_DEBUG=1" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_database_of_no_known_kind_is_told_as_it_is() -> None:
    told = CliRunner().invoke(app, ["--database-url", "mysql://db/x", "quarantine", "list"])
    assert told.exit_code == 1
    assert told.stderr.startswith("groundswell: 'mysql' is not a supported kind of database")


def test_debug_shows_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_DEBUG", "1")
    told = groundswell(tmp_path, "export", "themes", "--out", "-")
    assert type(told.exception).__name__ == "NothingPublishedError"


@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "nonsense"],
        ["run", "--week", "2026-47"],
        ["run", "--from", "2026-W40"],
        ["run", "--week", "2026-W40", "--to", "2026-W41"],
        ["report", "--format", "pdf"],
        ["no-such-command"],
    ],
)
def test_wrong_usage_is_exit_code_2(stocked_home: Path, arguments: list[str]) -> None:
    assert groundswell(stocked_home, *arguments).exit_code == 2


def test_wrong_settings_are_told_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDSWELL_ZONE", "Nowhere")
    told = groundswell(tmp_path / "home", "doctor")
    assert told.exit_code == 1
    assert "GROUNDSWELL_ZONE" in told.stderr
    assert not (tmp_path / "home").exists()


def test_a_busy_database_is_exit_code_75(
    stocked_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.commands import run

    def busy(_session: object, **_weeks: object) -> tuple[str, ...]:
        url = f"sqlite:///{stocked_home / 'groundswell.sqlite'}"
        with (
            run_lock(url, stocked_home, wait_seconds=0),
            run_lock(url, stocked_home, wait_seconds=0),
        ):
            return ()

    monkeypatch.setattr("flows.weeks.weeks_to_run", busy)
    assert run.__name__ == "flows.commands.run"
    told = groundswell(stocked_home, "run")
    assert told.exit_code == 75
    assert "at work on this database" in told.stderr


def test_nothing_to_run(stocked_home: Path) -> None:
    told = groundswell(stocked_home, "run", "--json")
    assert told.exit_code == 0
    assert json.loads(told.stdout) == []


def test_a_week_that_is_not_over_is_not_run_unasked(
    stocked_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.settings.Settings.today", lambda _: dt.date(2026, 10, 25))
    file = tmp_path / "late.csv"
    rows = "1,It is slow,2026-10-21T08:00Z\n2,It is slow,2093-01-01T08:00Z\n"
    file.write_text("id,text,created_at\n" + rows)
    groundswell(stocked_home, "ingest", str(file), "--kind", "ticket", "--source", "desk")
    told = groundswell(stocked_home, "run", "--json")
    assert json.loads(told.stdout) == []
    assert "2026-W43 is not over; run it with --week 2026-W43" in told.stderr
    assert "as far ahead as 2093-W01" in told.stderr
    assert "every week that has feedback was run" not in told.stderr


def test_init_then_doctor(tmp_path: Path) -> None:
    first = groundswell(tmp_path, "init", "--json")
    assert "owners.yaml" in json.loads(first.stdout)["written"]
    assert json.loads(groundswell(tmp_path, "init", "--json").stdout)["written"] == []
    findings = json.loads(groundswell(tmp_path, "doctor", "--json").stdout)
    labels = next(finding for finding in findings if finding["subject"] == "labels")
    assert str(tmp_path / "labels") in labels["found"]


def test_doctor_ends_with_1_when_something_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "owners.yaml").write_text("owners: [")
    told = groundswell(tmp_path, "doctor")
    assert told.exit_code == 1
    assert "PROBLEM labels" in told.stdout
    assert "mend:" in told.stdout


def test_events_twice(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text("date,kind,name,detail\n2026-10-12,release,4.2,scanner\n")
    counts = [
        json.loads(groundswell(tmp_path, "events", "import", str(file), "--json").stdout)
        for _ in range(2)
    ]
    assert [(one["accepted"], one["unchanged"]) for one in counts] == [(1, 0), (0, 1)]
    assert groundswell(tmp_path, "events", "list").stdout == (
        "2026-10-12  release: 4.2 (scanner)\n1 event\n"
    )
    assert json.loads(groundswell(tmp_path, "events", "list", "--json").stdout) == [
        {"day": "2026-10-12", "kind": "release", "name": "4.2", "detail": "scanner"}
    ]


def test_decisions_are_made_listed_and_undone(stocked_home: Path) -> None:
    renamed = groundswell(
        stocked_home, "correct", "rename", "T2", "  Signed   out daily ", "--why", "w", "--json"
    )
    number = json.loads(renamed.stdout)["id"]
    given = groundswell(
        stocked_home, "correct", "owner", "T2", "billing", "--why", "agreed", "--who", "Ana"
    )
    assert given.exit_code == 0, given.stderr
    listed = json.loads(groundswell(stocked_home, "correct", "list", "--json").stdout)
    assert [(one["kind"], json.loads(one["value"])) for one in listed] == [
        ("rename", {"label": "Signed out daily"}),
        ("owner", {"owner_id": "billing"}),
    ]
    assert (listed[1]["who"], listed[1]["why"]) == ("Ana", "agreed")
    assert groundswell(stocked_home, "correct", "undo", str(number)).exit_code == 0
    assert len(json.loads(groundswell(stocked_home, "correct", "list", "--json").stdout)) == 1


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["owner", "T2", "nobody", "--why", "x"], "owners.yaml has"),
        (["owner", "T99", "billing", "--why", "x"], "no theme T99"),
        (["rename", "T2", "  ", "--why", "x"], "empty"),
        (["undo", "12"], "correct list"),
    ],
)
def test_decisions_about_what_is_not_there(
    stocked_home: Path, arguments: list[str], hint: str
) -> None:
    told = groundswell(stocked_home, "correct", *arguments)
    assert told.exit_code == 1
    assert hint in told.stderr


def test_quarantine_is_listed_and_written_out_to_be_mended(
    stocked_home: Path, tmp_path: Path
) -> None:
    listed = groundswell(stocked_home, "quarantine", "list")
    assert "tickets.csv:9 (t9): text is empty" in listed.stdout
    out = tmp_path / "mend.jsonl"
    assert groundswell(stocked_home, "quarantine", "export", "--out", str(out)).exit_code == 0
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert lines == [{"raw": "not an object"}, {"id": "t9", "text": ""}]


def test_quarantined_rows_are_mended_and_fed_again(tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    file.write_text(
        "id,text,created_at\n"
        "1,The app is slow today,2026-10-12T08:00:00Z\n"
        "2,The app signs me out,the twelfth\n"
        "3,,2026-10-12T08:00:00Z\n",
        encoding="utf-8",
    )
    arguments = ("ingest", str(file), "--kind", "ticket", "--source", "desk", "--json")
    first = groundswell(tmp_path, *arguments)
    assert first.exit_code == 0, first.stderr
    counts = json.loads(first.stdout)
    assert (counts["rows_read"], counts["accepted"], counts["quarantined"]) == (3, 1, 2)
    assert groundswell(tmp_path, *arguments, "--strict").exit_code == 3

    mend = tmp_path / "mend.jsonl"
    groundswell(tmp_path, "quarantine", "export", "--out", str(mend))
    mend.write_text(mend.read_text().replace("the twelfth", "2026-10-12T09:00:00Z"))
    fed = groundswell(tmp_path, "quarantine", "feed", str(mend), "--json")
    assert fed.exit_code == 3  # the empty one is empty still
    assert json.loads(fed.stdout)["accepted"] == 1
    left = json.loads(groundswell(tmp_path, "quarantine", "list", "--json").stdout)
    assert [row["id"] for row in left] == ["3"]


def test_a_file_that_is_not_what_it_says_is_refused_with_the_way_out(tmp_path: Path) -> None:
    file = tmp_path / "tickets.parquet"
    file.write_bytes(b"no parquet")
    told = groundswell(tmp_path, "ingest", str(file), "--kind", "ticket")
    assert told.exit_code == 1
    assert "tickets.parquet" in told.stderr
    assert "Nothing was written" in told.stderr
    assert "Traceback" not in told.stderr
