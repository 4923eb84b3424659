"""`groundswell customers`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.shell import ExitCode, print_json, say, settings_of

_USE = (
    "Attributes are joined to the feedback of these customers. Where all conditions of a segment "
    "are in the table, causes also say how many of its customers are concerned."
)


def customers(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, JSONL or Parquet: a row for each customer.")],
    id_column: Annotated[
        str | None,
        typer.Option("--id-col", help="The column with the customer's id; by default the first."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with exit code 3 when rows were quarantined.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Read the customer table: who there is, whether or not they write.

    Every column but the id is an attribute of all feedback of that customer (what the feedback
    itself says goes before), and causes then say which part of a segment's customers is concerned.
    Ids and values are hashed and redacted as those of feedback. Reading a file twice changes
    nothing; a changed row replaces what was known of the customer.

    \b
    Example:
      groundswell customers accounts.csv --id-col account_id
    """
    from flows.commands.opening import open_store
    from flows.customers import ingest_customers
    from report.wording import count
    from service.week_inputs import when_it_counts
    from store.database import read_scope

    settings = settings_of(ctx)
    engine = open_store(settings)
    counts = ingest_customers(engine, file, settings=settings, id_column=id_column)
    if json_output:
        print_json({"file": str(file)} | asdict(counts))
    else:
        with read_scope(engine) as session:
            effect = when_it_counts(session, "customers")
        typer.echo(
            f"{file}: {count(counts.rows_read, 'customer')}: {counts.accepted} new, "
            f"{counts.updated} updated, {counts.unchanged} unchanged, {counts.quarantined} "
            "quarantined"
        )
        if counts.accepted or counts.updated:
            say(f"{_USE} They count {effect}.")
        if counts.quarantined:
            say("See why: groundswell quarantine list. Mend the file and read it again.")
    if strict and counts.quarantined:
        raise typer.Exit(ExitCode.QUARANTINED)
