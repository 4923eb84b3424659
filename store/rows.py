"""Records to rows and back, in bulk: Core statements, a key list of any length, upserts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from store.columns import canonical

Record = TypeVar("Record")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upserted:
    """What became of the items of one upsert; the three add up to the items given."""

    accepted: int
    updated: int
    unchanged: int


def sha256(value: object) -> str:
    """SHA-256 hex digest of a value's canonical JSON (ASCII, so that any text has one)."""
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(written.encode("ascii")).hexdigest()


def to_row(record: Any, **more: Any) -> Row:
    """A record's fields by name, with the row's further columns."""
    row: Row = {field.name: getattr(record, field.name) for field in fields(record)}
    return row | more


def read(
    session: Session,
    record: type[Record],
    table: Table,
    *where: ColumnElement[bool],
    order: Sequence[ColumnElement[Any]],
    limit: int | None = None,
) -> list[Record]:
    """Rows as records; the columns are the record's fields, in their order."""
    columns = [table.c[field.name] for field in fields(record)]  # type: ignore[arg-type]
    wanted = select(*columns).where(*where).order_by(*order).limit(limit)
    found = session.connection().execute(wanted)
    return [record(*row) for row in found]


def read_keyed(
    session: Session, record: type[Record], table: Table, lead: str, *where: ColumnElement[bool]
) -> list[tuple[str, Record]]:
    """Rows as (column `lead`, record) pairs, in no order."""
    columns = [table.c[field.name] for field in fields(record)]  # type: ignore[arg-type]
    found = session.connection().execute(select(table.c[lead], *columns).where(*where))
    return [(first, record(*rest)) for first, *rest in found]


def among(
    session: Session, column: ColumnElement[Any], keys: Collection[str]
) -> ColumnElement[bool]:
    """`column IN keys` as one bound value, so that no limit on variables is met."""
    listed = sorted(set(keys))
    if session.get_bind().dialect.name == "sqlite":
        value = func.json_each(bindparam(None, canonical(listed))).table_valued("value")
        return column.in_(select(value.c.value))
    array = bindparam(None, listed, type_=postgresql.ARRAY(postgresql.TEXT))
    return column.in_(select(func.unnest(array)))


def insert(
    session: Session, table: Table, rows: Sequence[Row], *, on_conflict: str = "fail"
) -> None:
    """Insert rows; `on_conflict` with the primary key: "fail", "ignore" or "update" all columns."""
    if not rows:
        return
    connection = session.connection()
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement: Any = make(table)
    if on_conflict != "fail":
        keys = [column.name for column in table.primary_key]
        others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        if on_conflict == "ignore" or not others:
            statement = statement.on_conflict_do_nothing(index_elements=keys)
        else:
            statement = statement.on_conflict_do_update(index_elements=keys, set_=others)
    connection.execute(statement, list(rows))
