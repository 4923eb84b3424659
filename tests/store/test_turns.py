from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from store.database import Engine, migrate, open_database
from store.locks import Busy
from store.revision import current_revision
from store.turns import is_locked, turn_scope

TIMEOUT = text("PRAGMA busy_timeout")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    found = open_database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    migrate(found)
    yield found
    found.dispose()


def test_others_are_waited_for_as_long_as_told(engine: Engine, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    with pytest.raises(Busy, match="try again"), turn_scope(engine, wait_seconds=0.2):
        pytest.fail("nobody gets in")
    assert 0.15 < time.monotonic() - started < 5
    other.execute("COMMIT")
    other.close()
    with turn_scope(engine, wait_seconds=0.2) as session:
        assert session.connection().execute(TIMEOUT).scalar_one() == 30_000, "as it was"


def test_nobody_else_writes_meanwhile(engine: Engine, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "x.sqlite", timeout=0.01, isolation_level=None)
    with (
        turn_scope(engine, wait_seconds=1),
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_a_turn_counts_as_a_change_unless_told(engine: Engine) -> None:
    before = current_revision(engine)
    with turn_scope(engine, wait_seconds=1, changes_answers=False):
        pass
    assert current_revision(engine) == before
    with turn_scope(engine, wait_seconds=1):
        pass
    assert current_revision(engine) == before + 1


def test_other_faults_of_the_database_stay_what_they_are(engine: Engine) -> None:
    with (
        pytest.raises(OperationalError, match="no such table"),
        turn_scope(engine, wait_seconds=1) as session,
    ):
        session.connection().execute(text("SELECT * FROM nowhere"))


def test_postgresql_s_refusals_are_told_from_faults() -> None:
    for cause, locked in (
        (psycopg.errors.LockNotAvailable("x"), True),
        (psycopg.errors.DeadlockDetected("x"), True),
        (psycopg.errors.AdminShutdown("x"), False),
        (psycopg.OperationalError("x"), False),
    ):
        assert is_locked(OperationalError("s", None, cause)) is locked


@pytest.mark.postgres
def test_on_postgresql_each_lock_is_waited_for_as_long_as_told(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    migrate(engine)
    with engine.connect() as other:
        other.execute(text("UPDATE revision SET number = number"))
        with (
            pytest.raises(Busy, match="try again"),
            turn_scope(engine, wait_seconds=0.1),
        ):
            pass  # the change is counted last, in the row that is held
        with turn_scope(engine, wait_seconds=0.1, changes_answers=False) as session:
            session.connection().execute(text("DELETE FROM web_session"))
    with turn_scope(engine, wait_seconds=0.1) as session:
        shown = session.connection().execute(text("SHOW lock_timeout")).scalar_one()
        assert shown == "100ms"
    with engine.connect() as connection:
        assert connection.execute(text("SHOW lock_timeout")).scalar_one() == "0", "as it was"
    engine.dispose()
