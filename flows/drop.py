"""The drop folder: what lies in it is ingested, and then put aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flows.connectors.rows import UnreadableFile
from flows.ingesting import ingest_paths
from flows.mapping import WrongMapping
from flows.settings import Settings
from store.database import Engine
from store.ingests import IngestCounts

MAPPING = "map.yaml"
DONE, REFUSED = "done", "refused"
_WAIT_SECONDS = 900.0  # nobody stands by at night: a run that is still at work may end first


@dataclass(frozen=True, slots=True)
class Dropped:
    """What became of one file. `counts` is None for a refused one, and `refusal` says why."""

    file: Path
    counts: IngestCounts | None
    refusal: str = ""


def ingest_drop(
    engine: Engine, folder: Path, *, settings: Settings, tell: Callable[[str], None]
) -> list[Dropped]:
    """Ingests the files of a drop folder in the order of their names.

    Files of one system lie in a subfolder named after it, their `source`; a `map.yaml` there is
    their mapping. A file that was read moves to `done/` beside it, a refused one to `refused/`:
    one bad file stops no other.
    """
    outcomes = []
    for file in _waiting(folder):
        outcome = _ingest(engine, file, folder=folder, settings=settings)
        _put_aside(file, DONE if outcome.counts is not None else REFUSED)
        tell(_sentence(outcome))
        outcomes.append(outcome)
    return outcomes


def _waiting(folder: Path) -> list[Path]:
    subfolders = [path for path in folder.iterdir() if path.is_dir()]
    places = [folder, *(path for path in subfolders if path.name not in (DONE, REFUSED))]
    return sorted(
        file
        for place in places
        for file in place.iterdir()
        if file.is_file() and file.name != MAPPING and not file.name.startswith(".")
    )


def _ingest(engine: Engine, file: Path, *, folder: Path, settings: Settings) -> Dropped:
    mapping = file.parent / MAPPING
    try:
        counts = ingest_paths(
            engine,
            [file],
            settings=settings,
            source=None if file.parent == folder else file.parent.name,
            mapping=mapping if mapping.is_file() else None,
            wait_seconds=_WAIT_SECONDS,
        )
    except (UnreadableFile, WrongMapping) as error:
        return Dropped(file, None, str(error))
    return Dropped(file, counts)


def _put_aside(file: Path, name: str) -> None:
    aside = file.parent / name
    aside.mkdir(exist_ok=True)
    target = aside / file.name
    number = 1
    while target.exists():
        number += 1
        target = aside / f"{file.stem}.{number}{file.suffix}"
    file.rename(target)


def _sentence(outcome: Dropped) -> str:
    counts = outcome.counts
    if counts is None:
        return f"{outcome.file.name}: refused: {outcome.refusal}"
    return (
        f"{outcome.file.name}: {counts.rows_read} rows: {counts.accepted} new, "
        f"{counts.updated} updated, {counts.unchanged} unchanged, {counts.quarantined} quarantined"
    )
