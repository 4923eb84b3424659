"""Real feedback from `../shared/data`: it runs, no row is lost, and what came out is printed.

By default a part of each file, so that the suite stays short. `make test WHOLE=1` runs them whole,
the Firefox questions being backfilled over four months; that takes many minutes.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flows.ingesting import ingest_paths
from flows.models import load_models
from flows.reporting import week_report
from flows.running import WeekOutcome, run_week
from flows.settings import DATABASE_FILE, Settings
from nlp.weeks import weeks_between
from service.exporting import export
from service.exports.columns import Noun
from store.database import Engine, migrate, open_database

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
WHOLE = os.environ.get("WHOLE") == "1"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data"),
    pytest.mark.timeout(4 * 3600 if WHOLE else 900),
]

Row = dict[str, Any]


@dataclass(frozen=True)
class Corpus:
    """A file, its map, and what is run: one row of `every`, from week to week; all when whole."""

    file: str
    map: str
    every: int
    weeks: tuple[str, str]
    all_weeks: tuple[str, str]
    quarantined: int  # of the whole file


SUMO = Corpus(
    file="sumo_firefox_2019q1/data.csv",
    map="sumo",
    every=3,
    weeks=("2018-W49", "2018-W49"),
    all_weeks=("2018-W49", "2019-W13"),
    quarantined=0,
)
NHS = Corpus(
    file="nhs_fft_multilabel/data.csv",
    map="nhs_survey",
    every=4,
    weeks=("2021-W38", "2021-W39"),
    all_weeks=("2021-W02", "2022-W49"),
    quarantined=802,  # 514 without a text, 288 more without a date
)
CALLS = Corpus(
    file="tweetsumm_call_notes/data.jsonl",
    map="tweetsumm",
    every=10,
    weeks=("2020-W02", "2020-W02"),
    all_weeks=("2020-W02", "2020-W02"),
    quarantined=0,
)


@dataclass(frozen=True)
class Ran:
    """A corpus after its last week: what was run, and the exports as rows."""

    feedback: list[Row]
    statements: list[Row]
    assignments: list[Row]
    themes: list[Row]
    outcomes: list[WeekOutcome]
    report: str


@pytest.mark.parametrize("corpus", [SUMO, NHS, CALLS], ids=lambda corpus: str(corpus.map))
def test_real_feedback_runs_and_no_row_is_lost(
    corpus: Corpus, tmp_path: Path, measured: Callable[[str], None]
) -> None:
    started = time.perf_counter()
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / DATABASE_FILE}")
    engine = open_database(settings.database_url)
    migrate(engine)
    rows = _ingest(engine, settings, corpus, tmp_path)
    ran = _run(engine, settings, corpus)
    engine.dispose()
    measured(_told(corpus, rows, ran, time.perf_counter() - started))

    week = ran.outcomes[-1].week
    assert {row["week"] for row in ran.feedback} <= set(weeks_between("2000-W01", week))
    _check_conserved(ran)
    _check_themes(ran)
    assert week in ran.report
    if corpus is NHS:
        scored = [row["score"] for row in ran.feedback if row["score"] is not None]
        assert len(scored) > 0.8 * len(ran.feedback)
        assert {1, 5} <= set(scored) <= {1, 2, 3, 4, 5}
        assert all(theme["mean_score"] is not None for theme in ran.themes)


def _ingest(engine: Engine, settings: Settings, corpus: Corpus, folder: Path) -> int:
    """The whole file is checked; what is stored is the part that will be run."""
    cut = folder / "input" / Path(corpus.file).name
    total = _cut(SHARED / corpus.file, cut, 1 if WHOLE else corpus.every)
    mapping = ROOT / "samples" / "maps" / f"{corpus.map}.yaml"
    counts = ingest_paths(engine, [cut], settings=settings, mapping=mapping)
    assert counts.rows_read == total
    assert counts.accepted + counts.updated + counts.unchanged + counts.quarantined == total
    assert counts.accepted + counts.quarantined == total  # all ids are different
    assert counts.quarantined == corpus.quarantined or not WHOLE
    assert counts.quarantined <= corpus.quarantined
    again = ingest_paths(engine, [cut], settings=settings, mapping=mapping)
    assert (again.accepted, again.updated, again.unchanged) == (0, 0, counts.accepted)
    stored = _rows(engine, "feedback", None)
    assert len(stored) == counts.accepted
    return total


def _cut(file: Path, to: Path, every: int) -> int:
    """Copy one row of `every`; how many there are then."""
    to.parent.mkdir()
    if file.suffix == ".jsonl":
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)[::every]
        to.write_text("".join(lines), encoding="utf-8")
        return len(lines)
    with file.open(encoding="utf-8", newline="") as source:
        reader = csv.reader(source)
        header, *rows = list(reader)
    with to.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([header, *rows[::every]])
    return len(rows[::every])


def _run(engine: Engine, settings: Settings, corpus: Corpus) -> Ran:
    models = load_models(None)
    weeks = weeks_between(*(corpus.all_weeks if WHOLE else corpus.weeks))
    outcomes = [
        run_week(
            engine,
            settings=settings,
            models=models,
            week=week,
            last=weeks[-1],
            tell=lambda _line: None,
        )
        for week in weeks
    ]
    return Ran(
        feedback=_rows(engine, "feedback", weeks[-1]),
        statements=_rows(engine, "statements", weeks[-1]),
        assignments=_rows(engine, "assignments", weeks[-1]),
        themes=_rows(engine, "themes", weeks[-1]),
        outcomes=outcomes,
        report=week_report(engine, week=weeks[-1], format="md")[1],
    )


def _rows(engine: Engine, noun: Noun, week: str | None) -> list[Row]:
    content = export(engine, noun, format="jsonl", week=week).content
    return [json.loads(line) for line in content.splitlines()]


def _check_conserved(ran: Ran) -> None:
    """Every message has a statement, every statement one place, and the run counted them so."""
    messages = {(row["source"], row["id"]) for row in ran.feedback}
    assert {(row["source"], row["feedback_id"]) for row in ran.statements} == messages
    places = [(row["source"], row["feedback_id"], row["statement_no"]) for row in ran.assignments]
    assert len(places) == len(set(places)) == len(ran.statements)
    counts = ran.outcomes[-1].counts
    states = Counter(row["state"] for row in ran.assignments)
    assert states.total() == counts["statements"]
    assert states["leaf"] == counts["statements_leaf"]
    assert states["noise"] == sum(1 for row in ran.statements if row["noise"])
    assert sum(one.counts["new_messages"] for one in ran.outcomes) == len(messages)


def _check_themes(ran: Ran) -> None:
    living = [theme for theme in ran.themes if theme["retired_week"] is None]
    assert any(theme["level"] == "leaf" for theme in living)
    assert all(theme["label"].strip() for theme in ran.themes)
    assert all(theme["owner"] and theme["owner_reason"] for theme in living)
    held = Counter(row["theme_id"] for row in ran.assignments if row["state"] == "leaf")
    assert held == {t["theme_id"]: t["statements"] for t in living if t["theme_id"] in held}


def _told(corpus: Corpus, rows: int, ran: Ran, seconds: float) -> str:
    states = Counter(row["state"] for row in ran.assignments)
    spoken = states.total() - states["noise"]
    living = [theme for theme in ran.themes if theme["retired_week"] is None]
    levels = Counter(theme["level"] for theme in living)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = peak / (1_000_000 if sys.platform == "darwin" else 1_000)
    largest = sorted(
        (theme for theme in living if theme["level"] == "leaf"),
        key=lambda theme: (-theme["statements"], theme["theme_id"]),
    )[:10]
    names = "\n".join(f"  {theme['statements']:5}  {theme['label']}" for theme in largest)
    first, last = ran.outcomes[0].week, ran.outcomes[-1].week
    part = "" if WHOLE else f", one row in {corpus.every}"
    return f"""{corpus.file}{part}, {first} to {last}
{rows} rows, {len(ran.feedback)} messages, {states.total()} statements, {states["noise"]} noise
coverage {states["leaf"] / spoken:.2f} in a leaf, {states["parent"] / spoken:.2f} more in a parent
themes: {levels["leaf"]} leaves, {levels["parent"]} parents; the ten largest leaves:
{names}
{seconds:.0f} s ({_parts(ran.outcomes)}); peak memory of the session so far {megabytes:.0f} MB"""


def _parts(outcomes: list[WeekOutcome]) -> str:
    total: Counter[str] = Counter()
    for outcome in outcomes:
        seconds: Mapping[str, float] = outcome.seconds
        total.update({name: round(1000 * value) for name, value in seconds.items()})
    return ", ".join(f"{name} {value / 1000:.0f} s" for name, value in total.items())
