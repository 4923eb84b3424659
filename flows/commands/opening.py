"""The database of a command: made, migrated and open."""

from __future__ import annotations

from flows.settings import Settings
from store.database import Engine, migrate, open_database


def open_store(settings: Settings) -> Engine:
    """The database at its newest schema; home folder and SQLite file are made when missing."""
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    migrate(engine)
    return engine
