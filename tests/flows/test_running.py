from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest

from flows import running
from flows.models import Models, load_models
from flows.running import WeekOutcome, run_week
from flows.settings import Settings
from labels.errors import LabelsError
from labels.schema import copy_defaults
from nlp.records import DatedEvent, Feedback
from store.database import Engine, migrate, open_database, session_scope
from store.decisions import add_decision
from store.events import upsert_events
from store.feedback import upsert_feedback
from store.runs import RunRecord, list_runs, save_run
from store.snapshots import load_report, published_weeks
from store.statements import load_statements

W47, W48, W49 = "2026-W47", "2026-W48", "2026-W49"


def message(number: int, text: str, day: dt.date) -> Feedback:
    year, week, _ = day.isocalendar()
    return Feedback(
        id=f"m{number}",
        source="desk",
        kind="ticket",
        text=text,
        created_at=dt.datetime.combine(day, dt.time(9), dt.UTC),
        week=f"{year}-W{week:02d}",
        day=day,
        customer_id=f"c{number}",
    )


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models(None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    copy_defaults(tmp_path / "labels")
    return Settings(tmp_path, f"sqlite:///{tmp_path / 'test.db'}", tmp_path / "labels")


@pytest.fixture
def engine(settings: Settings) -> Engine:
    engine = open_database(settings.database_url)
    migrate(engine)
    with session_scope(engine) as session:
        upsert_feedback(
            session,
            [
                message(1, "The app logs me out every day.", dt.date(2026, 11, 16)),
                message(2, "My invoice has two pages.", dt.date(2026, 11, 22)),
                message(3, "Thanks!", dt.date(2026, 11, 23)),
            ],
        )
    return engine


def run(
    engine: Engine, settings: Settings, models: Models, week: str, last: str | None = None
) -> WeekOutcome:
    return run_week(
        engine,
        settings=settings,
        models=models,
        week=week,
        last=last or week,
        tell=lambda _line: None,
    )


def runs(engine: Engine) -> list[RunRecord]:
    with session_scope(engine) as session:
        return list_runs(session)


def test_a_week_sees_its_own_messages_and_earlier_ones(
    engine: Engine, settings: Settings, models: Models
) -> None:
    first, second = run(engine, settings, models, W47), run(engine, settings, models, W48)
    assert (first.status, second.status) == ("done", "done")
    assert first.counts["messages"] == first.counts["messages_this_week"] == 2
    assert (second.counts["messages"], second.counts["messages_this_week"]) == (3, 1)
    assert (first.counts["new_messages"], second.counts["new_messages"]) == (2, 1)
    assert second.counts["statements_noise"] == 1
    with session_scope(engine) as session:
        assert published_weeks(session) == [W47, W48]
        assert load_report(session, W48)


def test_a_week_without_messages_is_published_too(
    engine: Engine, settings: Settings, models: Models
) -> None:
    outcome = run(engine, settings, models, W49)
    assert outcome.status == "done"
    assert outcome.counts["messages_this_week"] == 0


def test_a_run_is_recorded_with_what_made_it(
    engine: Engine, settings: Settings, models: Models
) -> None:
    outcome = run(engine, replace(settings, hash_secret="never shown"), models, W47)
    (record,) = runs(engine)
    assert (record.kind, record.week, record.status, record.error) == ("weekly", W47, "done", "")
    assert json.loads(record.counts) == outcome.counts
    assert json.loads(record.timings) == outcome.seconds
    config = json.loads(record.config)
    assert config["customer_ids"] == "hashed"
    assert set(config["inputs"]) == {"customers", "decisions", "events"}
    assert "never shown" not in str(record)
    assert record.code_version.startswith("0.")
    assert record.finished_at is not None
    assert record.started_at < record.finished_at


def test_what_a_week_reads_decides_whether_it_is_run_again(
    engine: Engine, settings: Settings, models: Models
) -> None:
    def again() -> str:
        return run(engine, settings, models, W47).status

    assert [again(), again()] == ["done", "unchanged"]
    with session_scope(engine) as session:
        # The Monday after is of the next week: this one knows nothing of it.
        upsert_events(session, [DatedEvent(dt.date(2026, 11, 23), "release", "5.0")])
    assert again() == "unchanged"
    with session_scope(engine) as session:
        upsert_events(session, [DatedEvent(dt.date(2026, 11, 22), "release", "4.9")])
    assert [again(), again()] == ["done", "unchanged"]
    with session_scope(engine) as session:
        upsert_feedback(session, [message(4, "It is slow.", dt.date(2026, 11, 24))])
    assert again() == "unchanged"
    with session_scope(engine) as session:
        upsert_feedback(session, [message(1, "The app is slow.", dt.date(2026, 11, 16))])
    assert [again(), again()] == ["done", "unchanged"]
    with session_scope(engine) as session:
        add_decision(
            session,
            kind="rename",
            theme_id="T",
            value=json.dumps({"label": "Slow"}),
            who="test",
            why="test",
        )
    assert [again(), again()] == ["done", "unchanged"]
    owners = settings.home / "labels" / "owners.yaml"
    owners.write_text(owners.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert again() in {"done", "unchanged"}
    assert again() == "unchanged"


def test_a_changed_earlier_week_runs_the_weeks_on_it_anew(
    engine: Engine, settings: Settings, models: Models
) -> None:
    for week in (W47, W48):
        run(engine, settings, models, week)
    with session_scope(engine) as session:
        upsert_feedback(session, [message(1, "The app is slow.", dt.date(2026, 11, 16))])
    with pytest.raises(running.LaterWeeksError, match=f"--from {W47} --to {W48}"):
        run(engine, settings, models, W47)
    statuses = [run(engine, settings, models, week, W48).status for week in (W47, W48)]
    assert statuses == ["done", "done"]


def test_weeks_of_a_range_stay_readable_until_each_is_run_anew(
    engine: Engine, settings: Settings, models: Models
) -> None:
    for week in (W47, W48):
        run(engine, settings, models, week)
    with session_scope(engine) as session:
        old = load_report(session, W48)
        upsert_feedback(session, [message(1, "The app is slow.", dt.date(2026, 11, 16))])
    run(engine, settings, models, W47, W48)
    with session_scope(engine) as session:
        assert published_weeks(session) == [W47, W48]
        assert load_report(session, W48) == old
    assert run(engine, settings, models, W48).status == "done"
    with session_scope(engine) as session:
        assert load_report(session, W48) != old


def test_another_encoder_is_refused_with_the_way_out(
    engine: Engine, settings: Settings, models: Models
) -> None:
    run(engine, settings, models, W47)
    other = replace(models, digests=(("encoder", "another"),))
    with pytest.raises(running.ModelChangedError, match=f"--from {W47} --to {W48}"):
        run(engine, settings, other, W48)


def test_a_failure_is_recorded_and_leaves_what_was_published(
    engine: Engine, settings: Settings, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(engine, settings, models, W47)
    with session_scope(engine) as session:
        before = load_report(session, W47)
        upsert_feedback(session, [message(1, "The app is slow.", dt.date(2026, 11, 16))])

    def broken(*_arguments: object, **_options: object) -> None:
        raise ArithmeticError("it broke")

    with monkeypatch.context() as broke:
        broke.setattr(running, "save_snapshot", broken)
        with pytest.raises(ArithmeticError):
            run(engine, settings, models, W47)
    assert [(one.status, one.error) for one in runs(engine)] == [
        ("failed", "ArithmeticError: it broke"),
        ("done", ""),
    ]
    with session_scope(engine) as session:
        assert load_report(session, W47) == before
    assert run(engine, settings, models, W47).status == "done"


def test_wrong_labels_stop_a_run_before_it_begins(
    engine: Engine, settings: Settings, models: Models
) -> None:
    (settings.home / "labels" / "owners.yaml").write_text("owners: 3", encoding="utf-8")
    with pytest.raises(LabelsError, match=r"owners\.yaml"):
        run(engine, settings, models, W47)
    assert runs(engine) == []
    with session_scope(engine) as session:
        assert load_statements(session) == []


def test_a_run_that_was_killed_is_told_as_such(
    engine: Engine, settings: Settings, models: Models
) -> None:
    dead = RunRecord("dead", "weekly", W47, "running", dt.datetime(2026, 1, 5, tzinfo=dt.UTC))
    with session_scope(engine) as session:
        save_run(session, dead)
    run(engine, settings, models, W47)
    assert [(one.status, one.error) for one in runs(engine)] == [
        ("done", ""),
        ("failed", "it was killed before its end"),
    ]
