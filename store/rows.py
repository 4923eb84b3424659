"""Records to rows and back, in bulk: Core statements, a key list of any length, upserts."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar

import psycopg
from sqlalchemy import (
    ColumnElement,
    Connection,
    MetaData,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from store.columns import canonical
from store.database import hide_row

Record = TypeVar("Record")
Row = dict[str, Any]
OnConflict = Literal["fail", "ignore", "update"]

_COPY_FROM = 200  # rows; below, the table to copy through costs more than it saves


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
    row: Row = {name: getattr(record, name) for name in record.__match_args__}
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
    # All at once: one by one, the driver is called for each row, which takes twice as long.
    found = session.connection().execute(wanted).all()
    return [record(*row) for row in found]


def read_keyed(
    session: Session, record: type[Record], table: Table, lead: str, *where: ColumnElement[bool]
) -> list[tuple[str, Record]]:
    """Rows as (column `lead`, record) pairs, in no order."""
    columns = [table.c[field.name] for field in fields(record)]  # type: ignore[arg-type]
    found = session.connection().execute(select(table.c[lead], *columns).where(*where)).all()
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


def earlier(table: Table, started_at: dt.datetime, key: str) -> ColumnElement[bool]:
    """Rows that come after this one when the last started comes first, and of those the last id."""
    column = table.c.started_at
    return or_(column < started_at, and_(column == started_at, table.c.id < key))


def insert(
    session: Session, table: Table, rows: Sequence[Row], *, on_conflict: OnConflict = "fail"
) -> None:
    """Insert rows that have the same columns and no primary key in common.

    `on_conflict`, where a key is already there: fail, ignore the new row, or update all columns.
    """
    if not rows:
        return
    connection = session.connection()
    names = list(rows[0])
    if connection.dialect.name == "sqlite":
        plain: Any = sqlite.insert(table)
        connection.execute(_resolved(plain, table, names, on_conflict), list(rows))
    elif len(rows) < _COPY_FROM:
        single: Any = postgresql.insert(table)
        connection.execute(_resolved(single, table, names, on_conflict), list(rows))
    else:
        _copy(connection, table, names, rows, on_conflict)


def _resolved(statement: Any, table: Table, names: Sequence[str], on_conflict: OnConflict) -> Any:
    keys = [column.name for column in table.primary_key]
    others = {name: statement.excluded[name] for name in names if name not in keys}
    if on_conflict == "fail":
        return statement
    if on_conflict == "ignore" or not others:
        return statement.on_conflict_do_nothing(index_elements=keys)
    return statement.on_conflict_do_update(index_elements=keys, set_=others)


def _copy(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    rows: Sequence[Row],
    on_conflict: OnConflict,
) -> None:
    """PostgreSQL takes many rows fastest as a COPY; conflicts are resolved from there."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in names)
    target = quote(table.name)
    staged = table.to_metadata(MetaData(), name=f"staged_{table.name}")
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {quote(staged.name)} ON COMMIT DROP AS TABLE {target} WITH NO DATA"
    )
    dialect = connection.dialect
    writers = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    pairs = list(zip(names, writers, strict=True))
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor:
        try:
            with cursor.copy(f"COPY {quote(staged.name)} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(
                        [write(row[name]) if write else row[name] for name, write in pairs]
                    )
        except psycopg.Error as error:
            hide_row(error)
            raise
    moved = postgresql.insert(table).from_select(names, select(*[staged.c[name] for name in names]))
    connection.execute(_resolved(moved, table, names, on_conflict))
    connection.exec_driver_sql(f"DROP TABLE {quote(staged.name)}")
