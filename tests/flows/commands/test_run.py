from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli import app
from labels.schema import load
from nlp.segment import SPLITTER_VERSION
from service.week_inputs import input_digests
from store.database import open_database, session_scope
from store.runs import RunRecord, save_run
from store.statements import save_statements, unsplit_feedback

WEEK = "2026-W42"
NOW = f"or now: groundswell run --week {WEEK}"


@pytest.fixture(autouse=True)
def _environment_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GROUNDSWELL_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", os.environ)


@pytest.fixture
def home(stocked_home: Path) -> Path:
    """The week of the stocked home, as if run with all that is there."""
    engine = open_database(f"sqlite:///{stocked_home / 'groundswell.sqlite'}")
    with session_scope(engine) as session:
        late = unsplit_feedback(session, until_week=WEEK, version=SPLITTER_VERSION)
        keys = [one.key for one in late]
        save_statements(session, [], version=SPLITTER_VERSION, feedback_keys=keys)
        config = {
            "inputs": input_digests(session, WEEK),
            "labels_digest": load(None).digest,
        }
        after = dt.datetime(2026, 10, 19, 6, tzinfo=dt.UTC)
        run = RunRecord(
            "r1", "weekly", WEEK, "done", after, config=json.dumps(config), input_digest="d"
        )
        save_run(session, run)
    engine.dispose()
    return stocked_home


def groundswell(home: Path, *arguments: str) -> Result:
    told = CliRunner().invoke(app, ["--home", str(home), *arguments])
    assert told.exit_code == 0, told.output
    return told


def test_nothing_was_changed_since_the_last_run(home: Path) -> None:
    told = groundswell(home, "run")
    assert told.stderr == "Nothing to run: every week that has feedback was run.\n"


def test_what_was_changed_since_the_last_run_is_told_with_the_way_out(
    home: Path, tmp_path: Path
) -> None:
    decided = groundswell(home, "correct", "pin", "T2", "--why", "w")
    assert (
        decided.stdout == f"decision 1: pin T2; it takes effect with the next week's run, {NOW}\n"
    )
    events, customers = tmp_path / "events.csv", tmp_path / "crm.csv"
    events.write_text("day,kind,name\n2026-10-13,release,4.3\n")
    customers.write_text("id,plan\nc1,pro\n")
    told = groundswell(home, "events", "import", str(events))
    assert told.stdout == f"{events}: 1 event: 1 new, 0 updated, 0 unchanged\n"
    assert told.stderr == f"They count with the next week's run, {NOW}.\n"
    assert NOW in groundswell(home, "customers", str(customers)).stderr
    groundswell(home, "init")
    owners = home / "labels" / "owners.yaml"
    owners.write_text(owners.read_text().replace("name: ", "name: Our ", 1))
    assert groundswell(home, "run").stderr == (
        "Nothing to run: every week that has feedback was run.\n"
        "Customers, decisions, events and labels were added or changed since 2026-W42 was run. "
        f"The next week's run takes that in, {NOW}\n"
    )


def test_a_decision_taken_back_leaves_nothing_to_run(home: Path) -> None:
    groundswell(home, "correct", "pin", "T2", "--why", "w")
    undone = groundswell(home, "correct", "undo", "1")
    assert undone.stdout == "undone: 1; it takes effect with the next week's run\n"
    assert "changed" not in groundswell(home, "run").stderr
