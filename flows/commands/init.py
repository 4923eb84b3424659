"""`groundswell init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.shell import print_json, say, settings_of


def init(
    ctx: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="Where to write them; by default <home>/labels.")
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print the files written as JSON.")
    ] = False,
) -> None:
    """Write editable labels: intents, journey, owners, scoring, metrics.

    Files that are there already are left alone. Labels in <home>/labels are used from then on.

    \b
    Examples:
      groundswell init
      groundswell init our-labels && groundswell --labels our-labels doctor
    """
    from labels.schema import copy_defaults

    target = folder or settings_of(ctx).home / "labels"
    written = copy_defaults(target)
    if json_output:
        print_json({"folder": str(target), "written": [path.name for path in written]})
        return
    for path in written:
        typer.echo(f"wrote {path}")
    if not written:
        typer.echo(f"nothing written: all files are in {target} already")
    say(f"Edit {target / 'owners.yaml'} first: it decides who owns what.")
