"""`groundswell outcome`."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.commands.document_file import AsJson, DocumentFormat, Out, put
from flows.commands.shell import settings_of


def outcome(
    ctx: typer.Context,
    month: Annotated[
        str | None, typer.Option(help="Like 2026-10; by default the last whole published one.")
    ] = None,
    format: DocumentFormat = "html",
    out: Out = None,
    json_output: AsJson = False,
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
    put(
        text,
        out,
        kind="outcome",
        of=("month", month),
        format=format,
        json_output=json_output,
        told=spoken_month(month),
    )
