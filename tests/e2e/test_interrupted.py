"""kill -9 in the middle of a run: the last good week can be read, and running again completes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flows.reporting import week_report
from flows.settings import Settings
from store.database import open_database, read_scope
from store.locks import Busy, run_lock
from store.runs import list_runs
from store.snapshots import published_weeks
from tests.e2e.die_at_statement import count_statements

if TYPE_CHECKING:
    from tests.e2e.conftest import Pipeline

W38, W39, W40 = "2026-W38", "2026-W39", "2026-W40"
ROOT = Path(__file__).parents[2]
DIE = Path(__file__).with_name("die_at_statement.py")
pytestmark = pytest.mark.timeout(900)  # the first test here may have to make the run of all


def _published(settings: Settings) -> list[str]:
    engine = open_database(settings.database_url)
    with read_scope(engine) as session:
        found = published_weeks(session)
    engine.dispose()
    return found


def _exports(pipeline: Pipeline, settings: Settings, week: str) -> dict[str, bytes]:
    engine = open_database(settings.database_url)
    found = pipeline.exports(engine, week=week)
    engine.dispose()
    return found


def _as_of(pipeline: Pipeline, week: str) -> dict[str, bytes]:
    """The exports of the undisturbed run."""
    return _exports(pipeline, pipeline.settings(pipeline.stages[week]), week)


def _killed(process: subprocess.Popen[str], when: Callable[[str], bool], after: float) -> list[str]:
    """Kill -9 so many seconds after a line of its progress; all lines until then."""
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if when(line):
            break
    time.sleep(after)
    process.kill()
    assert process.wait() == -signal.SIGKILL, lines
    return lines


def _clear_away(process: subprocess.Popen[str]) -> None:
    """What it started and left behind (Prefect's own server), and its pipes."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.communicate()


@pytest.fixture
def prefect_api(prefect_server: None) -> str:
    """Address of the tests' server: one of its own costs a command 10 to 20 s.

    Here the command that completes what was killed starts its own, as people's do.
    """
    from prefect.settings import get_current_settings

    url = get_current_settings().api.url
    assert url is not None
    return url


def test_killed_while_embedding_and_while_analysing(
    pipeline: Pipeline, tmp_path: Path, prefect_api: str
) -> None:
    settings = pipeline.at(W38, tmp_path / "home")
    before = _as_of(pipeline, W38)
    moments = random.Random(5)
    command = ("run", "--from", W39, "--to", W40)
    # The analysis of this week takes some 0.2 s: later, there would be nothing left to kill.
    for step, most in (("  split ", 0.3), ("  embedded ", 0.1)):
        process = pipeline.command(settings, *command, PREFECT_API_URL=prefect_api)
        try:
            after = moments.uniform(0.0, most)
            lines = _killed(process, lambda line, step=step: step in line, after)  # type: ignore[misc]
        finally:
            _clear_away(process)
        assert step in lines[-1], "".join(lines)
        assert _published(settings) == [W38]
        assert _exports(pipeline, settings, W38) == before
        engine = open_database(settings.database_url)
        assert week_report(engine, week=None, format="md")[0] == W38
        engine.dispose()
    process = pipeline.command(settings, *command)
    try:
        _, errors = process.communicate(timeout=200)
    finally:
        _clear_away(process)
    assert process.returncode == 0, errors
    assert _published(settings) == [W38, W39, W40]
    for week in (W39, W40):
        assert _exports(pipeline, settings, week) == _as_of(pipeline, week)
    engine = open_database(settings.database_url)
    with read_scope(engine) as session:
        runs = [run for run in list_runs(session) if run.week != W38]
    engine.dispose()
    assert [(run.week, run.status) for run in runs] == [
        (W40, "done"),
        (W39, "done"),
        (W39, "failed"),
        (W39, "failed"),
    ]
    assert {run.error for run in runs if run.status == "failed"} == {"it was killed before its end"}


def test_killed_at_any_statement(pipeline: Pipeline, tmp_path: Path) -> None:
    """Beside the clock: a run that dies just before any one of the statements it sends."""

    def home(name: str) -> Settings:
        settings = pipeline.at(W38, tmp_path / name)
        engine = open_database(settings.database_url)
        pipeline.lend_vectors(engine)
        engine.dispose()
        return settings

    undisturbed = home("undisturbed")
    total = _statements_sent(pipeline, undisturbed)
    assert _exports(pipeline, undisturbed, W39) == _as_of(pipeline, W39)
    moments = sorted({total, total - 1, *random.Random(8).sample(range(1, total), 4)})
    homes = [home(f"at-{moment}") for moment in moments]
    pairs = (
        part for one, at in zip(homes, moments, strict=True) for part in (str(one.home), str(at))
    )
    ended = subprocess.run(
        [sys.executable, str(DIE), str(undisturbed.labels_dir), W39, *pairs],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    before = _as_of(pipeline, W38)
    for settings, moment in zip(homes, moments, strict=True):
        assert _published(settings) == [W38], f"killed at {moment} of {total}"
        assert _exports(pipeline, settings, W38) == before
        engine = open_database(settings.database_url)
        (outcome,) = pipeline.run(engine, settings, [W39])
        engine.dispose()
        assert outcome.status == "done"
        assert _exports(pipeline, settings, W39) == _as_of(pipeline, W39), f"{moment} of {total}"


def _statements_sent(pipeline: Pipeline, settings: Settings) -> int:
    """Run the week undisturbed, counting as `die_at_statement.py` does."""
    engine = open_database(settings.database_url)
    sent = count_statements(engine, lambda _number: None)
    pipeline.run(engine, settings, [W39])
    engine.dispose()
    return sent()


def test_two_runs_at_once(pipeline: Pipeline, tmp_path: Path, prefect_api: str) -> None:
    settings = pipeline.at(W38, tmp_path / "home")
    with run_lock(settings.database_url, settings.home, wait_seconds=0):
        process = pipeline.command(settings, "run", "--week", W39, PREFECT_API_URL=prefect_api)
        try:
            _, errors = process.communicate(timeout=200)
        finally:
            _clear_away(process)
        assert process.returncode == 75, errors
        message = errors.strip()
        assert "\n" not in message, errors
        assert message.startswith("groundswell: another run is at work on this database: pid ")
        assert message.endswith("Let it finish, or end that process, and try again.")
        with (
            pytest.raises(Busy),
            run_lock(settings.database_url, settings.home, wait_seconds=0),
        ):
            pass
    assert _published(settings) == [W38]
