"""What holds for every run: rows are conserved, order and processes do not matter, nothing leaks
back from later weeks. What people decided: test_decisions_hold.py."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from flows.running import LaterWeeksError, NoFeedbackError
from store.database import open_database, read_scope, session_scope
from store.decisions import add_decision, undo_decision
from store.feedback import load_feedback
from store.runs import last_run
from store.snapshots import published_weeks
from store.statements import load_statements
from store.themes import themes_as_of
from store.vectors import load_vectors
from tests.e2e.comparing import differences, rename_first
from tests.e2e.comparing import rows as exported

if TYPE_CHECKING:
    from tests.e2e.conftest import Pipeline

W38, W39, W40, W41 = WEEKS = ("2026-W38", "2026-W39", "2026-W40", "2026-W41")
pytestmark = pytest.mark.timeout(900)  # the first test here may have to make the run of all
STATES = {"leaf", "parent", "unthemed", "noise"}


def test_the_run_is_worth_comparing(finished_exports: dict[str, bytes]) -> None:
    """Equal exports say something only when there is something in them."""
    themes = exported(finished_exports, "themes")
    assert sum(theme["level"] == "leaf" for theme in themes) >= 3
    assert any(theme["born_week"] == W38 for theme in themes)
    assert len({theme["owner"] for theme in themes if theme["owner"]}) >= 2
    for noun in ("causes", "friction", "trends", "lineage", "quarantine"):
        assert exported(finished_exports, noun), noun
    assert {row["state"] for row in exported(finished_exports, "assignments")} >= {
        "leaf",
        "unthemed",
        "noise",
    }


# (a) rows


def test_every_row_is_accounted_for(pipeline: Pipeline, tmp_path: Path) -> None:
    settings = pipeline.settings(tmp_path / "home")
    engine = pipeline.open(settings)
    counts = pipeline.ingest(engine, settings, pipeline.input)
    read = [_lines(pipeline.input, name) for name in ("tickets.csv", "surveys.csv")]
    assert [one.rows_read for one in counts[:2]] == read
    assert counts[2].rows_read == len(list((pipeline.input / "call_notes").iterdir()))
    for one in counts:
        ended = one.accepted + one.updated + one.unchanged + one.quarantined
        assert one.rows_read == ended > 0
    assert counts[3].quarantined > 0
    with session_scope(engine) as session:
        assert len(load_feedback(session)) == sum(one.accepted for one in counts)
    engine.dispose()


def _lines(folder: Path, name: str) -> int:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def test_every_message_has_statements_and_every_statement_one_place(
    finished_exports: dict[str, bytes],
) -> None:
    keys = {(row["source"], row["id"]) for row in exported(finished_exports, "feedback")}
    statements = exported(finished_exports, "statements")
    assert {(row["source"], row["feedback_id"]) for row in statements} == keys
    assignments = exported(finished_exports, "assignments")
    places = [(row["source"], row["feedback_id"], row["statement_no"]) for row in assignments]
    assert len(set(places)) == len(places)
    assert places == [
        (row["source"], row["feedback_id"], row["statement_no"]) for row in statements
    ]
    noise = {row["statement_id"] for row in statements if row["noise"]}
    for row in assignments:
        assert row["state"] in STATES
        assert (row["theme_id"] is not None) == (row["state"] == "leaf")
        if row["state"] in {"unthemed", "noise"}:
            assert row["parent_theme_id"] is None
        number = f"{row['source']}/{row['feedback_id']}#{row['statement_no']}"
        assert (row["state"] == "noise") == (number in noise)


def test_counts_of_the_run_are_those_of_the_export(
    pipeline: Pipeline, finished_exports: dict[str, bytes]
) -> None:
    engine = open_database(pipeline.settings(pipeline.stages[W41]).database_url)
    with read_scope(engine) as session:
        run = last_run(session, week=W41, status="done")
    engine.dispose()
    assert run is not None
    counts = json.loads(run.counts)
    states = Counter(row["state"] for row in exported(finished_exports, "assignments"))
    assert {state: counts[f"statements_{state}"] for state in STATES} == {
        state: states[state] for state in STATES
    }
    assert counts["statements"] == sum(states.values())
    assert counts["messages"] == len(exported(finished_exports, "feedback"))
    assert json.loads(run.config)["labels_digest"]
    assert dict(json.loads(run.model_digests)).keys() == {"encoder", "spacy", "splitter"}
    assert json.loads(run.timings).keys() == {"prepare", "analyse", "publish"}


def test_themes_count_what_is_assigned_to_them(finished_exports: dict[str, bytes]) -> None:
    assignments = exported(finished_exports, "assignments")
    leaves = Counter(row["theme_id"] for row in assignments)
    parents = Counter(row["parent_theme_id"] for row in assignments)
    for theme in exported(finished_exports, "themes"):
        found = leaves if theme["level"] == "leaf" else parents
        assert theme["statements"] == found[theme["theme_id"]], theme["label"]
        assert theme["owner"], "no theme is without a name beside it"


def test_both_formats_hold_every_row(finished_exports: dict[str, bytes]) -> None:
    for name, content in finished_exports.items():
        if name.endswith(".csv"):
            rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
            noun = name.removesuffix(".csv")
            assert len(rows) - 1 == len(exported(finished_exports, noun)), noun


# (b) twice


def test_ingesting_twice_changes_nothing(
    pipeline: Pipeline, finished_exports: dict[str, bytes], tmp_path: Path
) -> None:
    settings = pipeline.at(W41, tmp_path / "home")
    engine = pipeline.open(settings)
    counts = pipeline.ingest(engine, settings, pipeline.input)
    for one in counts:
        assert (one.accepted, one.updated) == (0, 0)
        assert one.unchanged + one.quarantined == one.rows_read
    assert differences(pipeline.exports(engine), finished_exports) == []
    engine.dispose()


# (c) order and processes


def test_order_and_processes_change_no_byte(
    pipeline: Pipeline, finished_exports: dict[str, bytes], shuffled: Path, tmp_path: Path
) -> None:
    settings = pipeline.settings(tmp_path / "home", processes=2)
    engine = pipeline.open(settings)
    pipeline.lend_vectors(engine)
    # The broken rows stay where they are: a quarantined row is known by its file and line.
    pipeline.ingest(engine, settings, shuffled, ("call_notes", "surveys.csv", "tickets.csv"))
    pipeline.ingest(engine, settings, pipeline.input, ("broken/tickets_broken.csv",))
    outcomes = pipeline.run(engine, settings)
    assert [one.status for one in outcomes] == ["done"] * len(WEEKS)
    assert differences(pipeline.exports(engine), finished_exports) == []
    engine.dispose()


def test_a_text_has_the_same_vector_in_any_company(pipeline: Pipeline) -> None:
    """The runs here are lent vectors: so these must not depend on the batch they were made in."""
    engine = open_database(pipeline.settings(pipeline.stages[W41]).database_url)
    with read_scope(engine) as session:
        found = {item.sha: item.text for item in load_statements(session) if item.noise is None}
        shas = sorted(random.Random(3).sample(sorted(found), 40), key=lambda sha: sha[::-1])
        stored = load_vectors(session, pipeline.models.encoder.digest, shas)
    engine.dispose()
    made = pipeline.models.encoder.encode([found[sha] for sha in shas])
    assert np.array_equal(made, stored)


# (e) again


def test_running_again_changes_nothing(
    pipeline: Pipeline, finished_exports: dict[str, bytes], tmp_path: Path
) -> None:
    settings = pipeline.at(W41, tmp_path / "home")
    engine = pipeline.open(settings)
    outcomes = pipeline.run(engine, settings)
    assert [one.status for one in outcomes] == ["unchanged"] * len(WEEKS)
    assert outcomes[-1].counts["messages"] == len(exported(finished_exports, "feedback"))
    assert differences(pipeline.exports(engine), finished_exports) == []
    engine.dispose()


# (f) a changed row


def test_a_changed_row_is_an_update_and_the_next_run_sees_it(
    pipeline: Pipeline, finished_exports: dict[str, bytes], tmp_path: Path
) -> None:
    settings = pipeline.at(W41, tmp_path / "home")
    engine = pipeline.open(settings)
    changed = tmp_path / "changed"
    shutil.copytree(pipeline.input, changed)
    path = changed / "tickets.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    number = rows[-1]["id"]
    rows[-1]["text"] = "The zebra button is upside down. Please turn the zebra button round."
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (counts,) = pipeline.ingest(engine, settings, changed, ("tickets.csv",))
    assert (counts.accepted, counts.updated, counts.unchanged) == (0, 1, len(rows) - 1)

    before = pipeline.exports(engine)
    assert not [row for row in exported(before, "statements") if row["feedback_id"] == number]
    assert not [row for row in exported(before, "assignments") if row["feedback_id"] == number]

    (outcome,) = pipeline.run(engine, settings, [W41])
    assert outcome.status == "done"
    after = pipeline.exports(engine)
    mine = [row for row in exported(after, "assignments") if row["feedback_id"] == number]
    assert " ".join(row["statement"] for row in mine) == rows[-1]["text"]
    others = {row["feedback_id"] for row in exported(after, "assignments")} - {number}
    assert others == {row["feedback_id"] for row in exported(finished_exports, "assignments")} - {
        number
    }

    # The old text once more: as if nothing had been.
    pipeline.ingest(engine, settings, pipeline.input, ("tickets.csv",))
    pipeline.run(engine, settings, [W41])
    assert differences(pipeline.exports(engine), finished_exports) == []
    engine.dispose()


# (g) earlier weeks


def test_an_earlier_week_is_not_run_anew_alone(pipeline: Pipeline, tmp_path: Path) -> None:
    settings = pipeline.at(W41, tmp_path / "home")
    engine = pipeline.open(settings)
    rename_first(engine, "Another name")
    with pytest.raises(LaterWeeksError) as refusal:
        pipeline.run(engine, settings, [W39])
    assert str(refusal.value) == (
        "2026-W40 to 2026-W41 were published after 2026-W39 and stand on it; "
        "run them together: groundswell run --from 2026-W39 --to 2026-W41"
    )
    with read_scope(engine) as session:
        assert published_weeks(session) == list(WEEKS)
    engine.dispose()


def test_a_range_run_anew_is_what_it_was(
    pipeline: Pipeline, finished_exports: dict[str, bytes], tmp_path: Path
) -> None:
    settings = pipeline.at(W41, tmp_path / "home")
    engine = pipeline.open(settings)
    with session_scope(engine) as session:
        theme = themes_as_of(session)[0]
        decision = add_decision(
            session,
            kind="owner",
            theme_id=theme.id,
            value=json.dumps({"owner_id": "nobody-yet"}),
            who="test",
            why="to make the weeks run anew",
        )
        undo_decision(session, decision)
        number = add_decision(
            session,
            kind="rename",
            theme_id="T-unknown",
            value=json.dumps({"label": "x"}),
            who="test",
            why="a theme that is not there",
        )
    outcomes = pipeline.run(engine, settings, [W39, W40, W41])
    assert [one.status for one in outcomes] == ["done"] * 3
    assert differences(pipeline.exports(engine), finished_exports) == []
    with session_scope(engine) as session:
        undo_decision(session, number)
    engine.dispose()


def test_a_week_before_all_feedback_is_refused(pipeline: Pipeline, tmp_path: Path) -> None:
    settings = pipeline.at("taken in", tmp_path / "home")
    engine = pipeline.open(settings)
    with pytest.raises(NoFeedbackError, match="begins in 2026-W38 and ends in 2026-W41"):
        pipeline.run(engine, settings, ["2026-W37"])
    engine.dispose()
    empty = pipeline.settings(tmp_path / "empty")
    engine = pipeline.open(empty)
    with pytest.raises(NoFeedbackError, match="begin with: groundswell ingest PATH"):
        pipeline.run(engine, empty, [W38])
    engine.dispose()


# (i) no look-ahead


@pytest.mark.parametrize("week", [W38, W39])
def test_a_week_knows_nothing_of_later_ones(pipeline: Pipeline, week: str, tmp_path: Path) -> None:
    """The finished run had all rows from the start; this database never sees later ones."""
    settings = pipeline.settings(tmp_path / "home")
    engine = pipeline.open(settings)
    pipeline.lend_vectors(engine)
    early = tmp_path / "early"
    _keep_until(pipeline, week, early)
    pipeline.ingest(engine, settings, early, ("tickets.csv", "surveys.csv", "call_notes"))
    pipeline.run(engine, settings, [name for name in WEEKS if name <= week])
    finished = open_database(pipeline.settings(pipeline.stages[W41]).database_url)
    # Quarantined rows often have no date: that export holds all there are, whatever the week.
    alone = pipeline.exports(engine, week=week, without=("quarantine",))
    looked_back = pipeline.exports(finished, week=week, without=("quarantine",))
    assert differences(alone, looked_back) == []
    assert exported(alone, "themes")
    finished.dispose()
    engine.dispose()


def _keep_until(pipeline: Pipeline, week: str, folder: Path) -> None:
    engine = open_database(pipeline.settings(pipeline.stages[W41]).database_url)
    with read_scope(engine) as session:
        kept = {item.id for item in load_feedback(session, until_week=week)}
    engine.dispose()
    (folder / "call_notes").mkdir(parents=True)
    for note in (pipeline.input / "call_notes").iterdir():
        if note.stem in kept:
            shutil.copy(note, folder / "call_notes")
    for name in ("tickets.csv", "surveys.csv"):
        with (pipeline.input / name).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows = [row for row in reader if row["id"] in kept]
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, reader.fieldnames or ())
            writer.writeheader()
            writer.writerows(rows)
