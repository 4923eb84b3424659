"""`groundswell ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.shell import ExitCode, print_json, say, settings_of
from flows.settings import Settings
from nlp.records import Kind

if TYPE_CHECKING:
    from store.ingests import IngestCounts


def ingest(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders to read.", show_default=False)
    ] = None,
    kind: Annotated[
        Kind | None, typer.Option(help="What every row is, where the file does not say.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="Where it comes from, where the file does not say; by default the file's name "
            "without its ending, for call notes their folder's."
        ),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--map", help="YAML that renames columns and sets constants.")
    ] = None,
    drop: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="A drop folder: read it and put its files aside."
        ),
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

    A message is known by source and id: give --source when a file's name changes from one export
    to the next. In a drop folder (--drop) a subfolder's name is the source of its files, its
    map.yaml their mapping; read files move to done/, refused ones to refused/ (exit code 1).

    \b
    Examples:
      groundswell ingest tickets.csv --kind ticket --source helpdesk
      groundswell ingest exports/ --map helpdesk.yaml --json
      groundswell ingest --drop /data/drop
    """
    if drop is not None:
        if paths or kind is not None or source is not None or mapping is not None:
            raise typer.BadParameter(
                "--drop goes without paths, --kind, --source and --map: the folder says them"
            )
        _ingest_drop(settings_of(ctx), drop, strict=strict, json_output=json_output)
        return
    if not paths:
        raise typer.BadParameter("name files or folders to read, or a drop folder with --drop")
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
        print_json(_as_json(counts))
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


def _ingest_drop(settings: Settings, folder: Path, *, strict: bool, json_output: bool) -> None:
    from flows.commands.opening import open_store
    from flows.drop import ingest_drop

    outcomes = ingest_drop(
        open_store(settings), folder, settings=settings, tell=say if json_output else typer.echo
    )
    if json_output:
        print_json(
            [
                {"file": one.file.as_posix(), "refused": one.refusal}
                if one.counts is None
                else _as_json(one.counts)
                for one in outcomes
            ]
        )
    if any(one.counts is None for one in outcomes):
        raise typer.Exit(ExitCode.FAILURE)
    if strict and any(one.counts is not None and one.counts.quarantined for one in outcomes):
        raise typer.Exit(ExitCode.QUARANTINED)


def _as_json(counts: IngestCounts) -> dict[str, object]:
    return {
        "ingest_id": counts.id,
        "files": list(counts.files),
        "rows_read": counts.rows_read,
        "accepted": counts.accepted,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "quarantined": counts.quarantined,
        "redactions": dict(counts.redactions),
    }
