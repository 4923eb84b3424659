"""`groundswell events import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.shell import print_json, settings_of

app = typer.Typer(help="Dated events: releases, incidents, price changes, campaigns.")


@app.callback()
def events() -> None:
    """Dated events: releases, incidents, price changes, campaigns."""


@app.command("import")
def import_events(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV or JSONL with date, kind, name and detail.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Read dated events, for causes of the kind "when". Importing a file twice changes nothing.

    \b
    Example:
      groundswell events import releases.csv
    """
    from flows.commands.opening import open_store
    from flows.event_file import read_events
    from store.database import session_scope
    from store.events import upsert_events

    read = read_events(file)
    engine = open_store(settings_of(ctx))
    with session_scope(engine) as session:
        done = upsert_events(session, read)
    if json_output:
        print_json(
            {
                "file": str(file),
                "rows_read": len(read),
                "accepted": done.accepted,
                "updated": done.updated,
                "unchanged": done.unchanged,
            }
        )
        return
    typer.echo(
        f"{file}: {len(read)} events: {done.accepted} new, {done.updated} updated, "
        f"{done.unchanged} unchanged"
    )
