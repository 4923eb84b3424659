"""Writes of which somebody waits for the answer: another writer is waited for, but not for long."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from store.database import Engine, Session, session_scope
from store.locks import Busy

_LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :wait, true)")
_PRIMARY_CODE = 0xFF  # the rest of SQLite's codes says which kind of the same


@contextmanager
def turn_scope(
    engine: Engine, *, wait_seconds: float, changes_answers: bool = True
) -> Iterator[Session]:
    """A `session_scope` that gives up when others write for longer than `wait_seconds`.

    On SQLite nobody else writes from here on; on PostgreSQL it is each lock that is waited for.

    Raises:
        Busy: something else was writing all the time; nothing is kept.
    """
    try:
        with session_scope(engine, changes_answers=changes_answers) as session:
            _begin(session.connection(), round(wait_seconds * 1000))
            yield session
    except OperationalError as error:
        if not is_locked(error):
            raise
        raise Busy("something is writing to this database; try again in a minute") from error


def is_locked(error: OperationalError) -> bool:
    """Whether a statement failed only because another writer was in its way."""
    cause = error.orig
    if isinstance(cause, sqlite3.OperationalError):
        code = getattr(cause, "sqlite_errorcode", 0) & _PRIMARY_CODE
        return code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return isinstance(cause, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected)


def _begin(connection: Connection, milliseconds: int) -> None:
    if connection.dialect.name == "postgresql":
        # 0 would be no limit at all.
        connection.execute(_LOCK_TIMEOUT, {"wait": f"{max(1, milliseconds)}ms"})
        return
    driver = connection.connection.dbapi_connection
    if driver is None or driver.in_transaction:  # one in memory has one connection for everybody
        return
    usual = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    connection.exec_driver_sql(f"PRAGMA busy_timeout={milliseconds}")
    try:
        # Only this waits: whoever writes from here on is this session.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(usual)}")
