"""Opening a database by URL, bringing its schema up to date, and sessions on it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlmodel import Session

__all__ = [
    "Engine",
    "Session",
    "StoreError",
    "hide_row",
    "is_transient",
    "migrate",
    "normalise_url",
    "open_database",
    "read_scope",
    "schema_state",
    "session_scope",
    "sqlite_file",
]

# Whatever goes wrong at the database, for those above who may not know it by its maker's name.
StoreError = SQLAlchemyError
_MIGRATIONS = Path(__file__).parent / "migrations"
_NEXT_REVISION = text("UPDATE revision SET number = number + 1 WHERE id = 1")
_POLL_SECONDS = 0.01
_BUSY_TIMEOUT_MS = 30_000  # a bulk write of a week takes seconds; half a minute outlasts it
_MIGRATION_LOCK = 0x67726F756E64  # any constant: it keeps two processes from migrating at once


def normalise_url(url: str) -> str:
    """The URL with the driver this project installs; `postgres://` is taken for `postgresql://`.

    Raises:
        ValueError: when it is no URL of a database that is supported.
    """
    help_text = "use sqlite:///path/to/file.db or postgresql://user:password@host/name"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError(f"the database URL cannot be read; {help_text}") from error
    if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        return url
    raise ValueError(f"{parsed.drivername!r} is not a supported kind of database; {help_text}")


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite URL; None in memory or on another database."""
    parsed = make_url(normalise_url(url))
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        return None
    return Path(str(parsed.database))


def open_database(url: str, *, read_only: bool = False) -> Engine:
    """An engine for the URL. SQLite: WAL, foreign keys, a busy timeout; missing folders are made.

    Customers' texts do not appear in the messages of database errors.

    Args:
        read_only: nothing is made, and the database itself refuses every write.

    Raises:
        ValueError: when the URL is not of a supported database.
        FileNotFoundError: when it is to be read only, and the SQLite file is not there.
    """
    parsed = make_url(normalise_url(url))
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed, sqlite_file(url), read_only=read_only)
    engine = create_engine(
        parsed,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"application_name": "groundswell"},
        execution_options={"postgresql_readonly": True} if read_only else {},
    )

    @event.listens_for(engine, "handle_error")
    def _hide(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, psycopg.Error):
            hide_row(context.original_exception)
            if context.sqlalchemy_exception is not None:
                context.sqlalchemy_exception.args = context.original_exception.args

    return engine


def hide_row(error: psycopg.Error) -> None:
    """Cut an error of PostgreSQL down to its first sentence; the rest quotes the failing row."""
    error.args = (error.diag.message_primary or str(error).partition("\n")[0],)


def _open_sqlite(url: URL, file: Path | None, *, read_only: bool) -> Engine:
    if read_only and file is not None and not file.is_file():
        raise FileNotFoundError(f"there is no database at {file}")
    if file is None:
        # One connection for all threads, or each would see an empty database of its own.
        engine = create_engine(
            url,
            hide_parameters=True,
            poolclass=StaticPool,
            connect_args={"check_same_thread": False},
        )
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        else:
            _use_wal(cursor)
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    return engine


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Switch the file to a write-ahead log, which it then keeps.

    SQLite does not wait for other connections in the midst of the same switch, whatever the busy
    timeout says: of several that open a new file at once, all but one may be refused.
    """
    deadline = time.monotonic() + _BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        else:
            return
        time.sleep(_POLL_SECONDS)


@contextmanager
def session_scope(engine: Engine, *, changes_answers: bool = True) -> Iterator[Session]:
    """A session that commits on success, rolls back on an error and always closes.

    Args:
        changes_answers: False where only bookkeeping is written that nobody is shown, so that what
            was answered before may be answered again; see `store.revision`.
    """
    with Session(engine) as session:
        try:
            yield session
            if changes_answers:
                # In the same transaction, last: nobody sees the number without the change.
                session.connection().execute(_NEXT_REVISION)
        except BaseException:
            session.rollback()
            raise
        session.commit()


def is_transient(error: BaseException) -> bool:
    """Whether trying again may help: the database was away, locked, or cut the connection."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError)


@contextmanager
def read_scope(engine: Engine) -> Iterator[Session]:
    """A session whose reads all see one moment, whatever is committed meanwhile; never commits."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with (
        engine.connect().execution_options(**options) as connection,
        Session(connection) as session,
    ):
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        yield session


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision, in one transaction; two at once wait in turn."""
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            # The driver opens no transaction before DDL by itself.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        command.upgrade(_config(connection), "head")


def schema_state(engine: Engine) -> tuple[str | None, str]:
    """The revision of the database (None: never migrated) and the newest one there is."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    if head is None:
        raise RuntimeError(f"{_MIGRATIONS} holds no revision; the installation is incomplete")
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision(), head


def _config(connection: Connection | None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
