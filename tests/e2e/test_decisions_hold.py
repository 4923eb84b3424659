"""What people decided stays through runs until they take it back; then it is as if it never was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from store.database import session_scope
from store.decisions import add_decision, undo_decision
from tests.e2e.comparing import differences, rename_first
from tests.e2e.comparing import rows as exported

if TYPE_CHECKING:
    from tests.e2e.conftest import Pipeline

W38, W39, W40, W41 = WEEKS = ("2026-W38", "2026-W39", "2026-W40", "2026-W41")
pytestmark = pytest.mark.timeout(900)  # the first test here may have to make the run of all


def test_a_rename_stays_through_reruns_until_it_is_undone(
    pipeline: Pipeline, finished_exports: dict[str, bytes], tmp_path: Path
) -> None:
    settings = pipeline.at(W40, tmp_path / "home")
    engine = pipeline.open(settings)
    theme_id, number = rename_first(engine, "Zebra trouble")

    def label() -> tuple[str, str]:
        (row,) = [
            row
            for row in exported(pipeline.exports(engine, formats=("jsonl",)), "themes")
            if row["theme_id"] == theme_id
        ]
        return row["label"], row["label_reason"]

    found = label()
    pipeline.run(engine, settings, [W41])
    assert label() == ("Zebra trouble", f"by a person; found was: {found[0]}")
    renamed = pipeline.exports(engine)
    assert pipeline.run(engine, settings, [W41])[0].status == "unchanged"
    pipeline.run(engine, settings, list(WEEKS))
    assert label()[0] == "Zebra trouble"
    again = pipeline.exports(engine)
    # A name is only a name: who stands where does not move.
    for noun in ("assignments", "statements", "quarantine"):
        assert renamed[f"{noun}.csv"] == again[f"{noun}.csv"] == finished_exports[f"{noun}.csv"]
    rows = [row for row in exported(again, "lineage") if row["kind"] == "renamed"]
    assert [(row["theme_id"], row["detail"]) for row in rows] == [
        (theme_id, "Zebra trouble (by a person)")
    ]

    # It bears the name from the week in which it was born, as if it had always been called so.
    with session_scope(engine) as session:
        undo_decision(session, number)
    pipeline.run(engine, settings, [W41])
    assert label() == found
    rows = [
        row for row in exported(pipeline.exports(engine), "lineage") if row["kind"] == "renamed"
    ]
    assert rows[-1]["detail"] == f"{found[0]} (as found; the name a person gave was taken back)"
    assert rows[-1]["week"] == W41
    pipeline.run(engine, settings, list(WEEKS))
    assert differences(pipeline.exports(engine), finished_exports) == []
    engine.dispose()


def test_an_owner_that_a_person_named_outranks_all_until_undone(
    pipeline: Pipeline, finished_exports: dict[str, bytes], tmp_path: Path
) -> None:
    settings = pipeline.at(W40, tmp_path / "home")
    engine = pipeline.open(settings)
    owners = {row["theme_id"]: row for row in exported(finished_exports, "owners")}
    theme_id = min(owners)
    other = next(
        row for _, row in sorted(owners.items()) if row["owner_id"] != owners[theme_id]["owner_id"]
    )
    with session_scope(engine) as session:
        number = add_decision(
            session,
            kind="owner",
            theme_id=theme_id,
            value=json.dumps({"owner_id": other["owner_id"]}),
            who="test",
            why="agreed on Monday",
        )
    pipeline.run(engine, settings, [W41])

    def owner() -> dict[str, Any]:
        rows = exported(pipeline.exports(engine, formats=("jsonl",)), "owners")
        return next(row for row in rows if row["theme_id"] == theme_id)

    assert (owner()["owner"], owner()["method"]) == (other["owner"], "decision")
    assert (owner()["confidence"], owner()["needs_confirmation"]) == (1.0, False)
    with session_scope(engine) as session:
        undo_decision(session, number)
    pipeline.run(engine, settings, [W41])
    assert differences(pipeline.exports(engine), finished_exports) == []
    engine.dispose()
