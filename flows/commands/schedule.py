"""`groundswell schedule`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.shell import settings_of

WEEKLY = "0 6 * * 1"
NIGHTLY = "30 2 * * *"


def schedule(
    ctx: typer.Context,
    cron: Annotated[
        str, typer.Option(help="When the weekly run starts, in the configured zone.")
    ] = WEEKLY,
    ingest_cron: Annotated[
        str, typer.Option(help="When the drop folder is read, in the configured zone.")
    ] = NIGHTLY,
    drop: Annotated[
        Path | None, typer.Option(help="The drop folder; by default <home>/drop.")
    ] = None,
) -> None:
    """Serve the weekly run and the nightly ingest on a schedule, until stopped.

    Uses the Prefect server at PREFECT_API_URL; without one it starts its own on this machine and
    stops it again. Without Prefect, the system's cron does as well:

      30 2 * * *  groundswell ingest --drop /data/drop
      0 6 * * 1   groundswell run

    \b
    Examples:
      groundswell schedule
      GROUNDSWELL_ZONE=Europe/Berlin groundswell schedule --cron "0 7 * * 1" --drop /data/drop
    """
    from flows.commands.opening import open_store

    settings = settings_of(ctx)
    folder = (drop or settings.home / "drop").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    open_store(settings).dispose()

    from flows.schedule import serve_schedule

    serve_schedule(settings, cron=cron, ingest_cron=ingest_cron, drop=folder)
