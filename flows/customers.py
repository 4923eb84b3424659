"""A customer table into the store, in one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from flows.connectors.headers import columns_told
from flows.connectors.rows import BrokenRow, RawRow, UnreadableFile
from flows.connectors.source import read_table
from flows.settings import Settings
from nlp.customers import STAGE, PlacedCustomer, settle_customers, take_customer
from nlp.intake import IntakeConfig, reject_broken
from nlp.person_names import redact_config
from nlp.records import Rejected
from store.customers import upsert_customers
from store.database import Engine, session_scope
from store.locks import run_lock
from store.quarantine import add_quarantine, list_quarantine, release_quarantine


@dataclass(frozen=True, slots=True)
class CustomerCounts:
    """What became of a table's rows: the four add up to `rows_read`."""

    rows_read: int
    accepted: int
    updated: int
    unchanged: int
    quarantined: int
    redactions: dict[str, int]


def ingest_customers(
    engine: Engine,
    file: Path,
    *,
    settings: Settings,
    id_column: str | None = None,
    wait_seconds: float = 60.0,
) -> CustomerCounts:
    """Read a customer table, clean and redact its rows, and store them all or nothing.

    Rows of this file that were in quarantine are read anew and leave it.

    Args:
        engine: the database.
        file: CSV, JSONL, JSON or Parquet.
        settings: gives the secret for customer ids.
        id_column: the column with the id; by default the first.
        wait_seconds: how long to wait for a run to end.

    Raises:
        UnreadableFile: when the file is not what it says, or has no such column.
        Busy: a run is still at work after `wait_seconds`.
    """
    config = IntakeConfig(
        hash_secret=settings.hash_secret, redact=redact_config(names=settings.redact_names)
    )
    path = file.as_posix()
    table = read_table(file)
    native = [row for row in table.rows if isinstance(row, RawRow)]
    columns = table.columns or tuple(dict.fromkeys(key for row in native for key in row.values))
    if not columns:
        raise UnreadableFile(f"{path}: has no rows; export a table with a column of ids")
    name = columns[0] if id_column is None else id_column
    if name not in columns:
        told = columns_told(columns, table=table.columns is not None)
        raise UnreadableFile(f"{path}: has no column {name!r}; {told}; choose one with --id-col")
    placed: list[PlacedCustomer] = []
    rejected: list[Rejected] = []
    counts: Counter[str] = Counter()
    for row in table.rows:
        if isinstance(row, BrokenRow):
            rejected.append(_broken(row, config, name))
            continue
        taken = take_customer(
            row.values, id_column=name, config=config, file=path, line=row.line, counts=counts
        )
        if isinstance(taken, Rejected):
            rejected.append(taken)
        else:
            placed.append(taken)
    settled = settle_customers(placed)
    rejected += settled.rejected
    with (
        run_lock(settings.database_url, settings.home, wait_seconds=wait_seconds),
        session_scope(engine) as session,
    ):
        done = upsert_customers(session, settled.kept)
        waiting = [one for one in list_quarantine(session) if one.stage == STAGE]
        release_quarantine(
            session, places={(one.file, one.line) for one in waiting if one.file == path}
        )
        add_quarantine(session, rejected, ingest_id=_ingest_id(path))
    return CustomerCounts(
        rows_read=len(table.rows),
        accepted=done.accepted,
        updated=done.updated,
        unchanged=done.unchanged + settled.repeats,
        quarantined=len(rejected),
        redactions=dict(sorted(counts.items())),
    )


def _broken(row: BrokenRow, config: IntakeConfig, id_column: str) -> Rejected:
    found = reject_broken(
        row.text, row.reason, config=config, file=row.file, line=row.line, ids={id_column}
    )
    return Rejected(
        id=found.id, stage=STAGE, reason=found.reason, file=row.file, line=row.line, raw=found.raw
    )


def _ingest_id(path: str) -> str:
    now = dt.datetime.now(dt.UTC)
    return f"{now:%Y%m%dT%H%M%SZ}-{hashlib.sha256(path.encode()).hexdigest()[:8]}"
