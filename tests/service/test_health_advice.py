from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from nlp.residue import ResidueDrift
from service.health_advice import advise
from store.runs import RunRecord

STEADY = ResidueDrift("steady", 4, 8, 0.1, 0.1, 0.0, -0.05, 0.05)
WELL: dict[str, Any] = {
    "last_run": RunRecord(
        "r", "weekly", "2026-W47", "done", dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    ),
    "volumes": [("2026-W45", 100), ("2026-W46", 110), ("2026-W47", 90)],
    "waiting": [],
    "drift": STEADY,
    "quarantined": 0,
    "rows_read": 1000,
    "models": [("encoder", "2026-W01")],
    "changed": (),
}


def keys(**changes: Any) -> list[str]:
    return [one.key for one in advise(**(WELL | changes))]


def test_all_is_well() -> None:
    assert keys() == []
    assert keys(last_run=None, volumes=[], rows_read=0, models=[]) == []


def test_a_failed_run_says_how_to_run_it_again() -> None:
    run = RunRecord(
        *("r", "weekly", "2026-W47", "failed", dt.datetime(2026, 11, 23, tzinfo=dt.UTC)),
        error="DiskFull: no room",
    )
    (told,) = advise(**(WELL | {"last_run": run}))
    assert told.key == "run-failed"
    assert "DiskFull: no room" in told.what
    assert told.todo.endswith("groundswell run --week 2026-W47")


@pytest.mark.parametrize(
    ("week", "expected"), [("2026-W48", ["not-run"]), ("2026-W44", ["weeks-missing"])]
)
def test_weeks_that_were_not_run(week: str, expected: list[str]) -> None:
    assert keys(waiting=[(week, 3)]) == expected


def test_before_the_first_run_all_weeks_wait() -> None:
    found = keys(volumes=[], last_run=None, waiting=[("2026-W44", 3), ("2026-W45", 4)])
    assert found == ["not-run"]


@pytest.mark.parametrize(("now", "expected"), [(49, ["few-messages"]), (50, []), (51, [])])
def test_half_of_the_usual_messages(now: int, expected: list[str]) -> None:
    volumes = [(f"2026-W{week}", 100) for week in range(40, 47)] + [("2026-W47", now)]
    assert keys(volumes=volumes) == expected


@pytest.mark.parametrize(("rows", "expected"), [(9, []), (10, []), (11, ["quarantine"])])
def test_more_than_one_row_in_a_hundred_in_quarantine(rows: int, expected: list[str]) -> None:
    assert keys(quarantined=rows) == expected


def test_a_growing_residue_is_told_a_shrinking_one_is_not() -> None:
    assert keys(drift=ResidueDrift("rising", 4, 8, 0.3, 0.1, 0.2, 0.1, 0.3)) == ["residue-grows"]
    assert keys(drift=ResidueDrift("falling", 4, 8, 0.1, 0.3, -0.2, -0.3, -0.1)) == []


def test_a_new_model_is_told_in_its_first_week_only() -> None:
    former = ("encoder", "2026-W01")
    assert keys(models=[former, ("encoder", "2026-W47")]) == ["model-changed"]
    assert keys(models=[former, ("encoder", "2026-W46")]) == []


def test_changed_inputs_are_named() -> None:
    (told,) = advise(**(WELL | {"changed": ("events", "decisions")}))
    assert told.what == "Decisions and events were changed since 2026-W47 was run."
