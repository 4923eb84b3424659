"""One pipeline run on a part of the samples, kept as it stood after each week, for all tests here.

The first worker to ask for it makes it, and another waits. Each text is embedded once: other
databases are lent the vectors of the first.
"""

from __future__ import annotations

import csv
import datetime as dt
import fcntl
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.event_file import read_events
from flows.ingesting import ingest_paths
from flows.models import Models, load_models
from flows.running import WeekOutcome, run_week
from flows.settings import DATABASE_FILE, Settings
from nlp.weeks import monday, week_of
from service.exporting import export
from service.exports.columns import NOUNS
from service.exports.files import Format
from store.database import Engine, migrate, open_database, read_scope, session_scope
from store.events import upsert_events
from store.ingests import IngestCounts
from store.tables import VECTOR
from store.vectors import load_vectors, save_vectors

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
# What was written before the first week is moved into it: themes are then born in that week.
WEEKS = ("2026-W38", "2026-W39", "2026-W40", "2026-W41")
FILES = ("tickets.csv", "surveys.csv", "call_notes", "broken/tickets_broken.csv")
_WRITTEN = re.compile(r'^created_at: "(.*)"$', re.MULTILINE)


@dataclass(frozen=True)
class Pipeline:
    """The run that others are compared with, and how to make more like it.

    `stages` has a home for each name: "taken in", then the weeks, each as the run left it.
    """

    models: Models
    input: Path
    stages: Mapping[str, Path]

    def settings(self, home: Path, *, url: str | None = None, processes: int = 1) -> Settings:
        return Settings(
            home=home,
            database_url=url or f"sqlite:///{home / DATABASE_FILE}",
            labels_dir=SAMPLES / "labels",
            processes=processes,
        )

    def open(self, settings: Settings) -> Engine:
        engine = open_database(settings.database_url)
        migrate(engine)
        return engine

    def at(self, stage: str, home: Path) -> Settings:
        """Settings of a copy of the database as it was at a stage."""
        home.mkdir(parents=True)
        shutil.copy(self.stages[stage] / DATABASE_FILE, home / DATABASE_FILE)
        return self.settings(home)

    def ingest(
        self, engine: Engine, settings: Settings, folder: Path, files: Sequence[str] = FILES
    ) -> list[IngestCounts]:
        counts = []
        for name in files:
            mapping = SAMPLES / "maps" / f"{Path(name).stem}.yaml"
            counts.append(
                ingest_paths(
                    engine,
                    [folder / name],
                    settings=settings,
                    mapping=mapping if mapping.is_file() else None,
                )
            )
        with session_scope(engine) as session:
            upsert_events(session, read_events(SAMPLES / "events.csv"))
        return counts

    def run(
        self, engine: Engine, settings: Settings, weeks: Sequence[str] = WEEKS
    ) -> list[WeekOutcome]:
        return [
            run_week(
                engine,
                settings=settings,
                models=self.models,
                week=week,
                last=weeks[-1],
                tell=lambda _line: None,
            )
            for week in weeks
        ]

    def lend_vectors(self, engine: Engine) -> None:
        """Copy every vector of the finished run, so that nothing is embedded a second time."""
        lender = open_database(self.settings(self.stages[WEEKS[-1]]).database_url)
        model = self.models.encoder.digest
        with read_scope(lender) as session:
            shas = sorted(session.connection().execute(VECTOR.select()).columns("sha").scalars())
            vectors = load_vectors(session, model, shas)
        lender.dispose()
        with session_scope(engine) as session:
            save_vectors(session, model, shas, vectors)

    def exports(
        self,
        engine: Engine,
        *,
        week: str | None = None,
        formats: Sequence[Format] = ("csv", "jsonl"),
        without: Sequence[str] = (),
    ) -> dict[str, bytes]:
        """Every export by file name."""
        return {
            f"{noun}.{kind}": export(engine, noun, format=kind, week=week).content
            for noun in NOUNS
            if noun not in without
            for kind in formats
        }

    def command(
        self, settings: Settings, *arguments: str, **environment: str
    ) -> subprocess.Popen[str]:
        """`groundswell` in a process of its own, in this folder's checkout."""
        assert settings.labels_dir is not None
        return subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from flows.cli import main; main()",
                *("--home", str(settings.home)),
                *("--labels", str(settings.labels_dir)),
                *arguments,
            ],
            cwd=ROOT,
            env={key: value for key, value in os.environ.items() if "GROUNDSWELL" not in key}
            | {"GROUNDSWELL_DATABASE_URL": settings.database_url}
            | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A group of its own, to be cleared away whole: Prefect starts a server beside it.
            start_new_session=True,
        )


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The samples up to the last of WEEKS, taken in and run week by week."""
    base = tmp_path_factory.getbasetemp()
    # A worker's own folder lies in that of the session.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "pipeline"
    folder.mkdir(exist_ok=True)
    stages = {name: folder / name.replace(" ", "-") for name in ("taken in", *WEEKS)}
    made = Pipeline(load_models(None), folder / "input", stages)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            _make(made, folder / "work")
            (folder / "made").touch()
    return made


def _make(pipeline: Pipeline, home: Path) -> None:
    for left in (pipeline.input, home, *pipeline.stages.values()):
        shutil.rmtree(left, ignore_errors=True)  # by a worker that failed here
    _cut(pipeline.input)
    settings = pipeline.settings(home)
    engine = pipeline.open(settings)
    pipeline.ingest(engine, settings, pipeline.input)
    _keep(engine, settings, pipeline.stages["taken in"])
    for week in WEEKS:
        pipeline.run(engine, settings, [week])
        _keep(engine, settings, pipeline.stages[week])


@pytest.fixture(scope="session")
def finished_exports(pipeline: Pipeline) -> dict[str, bytes]:
    """The exports of the undisturbed run."""
    engine = open_database(pipeline.settings(pipeline.stages[WEEKS[-1]]).database_url)
    found = pipeline.exports(engine)
    engine.dispose()
    return found


@pytest.fixture
def shuffled(pipeline: Pipeline, tmp_path: Path) -> Path:
    """The same input with the rows of each file in another order."""
    folder = tmp_path / "shuffled"
    order = random.Random(7)
    shutil.copytree(pipeline.input, folder)
    for name in ("tickets.csv", "surveys.csv"):
        header, rows = _read_rows(folder / name)
        order.shuffle(rows)
        _write_rows(folder / name, header, rows)
    return folder


def _keep(engine: Engine, settings: Settings, home: Path) -> None:
    engine.dispose()  # SQLite folds its log into the file when the last connection closes
    home.mkdir()
    shutil.copy(settings.home / DATABASE_FILE, home / DATABASE_FILE)


def _cut(folder: Path) -> None:
    """The samples that were written by the end of the last week."""
    (folder / "call_notes").mkdir(parents=True)
    (folder / "broken").mkdir()
    shutil.copy(SAMPLES / FILES[-1], folder / FILES[-1])
    for name in ("tickets.csv", "surveys.csv"):
        header, rows = _read_rows(SAMPLES / name)
        kept = [
            row | {"created_at": at} for row in rows if (at := _moved(row["id"], row["created_at"]))
        ]
        _write_rows(folder / name, header, kept)
    for note in sorted((SAMPLES / "call_notes").glob("*.md")):
        text = note.read_text(encoding="utf-8")
        written = _WRITTEN.search(text)
        assert written is not None, note
        if at := _moved(note.stem, written[1]):
            (folder / "call_notes" / note.name).write_text(
                text.replace(written[0], f'created_at: "{at}"'), encoding="utf-8"
            )


def _moved(number: str, written: str) -> str | None:
    """The time, in the first of WEEKS at the earliest; None for a message that is left out.

    The first week needs enough texts for themes to be born; of the others, half are enough.
    """
    at = dt.datetime.fromisoformat(written)
    week = week_of(at.astimezone(dt.UTC).date())
    if week > WEEKS[-1] or (week > WEEKS[0] and int(number[-1]) % 2):
        return None
    early = max(0, (monday(WEEKS[0]) - monday(week)).days)
    return (at + dt.timedelta(days=early)).isoformat()


def _read_rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return list(reader.fieldnames or ()), list(reader)


def _write_rows(path: Path, header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        writer.writerows(rows)
