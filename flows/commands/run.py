"""`groundswell run`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.shell import print_json, say, settings_of

if TYPE_CHECKING:
    from flows.settings import Settings
    from store.database import Engine

_WEEK = "ISO week, like 2026-W47"


def run(
    ctx: typer.Context,
    week: Annotated[str | None, typer.Option(help=f"{_WEEK}: run this one.")] = None,
    first: Annotated[str | None, typer.Option("--from", help=f"{_WEEK}: the first to run.")] = None,
    last: Annotated[str | None, typer.Option("--to", help=f"{_WEEK}: the last to run.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print what was done.")] = False,
) -> None:
    """Run the weeks, each as if on time: it sees nothing of the weeks after it.

    Without --week or --from/--to: every week that has feedback, is over and was not run since it
    was over. Running a week again forgets what it and later weeks published, and does them anew.

    \b
    Examples:
      groundswell run
      groundswell run --week 2026-W47
      groundswell run --from 2026-W35 --to 2026-W46
    """
    from flows.commands.opening import open_store
    from flows.weeks import weeks_to_run
    from store.database import read_scope

    settings = settings_of(ctx)
    engine = open_store(settings)
    with read_scope(engine) as session:
        try:
            weeks = weeks_to_run(
                session,
                today=settings.today(),
                zone=settings.zone_info,
                week=week,
                first=first,
                last=last,
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    if not weeks:
        _tell_why(engine, settings)
        if json_output:
            print_json([])
        return

    from flows.quiet import tell_errors_once

    tell_errors_once()
    from flows.backfill import backfill

    outcomes = backfill(settings.to_json(), weeks[0], weeks[-1])
    if json_output:
        print_json([asdict(outcome) for outcome in outcomes])
        return
    say(f"Done. See: groundswell report --week {weeks[-1]} --format html --out report.html")


def _tell_why(engine: Engine, settings: Settings) -> None:
    """Published weeks are not rewritten unasked, also when what they were made of has changed."""
    from flows.weeks import unfinished_weeks
    from labels.schema import load
    from nlp.segment import SPLITTER_VERSION
    from service.week_inputs import changed_inputs, changed_told
    from store.database import read_scope
    from store.snapshots import published_weeks
    from store.statements import unsplit_feedback

    with read_scope(engine) as session:
        published = published_weeks(session)
        unfinished = unfinished_weeks(session, today=settings.today())
        if not published and not unfinished:
            say("Nothing to run: there is no feedback yet; begin with: groundswell ingest PATH")
            return
        last = max(published, default="")
        late = unsplit_feedback(session, until_week=last, version=SPLITTER_VERSION)
        digest = load(settings.labels_dir).digest
        changed = changed_inputs(session, last, labels_digest=digest) if last else ()
    if unfinished:
        week = unfinished[0]
        say(f"Nothing to run: {week} is not over; run it with --week {week}")
        if len(unfinished) > 1:
            say(f"Feedback lies as far ahead as {unfinished[-1]}: are its dates right?")
    else:
        say("Nothing to run: every week that has feedback was run.")
    told = changed_told(last, changed, late=Counter(item.week for item in late))
    if told:
        say(told)
