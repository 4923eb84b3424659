"""`groundswell outcome`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

import typer

from flows.commands.shell import print_json, settings_of


def outcome(
    ctx: typer.Context,
    month: Annotated[
        str | None, typer.Option(help="Like 2026-10; by default the last whole published one.")
    ] = None,
    format: Annotated[
        Literal["html", "md", "json"], typer.Option(help="One self-contained page, text, or data.")
    ] = "html",
    out: Annotated[
        str | None,
        typer.Option(help="File to write, - for standard output; by default outcome-MONTH."),
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print where the pack is, and its digest, as JSON.")
    ] = False,
) -> None:
    """Write a month's outcome pack: what was said, what drives it, what became of decisions.

    \b
    Examples:
      groundswell outcome --month 2026-10 --format html --out outcome.html
      groundswell outcome --format md --out - | less
    """
    from flows.commands.opening import open_store
    from labels.schema import load
    from nlp.months import last_whole_month, weeks_of
    from nlp.spoken_dates import spoken_month
    from report.outcome import outcome_to_json
    from report.outcome_letter import render_outcome_html, render_outcome_markdown
    from service.exporting import NothingPublishedError
    from service.exports.files import write_whole
    from service.outcome import month_outcome
    from store.database import read_scope
    from store.snapshots import published_weeks

    settings = settings_of(ctx)
    engine = open_store(settings)
    if month is None:
        with read_scope(engine) as session:
            month = last_whole_month(published_weeks(session))
        if month is None:
            raise NothingPublishedError("no month is whole yet; name one with --month 2026-10")
    else:
        try:
            weeks_of(month)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    found = month_outcome(engine, month, labels=load(settings.labels_dir), zone=settings.zone_info)
    if format == "html":
        text = render_outcome_html(found, server=settings.server_url)
    elif format == "md":
        text = render_outcome_markdown(found, server=settings.server_url)
    else:
        text = outcome_to_json(found)
    if out == "-":
        typer.echo(text, nl=False)
        return
    content = text.encode("utf-8")
    path = Path(out or f"outcome-{month}.{format}")
    write_whole(path, content)
    if json_output:
        digest = hashlib.sha256(content).hexdigest()
        print_json({"month": month, "format": format, "path": str(path), "sha256": digest})
        return
    typer.echo(f"{spoken_month(month)}: {path}")
