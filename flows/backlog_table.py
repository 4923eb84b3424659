"""The friction points of a week, as a table on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nlp.records import RootCause
from report.backlog import called, cause_order
from store.database import Engine, read_scope
from store.snapshots import load_causes, load_friction, load_root_causes

_UNRANKED = 2**62
_PIPED_WIDTH = 140
_CAUSE_LENGTH = 90


@dataclass(frozen=True, slots=True)
class BacklogLine:
    """One friction point: its place with the places its interval allows, and its main cause."""

    rank: int | None
    rank_low: int | None
    rank_high: int | None
    theme_id: str
    label: str
    owner: str
    customers: int
    main_cause: str


def backlog(engine: Engine, *, week: str) -> list[BacklogLine]:
    """The week's friction points by rank; those without one come last, by reach."""
    with read_scope(engine) as session:
        points = [point for _, point in load_friction(session, week=week)]
        causes = [cause for _, cause in load_root_causes(session, week=week)]
        pieces = {piece.id: piece for _, piece in load_causes(session, week=week)}
    first: dict[str, RootCause] = {}
    for cause in sorted(causes, key=cause_order):
        if cause.state != "rejected":
            first.setdefault(cause.theme_id, cause)
    points.sort(key=lambda p: (p.rank or _UNRANKED, -p.reach, p.theme_id))
    return [
        BacklogLine(
            rank=point.rank,
            rank_low=point.rank_low,
            rank_high=point.rank_high,
            theme_id=point.theme_id,
            label=point.label,
            owner=point.owner,
            customers=point.reach,
            main_cause=called(first[point.theme_id], pieces) if point.theme_id in first else "",
        )
        for point in points
    ]


def print_backlog(lines: Sequence[BacklogLine], *, title: str) -> None:
    """Prints the lines to standard output."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("rank", justify="right", no_wrap=True)
    table.add_column("theme")
    table.add_column("owner")
    table.add_column("customers", justify="right")
    table.add_column("main cause")
    for line in lines:
        words = (line.label, line.owner, str(line.customers), _short(line.main_cause))
        table.add_row(_rank(line), *(escape(word) for word in words))
    # Piped, rich takes 80 columns, which breaks every cell; a file can be as wide as it likes.
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    Console(width=width).print(table)


def _short(cause: str) -> str:
    """The cause, cut between words."""
    return shorten(cause or "none found", _CAUSE_LENGTH, placeholder=" ...")


def _rank(line: BacklogLine) -> str:
    if line.rank is None:
        return "-"
    return f"{line.rank} ({line.rank_low} to {line.rank_high})"
