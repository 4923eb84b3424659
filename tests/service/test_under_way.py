"""Runs that have not ended are told where their absence would mislead: previews and health."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from flows.cli import app as command
from labels.schema import load
from service.correcting import foresee
from service.under_way import under_way
from store.database import Engine, open_database, read_scope, session_scope
from store.deciding import DecisionError, Wish
from store.runs import RunRecord, rewind, save_run
from tests.api.conftest import HOSTILE, LAST, LOGIN, fill, keep_run, settings_at

BEFORE = "2026-W46"
BEGAN = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)
MERGE = Wish("merge", LOGIN, {"into": HOSTILE}, "ana", "the same")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    url = settings_at(tmp_path).database_url
    fill(url)
    keep_run(url)
    engine = open_database(url)
    with session_scope(engine) as session:
        done = RunRecord("r0", "weekly", BEFORE, "done", BEGAN, BEGAN, input_digest="d0")
        save_run(session, done)
    engine.dispose()
    return tmp_path


@pytest.fixture
def engine(home: Path) -> Iterator[Engine]:
    found = open_database(settings_at(home).database_url)
    yield found
    found.dispose()


def begin(engine: Engine, *, status: str = "running") -> None:
    with session_scope(engine) as session:
        ended = None if status == "running" else BEGAN
        record = RunRecord("now", "weekly", LAST, "running", BEGAN, ended)
        if status == "done":
            record = RunRecord("now", "weekly", LAST, "done", BEGAN, BEGAN, input_digest="d2")
        save_run(session, record)


def run_anew(engine: Engine) -> None:
    """An earlier week was run again: the last one waits."""
    with session_scope(engine) as session:
        rewind(session, LAST)


def test_nothing_under_way_is_said_nowhere(engine: Engine) -> None:
    with read_scope(engine) as session:
        assert under_way(session).notes() == ()
        seen = foresee(session, MERGE, labels=load(None))
    assert seen.known
    assert seen.changes
    assert not any("run" in note for note in seen.notes)


def test_a_preview_during_a_run_says_that_it_may_be_too_late_for_it(engine: Engine) -> None:
    begin(engine)
    with read_scope(engine) as session:
        seen = foresee(session, MERGE, labels=load(None))
    assert seen.changes  # what is published still stands
    (note,) = [note for note in seen.notes if "under" in note or "began" in note]
    assert note.startswith(f"a run of {LAST} began on 2026-11-22 at 09:30 UTC and has not ended")
    assert "counts with the run after it" in note
    begin(engine, status="done")
    with read_scope(engine) as session:
        assert under_way(session).notes() == ()


@pytest.mark.parametrize(
    "wish", [MERGE, Wish("effort", "accounts_access", {"effort": 3.0}, "ana", "big")]
)
def test_a_preview_of_a_week_run_anew_tells_no_numbers(engine: Engine, wish: Wish) -> None:
    run_anew(engine)  # the themes stand since the week before
    with read_scope(engine) as session:
        seen = foresee(session, wish, labels=load(None))
    assert not seen.known
    assert (seen.changes, seen.ranks) == ((), None)
    assert any(f"{LAST} is being run anew" in note for note in seen.notes)


def test_what_is_forgotten_for_now_is_not_said_to_be_unknown(engine: Engine) -> None:
    run_anew(engine)
    with read_scope(engine) as session, pytest.raises(DecisionError, match="being run anew"):
        foresee(session, Wish("rename", "T-0", {"label": "x"}, "ana", "why"), labels=load(None))


def test_the_page_does_not_say_that_nothing_changes(home: Path, engine: Engine) -> None:
    with TestClient(create_app(settings_at(home))) as client:
        form = client.get(f"/themes/{LOGIN}/correct").text
        token = re.search(r'name="csrf" value="([^"]+)"', form)
        assert token
        run_anew(engine)
        told = client.post(
            "/v1/corrections?dry_run=true",
            json={"kind": "merge", "theme_id": LOGIN, "into": HOSTILE, "why": "the same"},
        ).json()
        assert any("is being run anew" in note for note in told["effect"]["notes"])
        page = client.post(
            f"/themes/{LOGIN}/correct",
            data={"csrf": token[1], "kind": "merge", "into": HOSTILE, "why": "the same"},
            headers={"accept": "text/html"},
        )
    assert page.status_code == 200, page.text
    assert f"{LAST} is being run anew" in page.text
    assert "No theme gains or loses" not in page.text


def test_health_says_what_runs_are_doing(home: Path, engine: Engine) -> None:
    with TestClient(create_app(settings_at(home))) as client:
        told = client.get("/v1/data-health").json()
        assert (told["run_anew"], told["running_since"]) == ([], None)
        begin(engine)
        run_anew(engine)
        told = client.get("/v1/data-health").json()
        assert told["run_anew"] == [LAST]
        assert told["running_since"] == "2026-11-22T09:30:00Z"
        assert {"run-anew", "run-under-way"} <= {one["key"] for one in told["advice"]}
        page = client.get("/health")
    assert page.status_code == 200
    assert f"{LAST} is being run anew" in page.text
    assert f"A run of {LAST} began on 2026-11-22 at 09:30 UTC and has not ended." in page.text


def test_the_command_line_says_it_too(home: Path, engine: Engine) -> None:
    def dry_run(*arguments: str) -> str:
        asked = ["--home", str(home), "correct", *arguments, "--why", "agreed", "--dry-run"]
        told = CliRunner().invoke(command, asked)
        assert told.exit_code == 0, told.stderr
        return told.stdout

    begin(engine)
    for arguments in (("merge", LOGIN, HOSTILE), ("effort", LOGIN, "3")):
        assert f"note: a run of {LAST} began on" in dry_run(*arguments)
    run_anew(engine)
    for arguments in (("merge", LOGIN, HOSTILE), ("effort", LOGIN, "3")):
        told = dry_run(*arguments)
        assert f"note: {LAST} is being run anew" in told
        assert "would change their number" not in told
        assert "would change (as of" not in told
    shown = json.loads(dry_run("merge", LOGIN, HOSTILE, "--json"))
    assert (shown["known"], shown["changes"]) == (False, [])
