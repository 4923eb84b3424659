"""One run at a time: a lock that the operating system or PostgreSQL frees when its holder dies."""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.engine import make_url

from store.database import normalise_url, sqlite_file

_POLL_SECONDS = 0.1

# Descriptors that keep a lock. Forked children (spaCy's workers) inherit them, and would keep the
# lock of a parent that was killed for as long as they live.
_held: set[int] = set()


def _let_go_in_child() -> None:
    """Points the child's copies elsewhere: the parent's stay, and no number is left to reuse."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for held in _held:
        os.dup2(nothing, held, inheritable=False)
    os.close(nothing)
    _held.clear()


os.register_at_fork(after_in_child=_let_go_in_child)


@contextmanager
def _not_for_children(descriptor: int) -> Iterator[None]:
    _held.add(descriptor)
    try:
        yield
    finally:
        _held.discard(descriptor)


_HOLDER = text(
    "SELECT activity.application_name FROM pg_locks AS held"
    " JOIN pg_stat_activity AS activity ON activity.pid = held.pid"
    " WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1"
    " AND held.classid::bigint = :high AND held.objid::bigint = :low"
    " AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Busy(Exception):  # noqa: N818 - it is a state, reported as such, not a fault
    """Another process holds the lock; the message names it and the way out."""


@contextmanager
def run_lock(url: str, home: Path, *, wait_seconds: float, name: str = "run") -> Iterator[None]:
    """Hold the lock `name` of a database; freed at the end, also when the process is killed.

    Processes that are forked meanwhile do not hold it.

    On SQLite a locked file beside the database (in `home` for one in memory), on PostgreSQL an
    advisory lock on a connection of its own.

    Raises:
        Busy: when another holder has not let go after `wait_seconds`.
    """
    if make_url(normalise_url(url)).get_backend_name() == "sqlite":
        file = sqlite_file(url) or home / "memory.db"
        holding = _file_lock(file.with_name(f"{file.name}.{name}.lock"), name, wait_seconds)
    else:
        holding = _advisory_lock(url, name, wait_seconds)
    with holding:
        yield


@contextmanager
def _file_lock(path: Path, name: str, wait_seconds: float) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Never deleted: a waiter could be holding the lock of a file that is gone.
    with path.open("a+", encoding="utf-8") as file, _not_for_children(file.fileno()):
        owner = os.getpid()

        def attempt() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        if not _tried_until(attempt, wait_seconds):
            file.seek(0)
            raise Busy(_explain(name, file.read().strip(), wait_seconds))
        file.truncate(0)
        file.write(_myself())
        file.flush()
        try:
            yield
        finally:
            if os.getpid() == owner:
                file.truncate(0)
                fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def _advisory_lock(url: str, name: str, wait_seconds: float) -> Iterator[None]:
    number = int.from_bytes(hashlib.sha256(f"groundswell {name}".encode()).digest()[:8])
    engine = create_engine(
        normalise_url(url),
        hide_parameters=True,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={
            "application_name": f"groundswell {_myself()}",
            # A machine that vanished without a word is noticed after a minute and a half.
            "keepalives_idle": 60,
            "keepalives_interval": 10,
            "keepalives_count": 3,
        },
    )
    with engine.connect() as connection, _not_for_children(_socket_of(connection)):

        def attempt() -> bool:
            signed = number - (1 << 64) if number >= 1 << 63 else number
            tried = text("SELECT pg_try_advisory_lock(:key)")
            return bool(connection.execute(tried, {"key": signed}).scalar_one())

        if not _tried_until(attempt, wait_seconds):
            raise Busy(_explain(name, _advisory_holder(connection, number), wait_seconds))
        yield


def _socket_of(connection: Connection) -> int:
    driver = connection.connection.dbapi_connection
    assert driver is not None
    return int(driver.fileno())


def _advisory_holder(connection: Connection, number: int) -> str:
    halves = {"high": number >> 32, "low": number & 0xFFFFFFFF}
    holder = connection.execute(_HOLDER, halves).scalars().first()
    return (holder or "").removeprefix("groundswell ")


def _tried_until(attempt: Callable[[], bool], wait_seconds: float) -> bool:
    deadline = time.monotonic() + wait_seconds
    while not attempt():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(_POLL_SECONDS, left))
    return True


def _myself() -> str:
    # PostgreSQL cuts an application's name at 63 bytes: the host, which may be long, comes last.
    since = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"pid {os.getpid()} since {since} on {os.uname().nodename}"


def _explain(name: str, holder: str, waited: float) -> str:
    who = holder or "a process that has just started"
    return (
        f"another {name} is at work on this database: {who}; waited {waited:g} s."
        " Let it finish, or end that process, and try again."
    )
