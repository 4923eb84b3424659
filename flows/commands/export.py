"""`groundswell export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.shell import print_json, settings_of
from service.exports.columns import Noun, describe
from service.exports.files import Format, write_whole


def _print_columns(wanted: bool) -> None:
    if wanted:
        typer.echo(describe(), nl=False)
        raise typer.Exit


def export(
    ctx: typer.Context,
    noun: Annotated[Noun, typer.Argument(help="What to export.", show_choices=True)],
    format: Annotated[Format, typer.Option(help="Kind of file.")] = "csv",
    out: Annotated[
        str | None,
        typer.Option(help="File to write, - for standard output; by default NOUN.FORMAT."),
    ] = None,
    week: Annotated[
        str | None, typer.Option(help="State as of this ISO week; by default the last published.")
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print rows, path and digest as JSON.")
    ] = False,
    _columns: Annotated[
        bool,
        typer.Option(
            "--columns", callback=_print_columns, is_eager=True, help="Explain every column."
        ),
    ] = False,
) -> None:
    """Export the records. The columns are a contract (EXPORTS.md, or --columns).

    The same input, labels and version give the same bytes.

    \b
    Examples:
      groundswell export friction --format csv --out friction.csv
      groundswell export assignments --format parquet --out assignments.parquet --week 2026-W45
      groundswell export themes --format jsonl --out - | head -3
    """
    from flows.commands.opening import open_store
    from service.exporting import export as make_export

    made = make_export(open_store(settings_of(ctx)), noun, format=format, week=week)
    if out == "-":
        sys.stdout.buffer.write(made.content)
        sys.stdout.buffer.flush()
        return
    path = Path(out or f"{noun}.{format}")
    write_whole(path, made.content)
    if json_output:
        print_json(
            {
                "noun": noun,
                "week": made.week,
                "rows": made.rows,
                "path": str(path),
                "sha256": made.sha256,
            }
        )
        return
    as_of = f" as of {made.week}" if made.week else ""
    typer.echo(f"{noun}: {made.rows} rows{as_of}: {path}")
