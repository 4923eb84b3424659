"""`groundswell quarantine`: rows that were not taken."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.shell import print_json, settings_of

app = typer.Typer(help="Rows that were not taken: list them, export them, feed them again.")


@app.callback()
def quarantine() -> None:
    """Rows that were not taken: list them, export them, feed them again."""


@app.command("list")
def list_rows(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many to print.")] = 20,
    json_output: Annotated[bool, typer.Option("--json", help="Print all of them as JSON.")] = False,
) -> None:
    """List quarantined rows with file, line and reason.

    \b
    Example:
      groundswell quarantine list --limit 50
    """
    from flows.commands.opening import open_store
    from store.database import read_scope
    from store.quarantine import list_quarantine

    with read_scope(open_store(settings_of(ctx))) as session:
        rows = list_quarantine(session)
    if json_output:
        print_json([asdict(row) for row in rows])
        return
    for row in rows[:limit]:
        named = f" ({row.id})" if row.id else ""
        typer.echo(f"{row.file}:{row.line}{named}: {row.reason}")
    rest = len(rows) - limit
    typer.echo(f"and {rest} more" if rest > 0 else f"{len(rows)} in quarantine")


@app.command("export")
def export_rows(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("quarantine.jsonl"),
) -> None:
    """Write the quarantined rows as they were read, one JSON object a line, to be mended.

    `groundswell export quarantine` writes them with reason, file and line instead.

    \b
    Example:
      groundswell quarantine export --out mend.jsonl
    """
    from flows.commands.opening import open_store
    from flows.refeeding import rows_to_mend
    from service.exports.files import write_whole
    from store.database import read_scope

    with read_scope(open_store(settings_of(ctx))) as session:
        lines = rows_to_mend(session)
    write_whole(out, "".join(f"{line}\n" for line in lines).encode("utf-8"))
    typer.echo(f"{len(lines)} rows: {out}. Mend them, then: groundswell quarantine feed {out}")


@app.command("feed")
def feed(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="The mended rows, as `quarantine export` wrote them.")
    ],
    json_output: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Read mended rows. Those that are taken now leave the quarantine; the others stay in it.

    The rows remember kind and source, and have their canonical names: no mapping is needed. Ends
    with exit code 3 when rows were quarantined again.

    \b
    Example:
      groundswell quarantine feed mend.jsonl
    """
    from flows.commands.ingest import ingest_and_tell

    ingest_and_tell(
        settings_of(ctx),
        [file],
        kind=None,
        source=None,
        mapping=None,
        strict=True,
        json_output=json_output,
    )
