"""`groundswell explain`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.commands.shell import print_json, settings_of


def explain(
    ctx: typer.Context,
    cause_id: Annotated[
        str,
        typer.Argument(
            help="A root cause (R-...), a theme (T-...) or a piece of evidence (C-...)."
        ),
    ],
    week: Annotated[
        str | None, typer.Option(help="ISO week, like 2026-W47; by default the last published one.")
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print the sum and the changes as JSON.")
    ] = False,
) -> None:
    """Print the sum that made a score, line by line, and what would change the rank.

    \b
    Examples:
      groundswell explain R-0a1b2c3d4e
      groundswell explain T-0a1b2c3d4e --week 2026-W46
    """
    from flows.commands.opening import open_store
    from flows.explaining import explain as make_explanation
    from labels.schema import load
    from report.explain import render_explanation

    settings = settings_of(ctx)
    made = make_explanation(
        open_store(settings), cause_id, labels=load(settings.labels_dir), week=week
    )
    if json_output:
        print_json(asdict(made.explanation) | {"through": made.through})
        return
    if made.through:
        typer.echo(made.through)
    typer.echo(render_explanation(made.explanation), nl=False)
