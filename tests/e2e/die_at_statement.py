"""Run a week in children that are killed at a given SQL statement (a program, no test).

Arguments: labels folder, week, then pairs of a home and the number of the statement. One thread, so
that it may fork.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from sqlalchemy import event

from flows.models import Models, load_models
from flows.running import run_week
from flows.settings import DATABASE_FILE, Settings
from store.database import Engine, open_database


def count_statements(engine: Engine, before: Callable[[int], None]) -> Callable[[], int]:
    """Tell `before` the number of each statement, just before it is sent; gives their count."""
    sent = 0

    def count(*_details: Any) -> None:
        nonlocal sent
        sent += 1
        before(sent)

    event.listen(engine, "before_cursor_execute", count)
    # A commit is no statement to SQLAlchemy, yet the most telling moment of all.
    event.listen(engine, "commit", count)
    return lambda: sent


def run(home: Path, labels: Path, week: str, models: Models, deadly: int) -> None:
    """Run the week, dying just before the statement of this number."""
    settings = Settings(home, f"sqlite:///{home / DATABASE_FILE}", labels)
    engine = open_database(settings.database_url)

    def die(number: int) -> None:
        if number == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    count_statements(engine, die)
    run_week(engine, settings=settings, models=models, week=week, last=week, tell=lambda _: None)


def main() -> None:
    """Fork a child for each home."""
    torch.set_num_threads(1)
    labels, week, *pairs = sys.argv[1:]
    models = load_models(None)
    for home, deadly in zip(pairs[::2], pairs[1::2], strict=True):
        child = os.fork()
        if child == 0:
            run(Path(home), Path(labels), week, models, int(deadly))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            sys.exit(f"the child of {home} ended with status {status} before statement {deadly}")


if __name__ == "__main__":
    main()
