"""Runs revisions on the connection that `store.database.migrate` hands over."""

from __future__ import annotations

from alembic import context

from store.tables import metadata

_connection = context.config.attributes.get("connection")
if _connection is None:
    raise RuntimeError("migrations run through store.database.migrate(engine), not by hand")
context.configure(
    connection=_connection,
    target_metadata=metadata,
    # SQLite cannot alter a table in place: alembic copies it.
    render_as_batch=_connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
