from __future__ import annotations

import datetime as dt
from dataclasses import replace

from store.database import Session
from store.runs import RunRecord, last_run, list_runs, rewind, save_run, weeks_run_anew

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def run(number: int, week: str | None = "2026-W47", *, kind: str = "weekly") -> RunRecord:
    return RunRecord(
        id=f"r{number}",
        kind=kind,
        week=week,
        status="done",
        started_at=NOON + dt.timedelta(minutes=number),
        input_digest=f"digest {number}",
    )


def test_a_run_is_updated_by_its_id(session: Session) -> None:
    begun = replace(run(1), status="running", input_digest="")
    save_run(session, begun)
    assert last_run(session) == begun
    done = replace(
        run(1), finished_at=NOON + dt.timedelta(hours=1), counts='{"statements": 3}', error=""
    )
    save_run(session, done)
    assert list_runs(session, 5) == [done]


def test_the_last_run_of_a_week_with_a_status(session: Session) -> None:
    failed = replace(run(3), status="failed", error="disk full")
    for one in (run(2), failed, run(1), run(4, "2026-W48"), run(5, None, kind="ingest")):
        save_run(session, one)
    assert last_run(session, week="2026-W47") == failed
    assert last_run(session, week="2026-W47", status="done") == run(2)
    assert last_run(session, status="failed") == failed
    assert last_run(session) == run(5, None, kind="ingest")
    assert last_run(session, week="2026-W40") is None


def test_runs_are_listed_the_latest_first(session: Session) -> None:
    for number in (2, 1, 3):
        save_run(session, run(number))
    assert [one.id for one in list_runs(session, 2)] == ["r3", "r2"]


def test_rewinding_makes_the_runs_of_that_week_and_later_run_again(session: Session) -> None:
    ingest = run(4, None, kind="ingest")
    for one in (run(1, "2026-W46"), run(2, "2026-W47"), run(3, "2026-W48"), ingest):
        save_run(session, one)
    rewind(session, "2026-W47")
    digests = {one.id: one.input_digest for one in list_runs(session, 9)}
    assert digests == {"r1": "digest 1", "r2": "", "r3": "", "r4": "digest 4"}


def test_rewound_weeks_are_told_until_they_are_run_again(session: Session) -> None:
    assert weeks_run_anew(session) == frozenset()
    ingest = run(4, None, kind="ingest")
    for one in (run(1, "2026-W46"), run(2, "2026-W47"), run(3, "2026-W48"), ingest):
        save_run(session, one)
    assert weeks_run_anew(session) == frozenset()
    rewind(session, "2026-W47")
    assert weeks_run_anew(session) == {"2026-W47", "2026-W48"}
    save_run(session, run(5, "2026-W47"))  # it is published, and the next one fails
    save_run(session, replace(run(6, "2026-W48"), status="failed"))
    assert weeks_run_anew(session) == {"2026-W48"}
    save_run(session, run(7, "2026-W48"))
    assert weeks_run_anew(session) == frozenset()
