"""Serves the flows as Prefect deployments on a schedule; starts a server when none is named."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.settings import Settings

if TYPE_CHECKING:  # Prefect reads PREFECT_API_URL when it is first imported
    from prefect import Flow
    from prefect.deployments.runner import RunnerDeployment
    from prefect.schedules import Schedule

LOCAL_PORT = 4200
_START_SECONDS = 180  # it makes its database first: 12 s on two idle cores, 32 s on busy ones


class ServerError(RuntimeError):
    """The Prefect server could not be started."""


def serve_schedule(settings: Settings, *, cron: str, ingest_cron: str, drop: Path) -> None:
    """Blocks until stopped. `cron` and `ingest_cron` are in the settings' zone.

    Raises:
        ServerError: no server is named by PREFECT_API_URL and none could be started.
    """
    if os.environ.get("PREFECT_API_URL"):
        _serve(settings, cron=cron, ingest_cron=ingest_cron, drop=drop)
        return
    with local_server(settings.home) as url:
        os.environ["PREFECT_API_URL"] = url
        _serve(settings, cron=cron, ingest_cron=ingest_cron, drop=drop)


@contextmanager
def local_server(home: Path, *, port: int = LOCAL_PORT) -> Iterator[str]:
    """A Prefect server on the loopback address, its log in `home`; yields the URL of its API.

    Raises:
        ServerError: it ended, or did not answer in time; the message names its log.
    """
    log = home / "prefect-server.log"
    command = [sys.executable, "-m", "prefect", "server", "start"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--no-ui"]
    with log.open("ab") as out:
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)  # noqa: S603
    url = f"http://127.0.0.1:{port}/api"
    try:
        _wait_for(url, server, log)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise ServerError(
        f"Prefect's server did not start; its log is {log}. Name a running one with "
        "PREFECT_API_URL, or use the system's cron (groundswell schedule --help)"
    )


def _serve(settings: Settings, *, cron: str, ingest_cron: str, drop: Path) -> None:
    from prefect import serve  # noqa: PLC0415 - reads PREFECT_API_URL when it is first imported
    from prefect.schedules import Cron  # noqa: PLC0415

    from flows.backfill import backfill  # noqa: PLC0415
    from flows.ingest import ingest  # noqa: PLC0415
    from flows.on_time import on_time  # noqa: PLC0415

    text = settings.to_json()
    weekly = {"settings_json": text}
    nightly = {"settings_json": text, "folder": str(drop)}
    serve(
        _deployment(on_time, "weekly", Cron(cron, timezone=settings.zone), weekly),
        _deployment(ingest, "nightly", Cron(ingest_cron, timezone=settings.zone), nightly),
        _deployment(backfill, "backfill", None, {"settings_json": text}),
        pause_on_shutdown=False,
    )


def _deployment(
    of: Flow[Any, Any], name: str, schedule: Schedule | None, parameters: dict[str, Any]
) -> RunnerDeployment:
    from prefect.deployments.runner import RunnerDeployment  # noqa: PLC0415
    from prefect.types.entrypoint import EntrypointType  # noqa: PLC0415

    made = of.to_deployment(
        name=name,
        schedule=schedule,
        parameters=parameters,
        concurrency_limit=1,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    assert isinstance(made, RunnerDeployment)
    return made
