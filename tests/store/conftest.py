"""Every test that asks for `engine` or `session` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nlp.records import Feedback
from store.database import Engine, Session, migrate, open_database

ON_BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=ON_BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/groundswell.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated, empty database."""
    engine = open_database(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session", params=ON_BOTH)
def shared_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """An engine on a migrated database in which nothing is ever committed."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('shared')}/groundswell.db"
    else:
        url = request.getfixturevalue("postgres_database")()
    engine = open_database(url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(shared_engine: Engine) -> Iterator[Session]:
    """A session on a migrated, empty database; what it writes is rolled back."""
    with Session(shared_engine) as session:
        yield session


@pytest.fixture
def feedback() -> Callable[..., Feedback]:
    """A factory of messages: `feedback(id, **fields)`; what is not given is the same each time."""

    def make(number: str, **fields: Any) -> Feedback:
        plain: dict[str, Any] = {
            "source": "desk",
            "kind": "ticket",
            "text": f"message {number}",
            "created_at": dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC),
            "week": "2026-W47",
            "day": dt.date(2026, 11, 18),
        }
        return Feedback(id=number, **(plain | fields))

    return make
