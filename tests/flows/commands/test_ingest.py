from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli import app
from store.database import open_database, session_scope
from store.feedback import load_feedback

ROWS = "id,text,created_at\n1,The app is slow,2026-10-12T08:00Z\n"


@pytest.fixture(autouse=True)
def _environment_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GROUNDSWELL_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", os.environ)


def ingest(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), "ingest", *arguments])


def stored(home: Path) -> list[str]:
    engine = open_database(f"sqlite:///{home / 'groundswell.sqlite'}")
    with session_scope(engine) as session:
        found = [item.key for item in load_feedback(session)]
    engine.dispose()
    return found


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """A folder in which a walk would read wrongly: a mapping, and files that were put aside."""
    folder = tmp_path / "drop"
    for inner in ("desk", "desk/done", "refused"):
        (folder / inner).mkdir(parents=True)
    (folder / "desk" / "week.csv").write_text(ROWS.replace("text", "Body"))
    (folder / "desk" / "map.yaml").write_text("columns: {text: Body}\nconstants: {kind: ticket}\n")
    (folder / "desk" / "done" / "old.csv").write_text("no feedback")
    (folder / "refused" / "bad.csv").write_text("no feedback")
    return folder


def test_a_drop_folder_is_read_as_the_nightly_ingest_does(tmp_path: Path, drop: Path) -> None:
    told = ingest(tmp_path, "--drop", str(drop))
    assert told.exit_code == 0, told.stderr
    assert told.stdout == "week.csv: 1 rows: 1 new, 0 updated, 0 unchanged, 0 quarantined\n"
    assert stored(tmp_path) == ["desk/1"]
    assert (drop / "desk" / "done" / "week.csv").is_file()
    again = ingest(tmp_path, "--drop", str(drop), "--json")
    assert (again.exit_code, json.loads(again.stdout)) == (0, [])


def test_a_file_refused_or_a_row_quarantined_shows_in_the_exit_code(
    tmp_path: Path, drop: Path
) -> None:
    broken = (drop / "desk" / "week.csv").read_text() + "2,,2026-10-12T08:00Z\n"
    (drop / "desk" / "week.csv").write_text(broken)
    told = ingest(tmp_path, "--drop", str(drop), "--json", "--strict")
    assert told.exit_code == 3
    (counts,) = json.loads(told.stdout)
    assert (counts["accepted"], counts["quarantined"]) == (1, 1)

    (drop / "bad.parquet").write_text("no parquet")
    told = ingest(tmp_path, "--drop", str(drop), "--json")
    assert told.exit_code == 1
    (refused,) = json.loads(told.stdout)
    assert refused["file"].endswith("drop/bad.parquet")
    assert "bad.parquet" in refused["refused"]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ([], "--drop"),
        (["--drop", ".", "a.csv"], "without paths"),
        (["--drop", ".", "--source", "desk"], "without paths"),
        (["--drop", "no-such-folder"], "does not exist"),
    ],
)
def test_paths_or_a_drop_folder(tmp_path: Path, arguments: list[str], hint: str) -> None:
    told = ingest(tmp_path, *arguments)
    assert told.exit_code == 2
    assert hint in told.stderr
    assert not (tmp_path / "groundswell.sqlite").exists()


def test_without_a_source_the_files_name_is_it(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    (folder / "calls").mkdir(parents=True)
    (folder / "tickets.csv").write_text(ROWS)
    row = {"id": "7", "text": "It is slow", "created_at": "2026-10-12"}
    lines = [row, row | {"id": "8", "source": "shop"}, row | {"id": "9", "source": " "}]
    (folder / "reviews.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "calls" / "monday.md").write_text("---\ncreated_at: 2026-10-12\n---\nCalled.\n")
    arguments = (str(folder), "--kind", "review", "--strict")
    told = ingest(tmp_path, *arguments)
    assert told.exit_code == 0, told.stderr
    keys = ["calls/monday", "reviews/7", "reviews/9", "shop/8", "tickets/1"]
    assert stored(tmp_path) == keys
    assert "5 unchanged" in ingest(tmp_path, *arguments).stdout


@pytest.mark.parametrize("constant", [None, "helpdesk"])
def test_a_source_that_is_named_comes_before_the_files_name(
    tmp_path: Path, constant: str | None
) -> None:
    (tmp_path / "tickets.csv").write_text(ROWS)
    mapping = tmp_path / "map.yaml"
    mapping.write_text(f"constants: {{kind: ticket, source: {constant}}}\n" if constant else "{}")
    options = ["--map", str(mapping)] if constant else ["--source", "desk"]
    ingest(tmp_path, str(tmp_path / "tickets.csv"), "--kind", "ticket", *options)
    assert stored(tmp_path) == [f"{constant or 'desk'}/1"]


def test_a_row_of_the_quarantine_keeps_the_source_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "tickets.csv").write_text(ROWS.replace("2026-10-12T08:00Z", "the twelfth"))
    ingest(tmp_path, str(tmp_path / "tickets.csv"), "--kind", "ticket")
    mend = tmp_path / "mend.jsonl"
    shell = ["--home", str(tmp_path), "quarantine"]
    CliRunner().invoke(app, [*shell, "export", "--out", str(mend)])
    mend.write_text(mend.read_text().replace("the twelfth", "2026-10-12"))
    assert CliRunner().invoke(app, [*shell, "feed", str(mend)]).exit_code == 0
    assert stored(tmp_path) == ["tickets/1"]


def test_a_line_that_was_broken_is_not_given_the_name_of_the_mended_file(tmp_path: Path) -> None:
    """Its first reading may have been told another source, which a line that is no row forgets."""
    row = {"id": "1", "text": "slow", "created_at": "2026-10-12", "kind": "ticket"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row | {"id": "2"}) + "\n" + json.dumps(row)[:-1])
    ingest(tmp_path, str(tmp_path / "a.jsonl"), "--source", "desk")
    mend = tmp_path / "mend.jsonl"
    broken = {"raw": json.dumps(row), "_from": {"file": "a.jsonl", "line": 2}}
    mend.write_text(json.dumps(broken) + "\n")
    assert "1 quarantined" in ingest(tmp_path, str(mend)).stdout
    assert stored(tmp_path) == ["desk/2"]
    assert "1 new" in ingest(tmp_path, str(mend), "--source", "desk").stdout
    assert stored(tmp_path) == ["desk/1", "desk/2"]
