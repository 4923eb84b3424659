"""`groundswell themes` on a store with one published week."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from flows.cli import app
from flows.rebuilding import rebuild, rebuild_config, voters
from labels.schema import copy_defaults, load
from nlp.overlap import KnownText
from nlp.rebuild import RebuildConfig
from nlp.records import Assignment, Feedback, Statement, Theme, ThemeEvent, Trend, text_sha
from nlp.scoring import memory_config
from nlp.weeks import monday, week_of
from store.assignments import save_assignments
from store.database import Session, migrate, open_database, session_scope
from store.decisions import active_decisions, add_decision, undo_decision
from store.feedback import upsert_feedback
from store.runs import RunRecord, save_run
from store.snapshots import save_snapshot
from store.statements import save_statements
from store.themes import save_theme_events, save_themes
from store.vectors import save_vectors

W1, W2 = "2026-W10", "2026-W11"


@pytest.fixture(autouse=True)
def _environment_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GROUNDSWELL_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", os.environ)


def groundswell(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), *arguments])


@contextmanager
def opened(home: Path) -> Iterator[Session]:
    engine = open_database(f"sqlite:///{home / 'groundswell.sqlite'}")
    migrate(engine)
    with session_scope(engine) as session:
        yield session
    engine.dispose()


def a_theme(name: str, **more: object) -> Theme:
    shas = tuple(text_sha(f"{name} text {n}") for n in range(3))
    made = Theme(name, "leaf", "P1", f"About {name}", "most said", ("a", "b"), shas, 0.5, W1)
    return replace(made, **more)  # type: ignore[arg-type]


PARENT = Theme("P1", "parent", None, "All of it", "two of its themes", (), (), 0.4, W1)


def publish(session: Session, week: str, counts: dict[str, int]) -> None:
    trends = [
        Trend(week, name, name, "steady", count, count, None, None, None, None, None, False)
        for name, count in counts.items()
    ]
    save_snapshot(
        session,
        week,
        trends=trends,
        causes=(),
        friction=(),
        owners={},
        stages={},
        report_json="{}",
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A and B: 20 texts each of one meaning; C: 20 of two meanings; ten texts without a theme."""
    generator = np.random.default_rng(1)
    meanings = {"A": 0, "B": 0, "C": 1, "D": 3}
    feedback, statements, placed, rows = [], [], [], []
    for name, count in (("A", 20), ("B", 20), ("C", 40), ("D", 20)):
        for n in range(count):
            text = f"{name} text {n}"
            day = monday(W1)
            at = dt.datetime.combine(day, dt.time(12), dt.UTC)
            item = Feedback(
                f"{name}{n:02d}", "plant", "survey", text, at, week_of(day), day, f"c{name}{n}"
            )
            feedback.append(item)
            statements.append(Statement(item.key, 0, text))
            leaf = None if name == "D" else name
            state = "leaf" if leaf else "unthemed"
            placed.append(
                Assignment(statements[-1].id, leaf, "P1" if leaf else None, state, 0.9, "exemplars")  # type: ignore[arg-type]
            )
            row = 0.05 * generator.normal(size=16)
            row[meanings[name] + (1 if name == "C" and n % 2 else 0)] += 1
            rows.append(row / np.linalg.norm(row))
    with opened(tmp_path) as session:
        upsert_feedback(session, feedback)
        keys = [item.key for item in feedback]
        save_statements(session, statements, version="v1", feedback_keys=keys)
        save_themes(session, W1, [PARENT, a_theme("A"), a_theme("B"), a_theme("C")])
        save_assignments(session, W1, placed)
        save_theme_events(
            session,
            [
                ThemeEvent(W1, "B", "born", "About B: nearest in meaning of 9 phrases"),
                ThemeEvent(W1, "B", "adopted", "All of it", ("P1",)),
                ThemeEvent(W2, "B", "merged", "into About A, 20 statements, by a person", ("A",)),
            ],
        )
        save_vectors(
            session, "enc", [item.sha for item in statements], np.array(rows, dtype=np.float32)
        )
        publish(session, W1, {"A": 20, "B": 20, "C": 40, "P1": 80})
        now = dt.datetime(2026, 3, 9, tzinfo=dt.UTC)
        digests = json.dumps({"encoder": "enc"})
        save_run(session, RunRecord("r1", "weekly", W1, "done", now, model_digests=digests))
    return tmp_path


def end_b(home: Path) -> None:
    with opened(home) as session:
        merged = a_theme("B", ended="merged", retired_week=W2, successors=("A",))
        save_themes(session, W2, [merged])
        publish(session, W2, {"A": 25, "C": 10, "P1": 35})


def test_an_empty_store_says_how_to_go_on(tmp_path: Path) -> None:
    told = groundswell(tmp_path, "themes", "list")
    assert (told.exit_code, told.stdout) == (0, "")
    assert "groundswell run" in told.stderr
    assert json.loads(groundswell(tmp_path, "themes", "list", "--json").stdout) == []
    for command in ("show", "history"):
        told = groundswell(tmp_path, "themes", command, "T-1")
        assert told.exit_code == 1
        assert "there are none yet; they come with: groundswell run" in told.stderr
    told = groundswell(tmp_path, "themes", "rebuild")
    assert told.exit_code == 1
    assert told.stderr == "groundswell: no week was run yet; run: groundswell run\n"


def test_list_leaves_ended_themes_out_unless_asked(home: Path) -> None:
    end_b(home)
    rows = json.loads(groundswell(home, "themes", "list", "--json").stdout)
    assert [(row["id"], row["customers"]) for row in rows] == [("A", 25), ("C", 10), ("P1", 35)]
    rows = json.loads(groundswell(home, "themes", "list", "--all", "--json").stdout)
    assert [row["state"] for row in rows if row["id"] == "B"] == ["merged in 2026-W11"]
    told = groundswell(home, "themes", "list", "--all").stdout
    assert "B  leaf    0 customers, merged in 2026-W11: About B" in told
    assert told.endswith("4 themes\n")


def test_show_a_theme(home: Path) -> None:
    told = groundswell(home, "themes", "show", "C").stdout
    assert told.startswith("C  About C\n  leaf, alive, born 2026-W10\n  name: most said\n")
    assert "most distinctive: a, b" in told
    assert "under: All of it (P1)" in told
    assert "    - C text 0\n" in told
    assert "holds: About A (A)" in groundswell(home, "themes", "show", "P1").stdout
    page = json.loads(groundswell(home, "themes", "show", "C", "--json").stdout)
    assert page["typical"] == ["C text 0", "C text 1", "C text 2"]
    assert page["trend"]["customers"] == 40


def test_show_tells_of_copies_and_shows_no_text_twice(home: Path) -> None:
    mail = "I demand that you give me back the fee for order {} before the end of the week"
    texts = [mail.format(n) for n in range(6)]
    with opened(home) as session:
        messages = [
            Feedback(
                f"x{n}", "plant", "survey", text, dt.datetime(2026, 3, 3, tzinfo=dt.UTC), W1,
                monday(W1), f"x{n}",
            )
            for n, text in enumerate(texts)
        ]  # fmt: skip
        upsert_feedback(session, messages)
        said = [Statement(item.key, 0, item.text) for item in messages]
        save_statements(session, said, version="v1", feedback_keys=[item.key for item in messages])
        save_assignments(
            session, W1, [Assignment(one.id, "C", "P1", "leaf", 0.9, "exemplars") for one in said]
        )
        shas = tuple(map(text_sha, [*texts, "C text 0"]))
        save_themes(session, W1, [a_theme("C", exemplars=shas)])
    told = groundswell(home, "themes", "show", "C").stdout
    assert "6 of 46 mentions of the last 12 weeks are copies of one text, sent by 6 cust" in told
    page = json.loads(groundswell(home, "themes", "show", "C", "--json").stdout)
    assert page["typical"] == [texts[0], "C text 0"]
    assert (page["copies"]["mentions"], page["copies"]["texts"]) == (6, 6)
    page = json.loads(groundswell(home, "themes", "show", "A", "--json").stdout)
    assert page["copies"] is None


def test_an_unknown_theme_names_the_nearest(home: Path) -> None:
    told = groundswell(home, "themes", "show", "P11")
    assert told.exit_code == 1
    assert "did you mean P1 (All of it)?" in told.stderr
    assert "groundswell themes list --all" in told.stderr


def test_history_tells_a_life_and_keeps_the_counts_from_before_the_merge(home: Path) -> None:
    end_b(home)
    with opened(home) as session:
        first = add_decision(
            session, kind="rename", theme_id="B", value='{"label": "x"}', who="Ana", why="no"
        )
        undo_decision(session, first)
        add_decision(
            session, kind="merge", theme_id="B", value='{"into": "A"}', who="Ana", why="the same"
        )
    told = groundswell(home, "themes", "history", "B").stdout
    lines = told.splitlines()
    assert lines[0] == "B  About B (leaf, merged in 2026-W11)"
    assert lines[1] == (
        "  2026-W10  It was born of 20 texts in 20 messages of 20 customers; "
        "the name “About B”: nearest in meaning of 9 phrases."
    )
    assert lines[2] == "  2026-W10  It came under “All of it” (P1)."
    assert lines[3] == (
        "  2026-W11  It was merged into “About A” (A) (20 statements, by a person); "
        "before that, 2026-W10 to 2026-W10 were published with 20 statements of it, "
        "at most 20 a week."
    )
    assert "merge B, by Ana: the same (no. 2)" in told
    assert "undone" in told
    assert lines[-1] == "  2026-W10  20 statements, 20 customers"

    facts = json.loads(groundswell(home, "themes", "history", "B", "--json").stdout)
    assert facts["published"] == [{"week": W1, "statements": 20, "customers": 20}]
    assert [one["kind"] for one in facts["life"]] == ["born", "adopted", "merged"]
    assert [one["value"] for one in facts["decisions"]] == [{"label": "x"}, {"into": "A"}]
    taken = json.loads(groundswell(home, "themes", "history", "A", "--json").stdout)
    assert [one["kind"] for one in taken["life"]] == ["took in"]
    assert [one["kind"] for one in taken["decisions"]] == ["merge"]


def test_rebuild_proposes_and_changes_nothing(home: Path) -> None:
    told = groundswell(home, "themes", "rebuild", "--json")
    assert told.exit_code == 0, told.stderr
    assert "partitioning 100 texts" in told.stderr
    samples = [line for line in told.stderr.splitlines() if line.startswith("sample ")]
    assert len(samples) == 10
    assert samples[-1].startswith("sample 10 of 10: ")
    facts = json.loads(told.stdout)
    found = {one["kind"]: one for one in facts["proposals"]}
    assert set(found) == {"merge", "split", "birth"}
    assert {found["merge"]["theme_id"], found["merge"]["into"]} == {"A", "B"}
    assert found["split"]["theme_id"] == "C"
    assert sorted(len(part["texts"]) for part in found["split"]["value"]["parts"]) == [20, 20]
    assert len(found["birth"]["value"]["texts"]) == 20
    assert all(one["reason"] and 1 <= len(one["quotes"]) <= 3 for one in facts["proposals"])
    with opened(home) as session:
        assert active_decisions(session) == []
    assert json.loads(groundswell(home, "themes", "rebuild", "--json").stdout) == facts


def test_proposals_are_a_corrections_file_and_importing_it_accepts_what_is_left(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "proposals.yaml"
    told = groundswell(home, "themes", "rebuild", "--out", str(file))
    assert f"groundswell correct import {file}" in told.stdout
    text = file.read_text("utf-8")
    assert "# “" in text
    head, *entries = text.split("- kind: ")
    assert [entry.partition("\n")[0] for entry in entries] == ["merge", "split", "birth"]
    file.write_text("- kind: ".join([head, *entries[:2]]), "utf-8")
    done = groundswell(home, "correct", "import", str(file), "--who", "Ana")
    assert done.exit_code == 0, done.stderr
    with opened(home) as session:
        assert [(one.kind, one.who) for one in active_decisions(session)] == [
            ("merge", "Ana"),
            ("split", "Ana"),
        ]
    again = json.loads(groundswell(home, "themes", "rebuild", "--json").stdout)
    assert [one["kind"] for one in again["proposals"]] == ["birth"]


def test_accepted_proposals_are_decisions_and_not_proposed_again(home: Path) -> None:
    refused = groundswell(home, "themes", "rebuild", "--accept")
    assert refused.exit_code == 2
    told = groundswell(home, "themes", "rebuild", "--accept", "--who", "Ana", "--why", "reviewed")
    assert "accepted: 3 decisions" in told.stdout
    with opened(home) as session:
        made = active_decisions(session)
    assert [one.kind for one in made] == ["merge", "split", "birth"]
    assert all(one.who == "Ana" for one in made)
    assert all(one.why.startswith(f"reviewed (rebuild of {W1}: ") for one in made)
    again = json.loads(groundswell(home, "themes", "rebuild", "--json").stdout)
    assert again["proposals"] == []


def test_undone_proposals_stay_undone_when_their_file_is_imported_again(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "proposals.yaml"
    assert groundswell(home, "themes", "rebuild", "--out", str(file)).exit_code == 0
    assert "when:" not in file.read_text("utf-8")
    take = ("correct", "import", str(file), "--who", "Ana", "--json")
    first = json.loads(groundswell(home, *take).stdout)
    assert (first["accepted"], first["unchanged"], first["undone"]) == (3, 0, 0)
    assert groundswell(home, "correct", "undo", "2").exit_code == 0
    again = json.loads(groundswell(home, *take).stdout)
    assert (again["accepted"], again["unchanged"], again["undone"]) == (0, 2, 1)
    with opened(home) as session:
        assert [one.id for one in active_decisions(session)] == [1, 3]


@pytest.mark.parametrize(("customers", "born"), [(20, True), (21, False)])
def test_a_rebuild_goes_by_the_rules_of_births_in_the_labels(
    home: Path, customers: int, born: bool
) -> None:
    copy_defaults(home / "labels")
    scoring = home / "labels" / "scoring.yaml"
    text = scoring.read_text("utf-8")
    births = text.index("births:")
    rule = re.compile(r"min_customers: \d+")
    scoring.write_text(
        text[:births] + rule.sub(f"min_customers: {customers}", text[births:], count=1), "utf-8"
    )
    told = groundswell(home, "themes", "rebuild", "--json")
    kinds = [one["kind"] for one in json.loads(told.stdout)["proposals"]]
    assert kinds == (["merge", "split", "birth"] if born else ["merge", "split"])


def test_a_rebuild_partitions_and_counts_copies_as_the_engine_does(home: Path) -> None:
    memory = memory_config(load().scoring)
    assert rebuild_config(memory) == RebuildConfig()
    cut = replace(memory.births.cut, samples=3)
    copies = replace(memory.copies, least_words=3, shingle=1, least_alike=0.1)
    told: list[str] = []
    engine = open_database(f"sqlite:///{home / 'groundswell.sqlite'}")
    fewer = replace(memory, births=replace(memory.births, cut=cut))
    rebuild(engine, memory=fewer, tell=told.append)
    assert [line[:13] for line in told if line.startswith("sample")] == [
        f"sample {number} of 3" for number in (1, 2, 3)
    ]
    assert rebuild(engine, memory=replace(fewer, copies=copies), tell=told.append).texts < 100
    engine.dispose()


def test_copies_have_one_vote_in_a_rebuild() -> None:
    mail = "I demand that you give me back the fee for order {} before the end of the week"

    def known(text: str, customers: str, leaf: str | None = None) -> KnownText:
        return KnownText(text_sha(text), text, leaf, len(customers), frozenset(customers))

    texts = [known(mail.format(n), "ab") for n in range(20)]
    texts += [known("Too expensive", "abc", "T1"), known("too expensive!", "cd", "T1")]
    texts.append(known("Where is my order?", "e"))
    found = voters(sorted(texts, key=lambda one: one.sha))
    assert [one.sha for one in found] == sorted(one.sha for one in found)
    counted = {one.text.lower().strip("!"): (one.mentions, len(one.customers)) for one in found}
    sent = counted.pop(next(text for text in counted if "demand" in text))
    assert sent == (1, 1)
    assert counted == {"too expensive": (5, 4), "where is my order?": (1, 1)}
