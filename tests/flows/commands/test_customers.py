from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli import app
from nlp.records import Customer
from store.customers import load_customers
from store.database import open_database, session_scope

TABLE = "account,plan,seats,email\na1,pro,20,x@acme.com\na2,free,,\n,pro,3,\n"


@pytest.fixture(autouse=True)
def _environment_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GROUNDSWELL_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", os.environ)


def groundswell(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), *arguments])


def counted(told: Result) -> tuple[int, ...]:
    found = json.loads(told.stdout)
    names = ("rows_read", "accepted", "updated", "unchanged", "quarantined")
    return tuple(found[name] for name in names)


def test_a_table_is_read_read_again_and_changed(tmp_path: Path) -> None:
    file = tmp_path / "crm.csv"
    file.write_text(TABLE)
    told = groundswell(tmp_path, "customers", str(file), "--json", "--strict")
    assert (told.exit_code, counted(told)) == (3, (3, 2, 0, 0, 1))
    assert json.loads(told.stdout)["redactions"] == {"EMAIL": 1}
    again = groundswell(tmp_path, "customers", str(file), "--json")
    assert (again.exit_code, counted(again)) == (0, (3, 0, 0, 2, 1))
    waiting = groundswell(tmp_path, "quarantine", "list", "--json")
    assert [row["stage"] for row in json.loads(waiting.stdout)] == ["customers"]
    file.write_text(TABLE.replace("free", "pro").replace("\n,", "\na3,"))
    mended = groundswell(tmp_path, "customers", str(file))
    assert mended.stdout == (f"{file}: 3 customers: 1 new, 1 updated, 1 unchanged, 0 quarantined\n")
    assert json.loads(groundswell(tmp_path, "quarantine", "list", "--json").stdout) == []
    engine = open_database(f"sqlite:///{tmp_path / 'groundswell.sqlite'}")
    with session_scope(engine) as session:
        found = load_customers(session)
    engine.dispose()
    assert found[0] == Customer("a1", (("email", "[EMAIL]"), ("plan", "pro"), ("seats", "20")))


def test_the_column_with_the_id(tmp_path: Path) -> None:
    file = tmp_path / "crm.jsonl"
    file.write_text('{"plan": "pro", "who": "a1"}\n{"plan": "free", "who": "a2"}\n')
    first = groundswell(tmp_path, "customers", str(file), "--id-col", "who", "--json")
    assert counted(first) == (2, 2, 0, 0, 0)
    wrong = groundswell(tmp_path, "customers", str(file), "--id-col", "whom")
    assert wrong.exit_code == 1
    assert "'whom'" in wrong.stderr
    assert "its columns are plan, who" in wrong.stderr


def test_a_file_that_is_not_there_or_empty(tmp_path: Path) -> None:
    missing = groundswell(tmp_path, "customers", str(tmp_path / "none.csv"))
    assert missing.exit_code == 1
    assert "is not there" in missing.stderr
    (tmp_path / "empty.jsonl").write_text("")
    empty = groundswell(tmp_path, "customers", str(tmp_path / "empty.jsonl"))
    assert empty.exit_code == 1


def test_rows_with_too_few_or_too_many_cells_wait_and_the_others_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "crm.csv"
    file.write_text("id,plan,seats\na1,pro,20\na2,secretive\na3,pro,4,5\na4,free,1\n")
    told = groundswell(tmp_path, "customers", str(file), "--json", "--strict")
    assert (told.exit_code, counted(told)) == (3, (4, 2, 0, 0, 2))
    waiting = json.loads(groundswell(tmp_path, "quarantine", "list", "--json").stdout)
    assert [(row["line"], row["reason"].partition(": ")[2]) for row in waiting] == [
        (3, "a cell is missing; add it, empty where nothing is known"),
        (4, "quote the texts that hold the delimiter"),
    ]
    # Which of its cells are ids or names cannot be told.
    assert "secretive" not in json.dumps(waiting)
    wrong = groundswell(tmp_path, "customers", str(file), "--id-col", "whom")
    assert wrong.exit_code == 1
    assert "has no column 'whom'" in wrong.stderr
    assert "cell" not in wrong.stderr
    file.write_text("id,plan,seats\na1,pro,20\na2,secretive,\na3,pro,4\na4,free,1\n")
    mended = groundswell(tmp_path, "customers", str(file), "--json")
    assert counted(mended) == (4, 2, 0, 2, 0)
    assert json.loads(groundswell(tmp_path, "quarantine", "list", "--json").stdout) == []


def test_what_the_table_is_for_is_told_when_it_brings_something(tmp_path: Path) -> None:
    file = tmp_path / "crm.csv"
    file.write_text("id,plan\na1,pro\n")
    first, again = (groundswell(tmp_path, "customers", str(file)) for _ in range(2))
    assert first.stdout == f"{file}: 1 customer: 1 new, 0 updated, 0 unchanged, 0 quarantined\n"
    assert "how many of its customers" in first.stderr
    assert first.stderr.endswith("They count with the first run.\n")
    assert again.stderr == ""
