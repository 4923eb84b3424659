"""`groundswell deliver`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.shell import ExitCode, print_json, say, settings_of

if TYPE_CHECKING:
    from flows.delivery_run import Delivery
    from store.database import Engine


_WRONG = frozenset({"failed", "not built"})


def _is_wrong(row: dict[str, object]) -> bool:
    return row["status"] in _WRONG or (row["status"] == "due" and bool(row["error"]))


def deliver(
    ctx: typer.Context,
    week: Annotated[
        str | None, typer.Option(help="ISO week, like 2026-W47; by default the last that is over.")
    ] = None,
    month: Annotated[
        str | None,
        typer.Option(help="Month of an outcome pack, like 2026-10."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would go to whom; send nothing.")
    ] = False,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Also what may have arrived (status unknown); if --week or --month is given, its.",
        ),
    ] = False,
    record: Annotated[
        bool, typer.Option("--list", help="Show what was sent so far, the last first.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Send the report to the addresses of GROUNDSWELL_DELIVER, and to owners their part.

    What was sent is not sent again; what failed is tried again. Addresses are shown without their
    secrets.

    \b
    Examples:
      groundswell deliver --dry-run
      groundswell deliver --week 2026-W46
      groundswell deliver --list
    """
    from flows.commands.opening import open_store

    settings = settings_of(ctx)
    engine = open_store(settings)
    if record:
        _show_record(engine, json_output=json_output)
        return
    from flows.delivery_run import due, has_addresses, run_delivery
    from labels.schema import load

    _check(week, month)
    if not has_addresses(settings, load(settings.labels_dir)):
        say("Nobody to deliver to: set GROUNDSWELL_DELIVER, or deliver: in owners.yaml")
        if json_output:
            print_json([])
        return
    named = week is not None or month is not None
    if not named:
        week, month = due(engine, today=settings.today())
    done = run_delivery(
        engine,
        settings,
        week=week,
        month=month,
        dry_run=dry_run,
        again=again,
        # What may have arrived is sent again where that was asked for, and nowhere else.
        alone=again and named,
    )
    for problem in done.problems:
        say(f"not usable: {problem}")
    if json_output:
        print_json(list(done.rows))
    else:
        _show(done)
    if done.problems or any(_is_wrong(row) for row in done.rows):
        raise typer.Exit(ExitCode.FAILURE)


def _check(week: str | None, month: str | None) -> None:
    from nlp.months import weeks_of
    from nlp.weeks import monday

    try:
        if week is not None:
            monday(week)
        if month is not None:
            weeks_of(month)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _show(done: Delivery) -> None:
    from flows.delivery_run import told

    for row in done.rows:
        typer.echo(told(row))
    if not done.rows and not done.problems:
        say("Nothing to deliver: what is due was sent. See: groundswell deliver --list")


def _show_record(engine: Engine, *, json_output: bool) -> None:
    from store.database import read_scope
    from store.deliveries import load_deliveries

    with read_scope(engine) as session:
        rows = [asdict(one) for one in load_deliveries(session)]
    if json_output:
        print_json(rows)
        return
    from flows.delivery_run import told

    for row in rows:
        typer.echo(f"{row['started_at']:%Y-%m-%d %H:%M} {told(row)}, attempts {row['attempts']}")
    if not rows:
        say("Nothing was sent so far.")
