"""`groundswell`: the command line. Commands live in `flows/commands`, one a file.

Nothing heavy is imported here, so that `groundswell --help` is quick.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from flows.commands import (
    causes,
    correct,
    customers,
    deliver,
    demo,
    doctor,
    events,
    explain,
    export,
    ingest,
    init,
    keys,
    mcp,
    outcome,
    quarantine,
    report,
    run,
    schedule,
    serve,
    themes,
)
from flows.commands.shell import GuardedGroup
from flows.quiet import quiet_environment
from flows.settings import hide_password, load_settings

_EPILOG = (
    "Exit codes: 0 done; 1 failure, the message says what to do; 2 wrong usage; 3 done, but rows "
    "were quarantined (ingest --strict); 75 another run is under way, try again later."
)

app = typer.Typer(
    name="groundswell",
    cls=GuardedGroup,
    help="Turns customer feedback into an owned, ranked backlog of root causes, week after week.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"groundswell {version('groundswell')}")
        raise typer.Exit


@app.callback()
def settle(
    ctx: typer.Context,
    database_url: Annotated[
        str | None,
        typer.Option(
            envvar="GROUNDSWELL_DATABASE_URL",
            show_envvar=True,
            help="SQLite or PostgreSQL; by default one SQLite file in the home folder.",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            envvar="GROUNDSWELL_LABELS",
            help="Folder with your labels; by default <home>/labels, else the packaged ones.",
        ),
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(
            envvar="GROUNDSWELL_HOME",
            help="Folder for the database, locks and flow state; by default ./.groundswell",
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print version."),
    ] = False,
) -> None:
    """Settings from options and the environment; before anything heavy is imported."""
    settings = load_settings(home=home, database_url=database_url, labels_dir=labels)
    quiet_environment(settings.home)
    if hide_password(settings.database_url) != settings.database_url:
        # Flows take the password from here: what they are called with is kept by Prefect.
        os.environ["GROUNDSWELL_DATABASE_URL"] = settings.database_url
    ctx.obj = settings


app.command("init")(init.init)
app.command("ingest")(ingest.ingest)
app.add_typer(events.app, name="events")
app.command("customers")(customers.customers)
app.command("run")(run.run)
app.command("report")(report.report)
app.command("outcome")(outcome.outcome)
app.command("deliver")(deliver.deliver)
app.command("explain")(explain.explain)
app.command("export")(export.export)
app.command("serve")(serve.serve)
app.command("mcp")(mcp.mcp)
app.add_typer(keys.app, name="keys")
app.command("schedule")(schedule.schedule)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(themes.app, name="themes")
app.add_typer(causes.app, name="cause")
app.add_typer(correct.app, name="correct")
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)


def main() -> None:
    """The console script."""
    app()
