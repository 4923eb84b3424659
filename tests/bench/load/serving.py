"""A real server in a process of its own, and how much memory it holds."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 60.0  # seconds until it answers; imports take a few on a busy machine


@contextmanager
def served(home: Path) -> Iterator[tuple[int, int]]:
    """`groundswell serve` over a home, on a free port of loopback.

    Yields:
        The port and the server's process id.

    Raises:
        RuntimeError: when it stops or does not answer, with what it said.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = home / "serve.log"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("GROUNDSWELL_")
    }
    environment["GROUNDSWELL_RATE_LIMIT"] = "0"  # eight clients at one address ask all they can
    with log.open("wb") as out:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from flows.cli import main; main()",
                "--home",
                str(home),
                "serve",
                "--port",
                str(port),
            ],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            _wait(port, process, log)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError(f"the server does not answer: {log.read_text(errors='replace')[-2000:]}")


def memory_mb(pid: int) -> float:
    """Resident memory of a process and of those it started, in megabytes."""
    told = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid), "--ppid", str(pid)],
        capture_output=True,
        text=True,
        check=True,
    )
    return round(sum(map(int, told.stdout.split())) / 1024, 1)


def write(port: int, number: int) -> None:
    """Send some feedback, of which one row differs from all that were sent before.

    Raises:
        RuntimeError: when it is not taken.
    """
    rows = [
        {
            "id": f"bench-{at}",
            "text": f"The export stopped working: {time.time_ns() if at == number else at}.",
            "created_at": "2026-11-16T09:00:00Z",
            "customer_id": f"bench-{at}",
        }
        for at in range(number, number + 5)
    ]
    body = json.dumps({"source": "bench", "kind": "ticket", "items": rows})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", "/v1/feedback", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} for feedback: {told[:300]!r}")
