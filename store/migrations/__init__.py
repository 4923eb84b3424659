"""Alembic's environment; `store.database.migrate` runs it."""
