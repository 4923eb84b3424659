"""`make bench-load`: how fast a filled server answers eight clients, beside its empty endpoint.

    python -m tests.bench.load.bench [--quick] [--requests N] [--clients N] [--home FOLDER]
        [--seed N] [--out FILE]

A company is made up in SQLite (200,000 messages with 300,000 statements, 800 themes, 104 published
weeks), `groundswell serve` is started over it, and 8 clients ask 50,000 mixed questions of every
list and page, while feedback comes in. Musts: no endpoint's p95 over 10 times that of /healthz in
the same run, the friction list's at most 5 times, and memory that stays where it is. `--home` keeps
the made-up company, so that the next run need not fill it again.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from labels.schema import load
from nlp.models import encoder_digest, minilm_path
from tests.bench.load.clients import Line, keep_alive, lines, run
from tests.bench.load.filling import fill
from tests.bench.load.questions import EMPTY, FRICTION, Questions
from tests.bench.load.serving import memory_mb, served, write
from tests.bench.load.world import FULL, QUICK, Size, World

MOST, MOST_FRICTION = 10.0, 5.0
_FLAT = 1.05  # memory at the end over that in the middle of the run; noise of the allocator is 2%
_FILE = "groundswell.sqlite"


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, serve, ask, print; 1 when a must is missed."""
    options = parser().parse_args(arguments)
    size = QUICK if options.quick else FULL
    requests = options.requests or (5_000 if options.quick else 50_000)
    writes = max(1, requests // 10_000) if options.writes is None else options.writes
    with tempfile.TemporaryDirectory(prefix="bench-load-") as folder:
        home = options.home or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        world, filled = _company(home, size)
        memory: dict[str, float] = {}
        with served(home) as (port, pid):
            memory["start"] = memory_mb(pid)
            told = {
                place: _remember(memory, f"after {place:,}", pid)
                for place in sorted({requests // 5, requests // 2, requests})
            }
            for number in range(writes):
                told[requests * (2 * number + 1) // (2 * writes) + 1] = partial(write, port, number)
            begun = time.monotonic()
            taken = run(
                Questions(world, load(), search=not options.no_search),
                requests=requests,
                clients=options.clients,
                connect=lambda: keep_alive(port),
                seed=options.seed,
                milestones=told,
            )
            seconds = time.monotonic() - begun
    table = lines(taken)
    missed = misses(table, memory, requests=requests)
    _print(table, memory, missed, seconds=seconds, requests=requests, clients=options.clients)
    if options.out:
        found = _document(size, filled, table, memory, missed, seconds=seconds, options=options)
        found["writes"] = writes
        options.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 1 if missed else 0


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="bench-load", description=(__doc__ or "").split("\n\n")[0])
    made.add_argument("--quick", action="store_true", help="a tenth of everything")
    made.add_argument("--requests", type=int, help="how many; 50,000, or 5,000 with --quick")
    made.add_argument("--clients", type=int, default=8)
    made.add_argument(
        "--writes", type=int, help="batches of feedback sent in between; one in 10,000 requests"
    )
    made.add_argument("--no-search", action="store_true", help="nothing that needs the encoder")
    made.add_argument("--seed", type=int, default=1, help="of the questions")
    made.add_argument("--home", type=Path, help="folder of the made-up company; filled if empty")
    made.add_argument("--out", type=Path, help="write the figures as JSON")
    return made


def misses(table: Sequence[Line], memory: dict[str, float], *, requests: int) -> list[str]:
    """The musts that were not reached, in words."""
    found = [
        f"{line.row}: p95 is {line.ratio:g} times that of {EMPTY}, at most {most:g} is allowed"
        for line in table
        for most in [MOST_FRICTION if line.row.startswith(FRICTION) else MOST]
        if not line.ratio <= most
    ]
    middle, end = memory[f"after {requests // 2:,}"], memory[f"after {requests:,}"]
    if end > middle * _FLAT:
        found.append(f"memory grew from {middle:g} to {end:g} MB in the second half of the run")
    return found


def _company(home: Path, size: Size) -> tuple[World, float]:
    """The made-up company in a home, made anew where there is none."""
    file = home / _FILE
    if file.is_file():
        print(f"asking what is filled in {home}", flush=True)
        return World(size), 0.0
    print(f"filling {home}", flush=True)
    begun = time.monotonic()
    model = encoder_digest(minilm_path())
    world = fill(f"sqlite:///{file}", size, model=model, say=lambda text: print(text, flush=True))
    seconds = round(time.monotonic() - begun, 1)
    print(f"  {file.stat().st_size / 2**20:,.0f} MB in {seconds:g} s", flush=True)
    return world, seconds


def _remember(memory: dict[str, float], name: str, pid: int) -> Any:
    def now() -> None:
        memory[name] = memory_mb(pid)

    return now


def _print(
    table: Sequence[Line],
    memory: dict[str, float],
    missed: Sequence[str],
    *,
    seconds: float,
    requests: int,
    clients: int,
) -> None:
    print(
        f"\n{requests:,} requests by {clients} clients in {seconds:,.0f} s "
        f"({requests / seconds:,.0f} a second); times in ms"
    )
    print(
        f"{'endpoint':36} {'n':>6} {'median':>8} {'p95':>8} {'ratio':>6} "
        f"{'new p95':>8} {'again':>8} {'first':>9} {'slowest':>9}"
    )
    for line in table:
        cold = "-" if line.cold is None else f"{line.cold:.1f}"
        warm = "-" if line.warm is None else f"{line.warm:.1f}"
        print(
            f"{line.row:36} {line.n:6} {line.median:8.1f} {line.p95:8.1f} {line.ratio:6.1f} "
            f"{cold:>8} {warm:>8} {line.first:9.1f} {line.slowest:9.1f}"
        )
    print("ratio: p95 over that of the empty endpoint; new: addresses nobody had asked for before")
    print("memory in MB: " + ", ".join(f"{name} {value:g}" for name, value in memory.items()))
    for text in missed:
        print(f"MISSED {text}")


def _document(
    size: Size,
    filled: float,
    table: Sequence[Line],
    memory: dict[str, float],
    missed: Sequence[str],
    *,
    seconds: float,
    options: argparse.Namespace,
) -> dict[str, Any]:
    return {
        "size": asdict(size),
        "fill_seconds": filled,
        "clients": options.clients,
        "seconds": round(seconds, 1),
        "endpoints": [asdict(line) for line in table],
        "memory_mb": memory,
        "missed": list(missed),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }


if __name__ == "__main__":
    sys.exit(main())
