"""`groundswell report`."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.commands.document_file import AsJson, DocumentFormat, Out, put
from flows.commands.shell import settings_of


def report(
    ctx: typer.Context,
    week: Annotated[
        str | None, typer.Option(help="ISO week, like 2026-W47; by default the last published one.")
    ] = None,
    format: DocumentFormat = "html",
    out: Out = None,
    json_output: AsJson = False,
) -> None:
    """Write a week's report: headline numbers, what is new, rising and falling, friction points.

    \b
    Examples:
      groundswell report --week 2026-W46 --format html --out report.html
      groundswell report --format md --out - | less
    """
    from flows.commands.opening import open_store
    from flows.reporting import week_report

    found, text = week_report(open_store(settings_of(ctx)), week=week, format=format)
    put(text, out, kind="report", of=("week", found), format=format, json_output=json_output)
