from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from nlp.records import Feedback
from store import database
from store.database import (
    Engine,
    migrate,
    normalise_url,
    open_database,
    read_scope,
    schema_state,
    session_scope,
    sqlite_file,
)
from store.events import load_events, upsert_events
from store.feedback import feedback_weeks, load_feedback, upsert_feedback
from store.tables import FEEDBACK, metadata

Make = Callable[..., Feedback]


def test_migrated_schema_is_the_schema_of_the_tables(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_twice_changes_nothing(engine: Engine, feedback: Make) -> None:
    with session_scope(engine) as session:
        upsert_feedback(session, [feedback("1")])
    migrate(engine)
    with session_scope(engine) as session:
        assert load_feedback(session) == [feedback("1")]


def test_schema_state_before_and_after(database_url: str) -> None:
    engine = open_database(database_url)
    revision, head = schema_state(engine)
    assert revision is None
    migrate(engine)
    assert schema_state(engine) == (head, head)
    engine.dispose()


def test_opened_to_read_only_the_database_itself_refuses_writes(database_url: str) -> None:
    engine = open_database(database_url)
    migrate(engine)
    engine.dispose()
    reader = open_database(database_url, read_only=True)
    with read_scope(reader) as session:
        assert load_events(session) == []
    with reader.connect() as connection, pytest.raises(DBAPIError, match=r"read-?only"):
        connection.execute(text("DELETE FROM feedback"))
    reader.dispose()


def test_opened_to_read_only_no_file_is_made(tmp_path: Path) -> None:
    file = tmp_path / "there" / "is.none"
    with pytest.raises(FileNotFoundError, match="there is no database at"):
        open_database(f"sqlite:///{file}", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_migration_that_dies_leaves_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = command.upgrade

    def dying(config: Config, revision: str) -> None:
        upgrade(config, revision)
        raise KeyboardInterrupt

    engine = open_database(database_url)
    monkeypatch.setattr(command, "upgrade", dying)
    with pytest.raises(KeyboardInterrupt):
        migrate(engine)
    assert inspect(engine).get_table_names() == []
    monkeypatch.undo()
    migrate(engine)
    assert set(metadata.tables) < set(inspect(engine).get_table_names())
    engine.dispose()


def test_downgrade_leaves_no_table_but_alembics(engine: Engine) -> None:
    with engine.begin() as connection:
        command.downgrade(database._config(connection), "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]


def test_several_migrate_at_once(database_url: str) -> None:
    failures: list[BaseException] = []

    def one() -> None:
        engine = open_database(database_url)
        try:
            migrate(engine)
        except BaseException as error:  # noqa: BLE001 - reported below
            failures.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    engine = open_database(database_url)
    assert schema_state(engine)[0] is not None
    engine.dispose()


def test_several_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Without a wait of our own, one in ten of these was refused ("database is locked")."""
    failures: list[BaseException] = []
    together = threading.Barrier(6)

    def one(url: str) -> None:
        engine = open_database(url)
        together.wait()
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except BaseException as error:  # noqa: BLE001 - reported below
            failures.append(error)
        finally:
            engine.dispose()

    for number in range(40):
        url = f"sqlite:///{tmp_path}/{number}.db"
        threads = [threading.Thread(target=one, args=(url,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []


def test_session_scope_commits_on_success_and_rolls_back_on_error(
    engine: Engine, feedback: Make
) -> None:
    with session_scope(engine) as session:
        upsert_feedback(session, [feedback("kept")])

    def fail() -> None:
        with session_scope(engine) as session:
            upsert_feedback(session, [feedback("lost")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with session_scope(engine) as session:
        assert [item.id for item in load_feedback(session)] == ["kept"]


def test_a_reader_is_not_blocked_by_a_writer_and_sees_one_moment(
    engine: Engine, feedback: Make
) -> None:
    with session_scope(engine) as session:
        upsert_feedback(session, [feedback("1")])
    with read_scope(engine) as reader:
        assert len(load_feedback(reader)) == 1
        with session_scope(engine) as writer:
            upsert_feedback(writer, [feedback("2")])
            assert len(load_feedback(reader)) == 1
        assert len(load_feedback(reader)) == 1
        assert feedback_weeks(reader) == {"2026-W47": 1}
    with read_scope(engine) as reader:
        assert len(load_feedback(reader)) == 2


def test_a_connection_lent_for_reading_can_write_afterwards(engine: Engine, feedback: Make) -> None:
    for number in range(3):
        with read_scope(engine) as reader:
            assert len(load_feedback(reader)) == number
        with session_scope(engine) as writer:
            upsert_feedback(writer, [feedback(str(number))])


def test_order_is_by_bytes_whatever_the_language_of_the_server(
    engine: Engine, feedback: Make
) -> None:
    ids = ["b", "B", "a-b", "aB", "ab", "a b", "é", "e", "Z", "_", "10", "9", "ß", "😀"]
    with session_scope(engine) as session:
        upsert_feedback(session, [feedback(one) for one in ids])
        assert [item.id for item in load_feedback(session)] == sorted(ids)


def test_deleting_a_message_deletes_what_hangs_on_it(engine: Engine) -> None:
    owned = {"statement": "feedback", "split": "feedback", "assignment_version": "statement"}
    for table, parent in owned.items():
        (key,) = inspect(engine).get_foreign_keys(table)
        assert (key["referred_table"], key["options"]) == (parent, {"ondelete": "CASCADE"})
    with pytest.raises(IntegrityError), session_scope(engine) as session:
        session.connection().execute(
            text("INSERT INTO split (feedback_key, version) VALUES ('nobody', '1')")
        )


def test_errors_do_not_show_customers_texts(engine: Engine) -> None:
    row = {"key": "desk/1", "text": "my secret", "week": "2026-W47"}
    with pytest.raises(IntegrityError) as caught, session_scope(engine) as session:
        session.connection().execute(FEEDBACK.insert(), [row])
    assert "secret" not in "".join(traceback.format_exception(caught.value))
    assert "null" in str(caught.value).lower()


def test_errors_of_a_bulk_write_do_not_show_customers_texts(engine: Engine, feedback: Make) -> None:
    items = [feedback(str(number)) for number in range(500)]
    items[300] = feedback("300", text="my secret", source=None)
    with pytest.raises((IntegrityError, psycopg.Error)) as caught, session_scope(engine) as session:
        upsert_feedback(session, items)
    assert "secret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.postgres
def test_a_nul_byte_in_bulk_is_refused_without_showing_the_text(
    postgres_url: str, feedback: Make
) -> None:
    engine = open_database(postgres_url)
    migrate(engine)
    items = [feedback(str(number), text="my secret \x00") for number in range(500)]
    with pytest.raises(psycopg.Error) as caught, session_scope(engine) as session:
        upsert_feedback(session, items)
    engine.dispose()
    assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_sqlite_settings(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/made/on/demand/groundswell.db")
    with engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert settings == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_database_in_memory_is_one_for_all_threads() -> None:
    engine = open_database("sqlite://")
    migrate(engine)
    seen: list[object] = []

    def look() -> None:
        with session_scope(engine) as session:
            seen.append(load_events(session))

    with session_scope(engine) as session:
        upsert_events(session, [])
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    engine.dispose()
    assert seen == [[]]


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("postgresql://u:p%40ss@h:5/db?x=1", "postgresql+psycopg://u:p%40ss@h:5/db?x=1"),
        ("postgres://h/db", "postgresql+psycopg://h/db"),
        ("postgresql+psycopg://h/db", "postgresql+psycopg://h/db"),
        ("sqlite:///a.db", "sqlite:///a.db"),
        ("sqlite://", "sqlite://"),
    ],
)
def test_urls_are_normalised(given: str, normal: str) -> None:
    assert normalise_url(given) == normal


@pytest.mark.parametrize("url", ["a.db", "", "mysql://h/db", "postgresql+psycopg2://h/db"])
def test_other_urls_are_refused_with_the_way_out(url: str) -> None:
    with pytest.raises(ValueError, match=r"use sqlite:///path/to/file\.db or postgresql://"):
        normalise_url(url)


def test_refusing_a_url_does_not_show_its_password() -> None:
    with pytest.raises(ValueError, match="not a supported kind") as caught:
        open_database("mysql://me:hunter2@h/db")
    assert "hunter2" not in str(caught.value)


def test_sqlite_file() -> None:
    assert sqlite_file("sqlite:////x/a.db") == Path("/x/a.db")
    assert sqlite_file("sqlite:///a.db") == Path("a.db")
    assert sqlite_file("sqlite://") is None
    assert sqlite_file("sqlite:///:memory:") is None
    assert sqlite_file("postgresql://h/a.db") is None
