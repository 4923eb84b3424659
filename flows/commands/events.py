"""`groundswell events`: dated events, read from a file, and listed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.shell import print_json, say, settings_of

app = typer.Typer(help="Dated events: releases, incidents, price changes, campaigns.")


@app.callback()
def events() -> None:
    """Dated events: releases, incidents, price changes, campaigns."""


@app.command("import")
def import_events(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV or JSONL: date, kind, name, detail.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Read dated events, for causes of the kind "when". Importing a file twice changes nothing.

    The date's column may be called date or day; POST /v1/events takes both names, too.

    \b
    Example:
      groundswell events import releases.csv
    """
    from flows.commands.opening import open_store
    from flows.event_file import read_events
    from report.wording import count
    from service.week_inputs import when_it_counts
    from store.database import session_scope
    from store.events import upsert_events

    read = read_events(file)
    engine = open_store(settings_of(ctx))
    with session_scope(engine) as session:
        done = upsert_events(session, read)
        counts = when_it_counts(session, "events")
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
        f"{file}: {count(len(read), 'event')}: {done.accepted} new, {done.updated} updated, "
        f"{done.unchanged} unchanged"
    )
    if done.accepted or done.updated:
        say(f"They count {counts}.")


@app.command("list")
def list_events(
    ctx: typer.Context,
    json_output: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List all dated events, the earliest first.

    \b
    Example:
      groundswell events list
    """
    from dataclasses import asdict

    from flows.commands.opening import open_store
    from report.wording import count
    from store.database import read_scope
    from store.events import load_events

    with read_scope(open_store(settings_of(ctx))) as session:
        found = load_events(session)
    if json_output:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        detail = f" ({one.detail})" if one.detail else ""
        typer.echo(f"{one.day}  {one.kind}: {one.name}{detail}")
    typer.echo(count(len(found), "event"))
