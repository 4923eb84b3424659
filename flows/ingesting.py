"""Files into the store, in one transaction: every row ends in exactly one of four counts."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flows.connectors.rows import BrokenRow, RawRow, UnreadableFile
from flows.connectors.source import default_source, find_files, open_source
from flows.mapping import load_mapping
from flows.settings import Settings
from nlp.fields import is_absent
from nlp.intake import IntakeConfig, reject_broken, take
from nlp.person_names import redact_config
from nlp.records import KINDS, Kind, Rejected
from nlp.repeats import Placed, settle_repeats
from store.database import Engine, Session, session_scope
from store.feedback import upsert_feedback
from store.ingests import IngestCounts, record_ingest
from store.locks import run_lock
from store.quarantine import add_quarantine, release_quarantine

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Read:
    """All rows of an input after intake. `rows` = messages + rejected, always."""

    placed: tuple[Placed, ...]
    rejected: tuple[Rejected, ...]
    redactions: Counter[str]
    fed_again: frozenset[tuple[str, int]]


def ingest_paths(
    engine: Engine,
    paths: Sequence[Path],
    *,
    settings: Settings,
    kind: str | None = None,
    source: str | None = None,
    mapping: Path | None = None,
    wait_seconds: float = 60.0,
    tell: Tell | None = None,
) -> IngestCounts:
    """Read files and folders, check, clean and redact their rows, and store them all or nothing.

    accepted + updated + unchanged + quarantined = rows read. A row that is identical to another of
    the same input is unchanged. Rows that left the quarantine by being mended are taken off it.

    Args:
        engine: the database.
        paths: files or folders.
        settings: gives the zone and the secret for customer ids.
        kind: for rows that name none.
        source: for rows that name none; by default `default_source` of their file.
        mapping: a mapping file (see `flows.mapping`).
        wait_seconds: how long to wait for a run to end; a run reads what must not change meanwhile.
        tell: is told, in a sentence, what each file held.

    Raises:
        UnreadableFile: when a file is not what it says; it names every such file. Nothing is
            written then.
        WrongMapping: when the mapping cannot be used.
        ValueError: for an unknown `kind`.
        Busy: a run is still at work after `wait_seconds`.
    """
    started_at = dt.datetime.now(dt.UTC)
    plan = load_mapping(mapping) if mapping is not None else None
    config = IntakeConfig(
        kind=_known(kind),
        source=source,
        zone=settings.zone,
        naive_zone=plan.zone if plan else None,
        hash_secret=settings.hash_secret,
        date_formats=plan.dates if plan else (),
        redact=redact_config(names=settings.redact_names),
    )
    given = ["source"] if kind is None else ["kind", "source"]
    files = find_files(paths)
    rows: list[RawRow | BrokenRow] = []
    refused: list[str] = []
    for file in files:
        try:
            found = list(open_source(file, plan, given=given))
        except UnreadableFile as error:
            refused.append(str(error))
            continue
        rows += found if source is not None else _sourced(found, default_source(file, plan))
        if tell is not None:
            tell(f"{file.name}: {len(found)} rows")
    if refused:
        raise UnreadableFile("\n".join([*refused, "Nothing was written."]))
    names = tuple(file.as_posix() for file in files)
    with (
        run_lock(settings.database_url, settings.home, wait_seconds=wait_seconds),
        session_scope(engine) as session,
    ):
        return store_rows(session, rows, config=config, files=names, started_at=started_at)


def store_rows(
    session: Session,
    rows: Iterable[RawRow | BrokenRow],
    *,
    config: IntakeConfig,
    files: Sequence[str],
    started_at: dt.datetime,
) -> IngestCounts:
    """Take in rows that were read, and record the ingest; the caller's transaction."""
    read = _take_all(rows, config)
    settled = settle_repeats(read.placed)
    rejected = (*read.rejected, *settled.rejected)
    ingest_id = _ingest_id(started_at, files, settled.kept, rejected)
    upserted = upsert_feedback(session, settled.kept)
    release_quarantine(session, keys={item.key for item in settled.kept}, places=read.fed_again)
    add_quarantine(session, rejected, ingest_id=ingest_id)
    counts = IngestCounts(
        id=ingest_id,
        started_at=started_at,
        files=tuple(files),
        rows_read=len(read.placed) + len(read.rejected),
        accepted=upserted.accepted,
        updated=upserted.updated,
        unchanged=upserted.unchanged + settled.repeats,
        quarantined=len(rejected),
        redactions=dict(sorted(read.redactions.items())),
    )
    ended = counts.accepted + counts.updated + counts.unchanged + counts.quarantined
    if ended != counts.rows_read:
        raise AssertionError(f"{counts.rows_read} rows were read, but {ended} are accounted for")
    record_ingest(session, counts)
    return counts


def _take_all(rows: Iterable[RawRow | BrokenRow], config: IntakeConfig) -> _Read:
    placed: list[Placed] = []
    rejected: list[Rejected] = []
    redactions: Counter[str] = Counter()
    fed_again: set[tuple[str, int]] = set()
    for row in rows:
        if row.fed_again:
            fed_again.add((row.file, row.line))
        if isinstance(row, BrokenRow):
            rejected.append(
                reject_broken(
                    row.text, row.reason, config=config, file=row.file, line=row.line, ids=row.ids
                )
            )
            continue
        taken = take(row.values, config=config, file=row.file, line=row.line)
        redactions.update(taken.redactions)
        if isinstance(taken.outcome, Rejected):
            rejected.append(taken.outcome)
        else:
            placed.append(Placed(taken.outcome, row.file, row.line))
    return _Read(tuple(placed), tuple(rejected), redactions, frozenset(fed_again))


def _sourced(rows: Iterable[RawRow | BrokenRow], source: str) -> Iterator[RawRow | BrokenRow]:
    """The rows, each with a source. One from the quarantine remembers its own, or must be told."""
    for row in rows:
        if isinstance(row, BrokenRow) or row.fed_again or not is_absent(row.values.get("source")):
            yield row
        else:
            yield replace(row, values={**row.values, "source": source})


def _known(kind: str | None) -> Kind | None:
    for known in KINDS:
        if kind == known:
            return known
    if kind is None:
        return None
    raise ValueError(f"unknown kind {kind!r}; known are {', '.join(KINDS)}")


def _ingest_id(
    started_at: dt.datetime,
    files: Sequence[str],
    kept: Sequence[object],
    rejected: Sequence[object],
) -> str:
    content = repr((started_at.isoformat(), list(files), len(kept), len(rejected)))
    digest = hashlib.sha256(content.encode()).hexdigest()[:8]
    return f"{started_at:%Y%m%dT%H%M%SZ}-{digest}"
