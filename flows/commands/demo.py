"""`groundswell demo`."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.shell import CommandError, print_json, say, settings_of
from flows.settings import DATABASE_FILE, Settings

FIRST, LAST = "2026-W35", "2026-W46"
SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_TOP = 10


def demo(
    ctx: typer.Context,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve API and pages at the end.")
    ] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to serve at.")] = 8000,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print the friction points as JSON; does not serve.")
    ] = False,
) -> None:
    """Twelve weeks of a made-up company, from its files to the ranked backlog.

    Works in <home>/demo, which is made anew each time, on a SQLite file of its own.

    \b
    Examples:
      groundswell demo
      groundswell demo --no-serve
    """
    settings = _fresh(settings_of(ctx))
    started = time.monotonic()
    _ingest(settings)
    _run(settings)
    page = _report(settings)
    say(f"[4/4] done in {time.monotonic() - started:.0f} s")
    _print_friction(settings, json_output=json_output)
    say(f"Report: {page}")
    program = Path(sys.argv[0]).name if shutil.which("groundswell") else sys.argv[0]
    say(f"Pages: {program} --home {settings.home} serve")
    say(f"Table: {program} --home {settings.home} export friction --out -")
    if serve and not json_output:
        from flows.commands.serve import serve_pages

        serve_pages(settings, host="127.0.0.1", port=port)


def _fresh(settings: Settings) -> Settings:
    if not (SAMPLES / "tickets.csv").is_file():
        raise CommandError(
            f"the samples are not at {SAMPLES}; the demo runs from a source checkout: make demo"
        )
    home = settings.home / "demo"
    if home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True)
    # Copied, so that `groundswell --home` finds the same owners as the demo.
    shutil.copytree(SAMPLES / "labels", home / "labels")
    return replace(
        settings,
        home=home,
        database_url=f"sqlite:///{home / DATABASE_FILE}",
        labels_dir=home / "labels",
        zone="UTC",
        hash_secret=None,
        redact_names=False,
    )


def _ingest(settings: Settings) -> None:
    from flows.commands.opening import open_store
    from flows.event_file import read_events
    from flows.ingesting import ingest_paths
    from store.database import session_scope
    from store.events import upsert_events

    say("[1/4] reading samples/")
    engine = open_store(settings)
    counts = [
        ingest_paths(engine, [SAMPLES / name], settings=settings, mapping=_mapping(name))
        for name in ("tickets.csv", "surveys.csv", "call_notes")
    ]
    with session_scope(engine) as session:
        events = upsert_events(session, read_events(SAMPLES / "events.csv"))
    engine.dispose()
    personal = sum(sum(one.redactions.values()) for one in counts)
    say(
        f"      {sum(one.rows_read for one in counts)} rows: "
        f"{sum(one.accepted for one in counts)} taken, "
        f"{sum(one.quarantined for one in counts)} quarantined; "
        f"{personal} pieces of personal data replaced; {events.accepted} dated events"
    )


def _mapping(name: str) -> Path | None:
    path = SAMPLES / "maps" / f"{Path(name).stem}.yaml"
    return path if path.is_file() else None


def _run(settings: Settings) -> None:
    say(f"[2/4] running {FIRST} to {LAST}, week by week (loading models first)")

    from flows.quiet import tell_errors_once

    tell_errors_once()
    from flows.backfill import backfill

    backfill(settings.to_json(), FIRST, LAST)


def _report(settings: Settings) -> Path:
    from flows.commands.opening import open_store
    from flows.reporting import week_report
    from service.exports.files import write_whole

    say("[3/4] writing the report")
    week, text = week_report(open_store(settings), week=LAST, format="html")
    page = settings.home / f"report-{week}.html"
    write_whole(page, text.encode("utf-8"))
    return page


def _print_friction(settings: Settings, *, json_output: bool) -> None:
    from flows.backlog_table import backlog, print_backlog
    from flows.commands.opening import open_store

    lines = backlog(open_store(settings), week=LAST)[:_TOP]
    if json_output:
        print_json([asdict(line) for line in lines])
        return
    print_backlog(lines, title=f"Top friction points, {LAST}")
