"""`groundswell doctor`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.commands.shell import ExitCode, print_json, settings_of


def doctor(
    ctx: typer.Context,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print the findings as JSON.")
    ] = False,
) -> None:
    """Look at models, database, labels, versions, zone and disk: what is wrong, how to mend it.

    Nothing is changed. Ends with exit code 1 when something is wrong.

    \b
    Example:
      groundswell doctor --json
    """
    from flows.diagnosis import diagnose

    findings = diagnose(settings_of(ctx))
    if json_output:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mark = "ok     " if finding.ok else "PROBLEM"
            typer.echo(f"{mark} {finding.subject}: {finding.found}")
            if not finding.ok:
                typer.echo(f"        mend: {finding.mend}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(ExitCode.FAILURE)
