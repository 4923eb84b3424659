"""`groundswell report`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

import typer

from flows.commands.shell import print_json, settings_of


def report(
    ctx: typer.Context,
    week: Annotated[
        str | None, typer.Option(help="ISO week, like 2026-W47; by default the last published one.")
    ] = None,
    format: Annotated[
        Literal["html", "md", "json"], typer.Option(help="One self-contained page, text, or data.")
    ] = "html",
    out: Annotated[
        str | None,
        typer.Option(help="File to write, - for standard output; by default report-WEEK."),
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print where the report is, and its digest, as JSON.")
    ] = False,
) -> None:
    """Write a week's report: headline numbers, what is new, rising and falling, friction points.

    \b
    Examples:
      groundswell report --week 2026-W46 --format html --out report.html
      groundswell report --format md --out - | less
    """
    from flows.commands.opening import open_store
    from flows.reporting import week_report
    from service.exports.files import write_whole

    found, text = week_report(open_store(settings_of(ctx)), week=week, format=format)
    content = text.encode("utf-8")
    if out == "-":
        typer.echo(text, nl=False)
        return
    path = Path(out or f"report-{found}.{format}")
    write_whole(path, content)
    if json_output:
        digest = hashlib.sha256(content).hexdigest()
        print_json({"week": found, "format": format, "path": str(path), "sha256": digest})
        return
    typer.echo(f"{found}: {path}")
