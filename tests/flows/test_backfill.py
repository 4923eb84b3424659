"""The Prefect flows, on one server for the session: what Prefect adds to the plain functions."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from flows import backfill as module
from flows.backfill import backfill, run_week_task, weekly
from flows.running import LaterWeeksError, WeekOutcome, run_week
from flows.settings import Settings
from labels.errors import LabelsError
from labels.schema import copy_defaults
from nlp.records import Feedback
from store.database import migrate, open_database, session_scope
from store.feedback import upsert_feedback
from store.locks import Busy, run_lock
from store.snapshots import published_weeks

W47, W48 = "2026-W47", "2026-W48"
pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.timeout(600)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'test.db'}")
    engine = open_database(settings.database_url)
    migrate(engine)
    with session_scope(engine) as session:
        upsert_feedback(session, [_message(1, W47, 16), _message(2, W48, 23)])
    engine.dispose()
    return settings


def _message(number: int, week: str, day: int) -> Feedback:
    at = dt.datetime(2026, 11, day, 9, tzinfo=dt.UTC)
    text = f"The printer number {number} prints nothing at all"
    return Feedback(f"m{number}", "desk", "ticket", text, at, week, at.date())


def _published(settings: Settings) -> list[str]:
    engine = open_database(settings.database_url)
    with session_scope(engine) as session:
        found = published_weeks(session)
    engine.dispose()
    return found


class Attempts:
    """Stands in for `run_week`, and fails so many times first."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.left = failures
        self.error = error
        self.made = 0

    def __call__(self, *arguments: Any, **options: Any) -> WeekOutcome:
        self.made += 1
        if self.left:
            self.left -= 1
            raise self.error
        return run_week(*arguments, **options)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without the wait between them."""
    monkeypatch.setattr(module, "run_week_task", run_week_task.with_options(retry_delay_seconds=0))


def test_backfill_and_weekly(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed: list[str] = []
    monkeypatch.setattr(module, "confirm_week", lambda _, week, **__: confirmed.append(week))
    outcomes = backfill(settings.to_json(), W47, W48)
    assert [(one.week, one.status) for one in outcomes] == [(W47, "done"), (W48, "done")]
    assert outcomes[1].counts["messages"] == 2
    assert _published(settings) == [W47, W48]
    lines = capsys.readouterr().err.splitlines()
    assert any(line.startswith("  2026-W47  split 1 of 1 messages") for line in lines)
    assert any(line.startswith("2026-W48  1 messages, 0 themes") for line in lines)

    assert confirmed == []
    again = weekly(settings.to_json(), W48)
    assert confirmed == [W48]
    assert again.status == "unchanged"
    told = capsys.readouterr().err.strip()
    assert told == "2026-W48  unchanged: same input as when it was last run"


@pytest.mark.usefixtures("at_once")
def test_a_database_that_was_away_is_tried_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    attempts = Attempts(2, OperationalError("SELECT 1", {}, Exception("database is locked")))
    monkeypatch.setattr(module, "run_week", attempts)
    assert backfill(settings.to_json(), W47, W47)[0].status == "done"
    assert attempts.made == 3
    assert _published(settings) == [W47]
    assert "the database does not answer" in capsys.readouterr().err


@pytest.mark.usefixtures("at_once")
def test_a_database_that_stays_away_fails_in_the_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = Attempts(99, OperationalError("SELECT 1", {}, Exception("database is locked")))
    monkeypatch.setattr(module, "run_week", attempts)
    with pytest.raises(OperationalError):
        backfill(settings.to_json(), W47, W47)
    assert attempts.made == 4


@pytest.mark.usefixtures("at_once")
def test_wrong_labels_are_not_tried_again(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_defaults(tmp_path / "labels")
    (tmp_path / "labels" / "owners.yaml").write_text("owners: 3", encoding="utf-8")
    attempts = Attempts(0, KeyError())
    monkeypatch.setattr(module, "run_week", attempts)
    with pytest.raises(LabelsError, match=r"owners\.yaml:1: owners: "):
        backfill(replace(settings, labels_dir=tmp_path / "labels").to_json(), W47, W48)
    assert attempts.made == 1
    assert _published(settings) == []


@pytest.mark.usefixtures("at_once")
def test_a_week_that_others_stand_on_is_not_tried_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    backfill(settings.to_json(), W47, W48)
    engine = open_database(settings.database_url)
    with session_scope(engine) as session:
        upsert_feedback(session, [_message(3, W47, 17)])
    engine.dispose()
    attempts = Attempts(0, KeyError())
    monkeypatch.setattr(module, "run_week", attempts)
    with pytest.raises(LaterWeeksError, match=f"--from {W47} --to {W48}"):
        weekly(settings.to_json(), W47)
    assert attempts.made == 1
    assert _published(settings) == [W47, W48]


@pytest.mark.usefixtures("at_once")
def test_a_week_that_fails_keeps_no_report_of_those_before_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(engine: Any, *, week: str, **options: Any) -> WeekOutcome:
        if week == W48:
            raise KeyError(week)
        return run_week(engine, week=week, **options)

    delivered: list[tuple[str, str]] = []

    def deliver_after(_settings: Settings, *, first: str, last: str, tell: object) -> None:
        assert callable(tell)
        delivered.append((first, last))

    monkeypatch.setattr(module, "run_week", run)
    monkeypatch.setattr(module, "deliver_after", deliver_after)
    with pytest.raises(KeyError, match=W48):
        backfill(settings.to_json(), W47, W48)
    assert _published(settings) == [W47]
    assert delivered == [(W47, W47)]
    with pytest.raises(KeyError, match=W48):
        backfill(settings.to_json(), W48, W48)
    assert delivered == [(W47, W47)]  # nothing was run: nothing to deliver


def test_a_second_run_is_refused(settings: Settings) -> None:
    with (
        run_lock(settings.database_url, settings.home, wait_seconds=0),
        pytest.raises(Busy, match="another run is at work on this database: pid"),
    ):
        backfill(settings.to_json(), W47, W47)
    assert _published(settings) == []


def test_a_weeks_line_counts_root_causes_and_their_pieces(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    names = ("messages_this_week", "themes_leaf", "born", "statements_leaf", "statements", "ranked")
    counts = dict.fromkeys(names, 7) | {"root_causes": 24, "causes": 28}
    outcome = WeekOutcome(W47, "done", counts, {"causes": 1.0})
    monkeypatch.setattr(module, "run_week", lambda *_, **__: outcome)
    backfill(settings.to_json(), W47, W47)
    assert "24 root causes (28 pieces of evidence), 7 friction points" in capsys.readouterr().err
