"""`groundswell ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.shell import ExitCode, print_json, say, settings_of
from flows.settings import Settings
from nlp.records import Kind


def ingest(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files or folders to read.")],
    kind: Annotated[
        Kind | None, typer.Option(help="What every row is, where the file does not say.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Where it comes from; by default the file's name.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--map", help="YAML that renames columns and sets constants.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with exit code 3 when rows were quarantined.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Read feedback: CSV, JSONL, Parquet, or call notes as .txt and .md; files or folders.

    Personal data is replaced before anything is stored. Reading a file twice changes nothing; a
    changed row is an update. Rows that cannot be taken wait in quarantine; a file that is not what
    it says is refused whole.

    \b
    Examples:
      groundswell ingest tickets.csv --kind ticket --source helpdesk
      groundswell ingest exports/ --map helpdesk.yaml --json
    """
    ingest_and_tell(
        settings_of(ctx),
        paths,
        kind=kind,
        source=source,
        mapping=mapping,
        strict=strict,
        json_output=json_output,
    )


def ingest_and_tell(
    settings: Settings,
    paths: list[Path],
    *,
    kind: Kind | None,
    source: str | None,
    mapping: Path | None,
    strict: bool,
    json_output: bool,
) -> None:
    """Reads the paths and prints what became of their rows; `quarantine feed` does the same."""
    from flows.commands.opening import open_store
    from flows.ingesting import ingest_paths

    counts = ingest_paths(
        open_store(settings), paths, settings=settings, kind=kind, source=source, mapping=mapping
    )
    if json_output:
        print_json(
            {
                "ingest_id": counts.id,
                "files": list(counts.files),
                "rows_read": counts.rows_read,
                "accepted": counts.accepted,
                "updated": counts.updated,
                "unchanged": counts.unchanged,
                "quarantined": counts.quarantined,
                "redactions": dict(counts.redactions),
            }
        )
    else:
        files = "1 file" if len(counts.files) == 1 else f"{len(counts.files)} files"
        typer.echo(
            f"{counts.rows_read} rows read from {files}: {counts.accepted} new, "
            f"{counts.updated} updated, {counts.unchanged} unchanged, "
            f"{counts.quarantined} quarantined"
        )
        if counts.quarantined:
            say("See why: groundswell quarantine list")
    if strict and counts.quarantined:
        raise typer.Exit(ExitCode.QUARANTINED)
