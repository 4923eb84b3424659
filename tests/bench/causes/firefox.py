"""A real stream, week by week without look-ahead: Firefox support tickets.

Staff linked tickets to bugs (tags such as bug1521370); the product never sees the tags. A burst is
a week with three or more tickets of one bug. `python -m tests.bench.causes.firefox FILE` takes any
longer file of the same columns.
"""

from __future__ import annotations

import csv
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.ingesting import ingest_paths
from flows.models import load_models
from flows.running import run_week
from flows.settings import DATABASE_FILE, Settings
from nlp.weeks import weeks_between
from store.assignments import assignments_as_of
from store.database import Engine, migrate, open_database, read_scope
from store.feedback import load_feedback
from store.snapshots import load_root_causes, load_trends
from store.statements import load_statements
from tests.bench.corpora import SHARED
from tests.bench.row import Figure, Row, say, table

MAPPING = Path(__file__).parents[3] / "samples" / "maps" / "sumo.yaml"
DATA = SHARED / "sumo_firefox_2019q1" / "data.csv"
LEAST_TICKETS = 3
# Themes are founded on the first weeks; the trend gate needs three more before it can tell.
FIRST_JUDGED = "2019-W02"
BREAKAGE_WEEK, BREAKAGE_TAG = "2019-W05", "avast65"
_BUG = re.compile(r"bug-?\d+")
# What customers called the breakage: a cause that names it uses one of these.
_NAMED = re.compile(r"antivir|avast|avg|kaspersky|https|certificat|secure|blocked", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Call:
    """A theme or root cause that was called new or rising: its rank and the tickets it holds."""

    name: str
    theme: str
    kind: str
    text: str
    rank: int | None
    tickets: frozenset[str]


def measure(*, quick: bool = False, file: Path = DATA) -> Row | None:
    """Bursts that lie in a called theme or cause, calls in quiet weeks, and the breakage's rank.

    A burst lies in a call when most of its tickets of that week do, and three at least. Every
    called theme and cause of a quiet week counts, but for causes of a theme that is called itself.
    `quick` stops after the week of the breakage.
    """
    if not file.is_file():
        return None
    tags = _tags(file)
    with tempfile.TemporaryDirectory() as folder:
        calls, of_week = _run(Path(folder), file, last=BREAKAGE_WEEK if quick else None)
    weeks = sorted(week for week in calls if week >= FIRST_JUDGED)
    bursts = {week: _bursts(of_week[week], tags) for week in weeks}
    hits, total, told = 0, 0, []
    for week in weeks:
        for bug, tickets in bursts[week].items():
            inside = [one for one in calls[week] if _lies_in(tickets, one)]
            total, hits = total + 1, hits + bool(inside)
            told.append({"week": week, "bug": bug, "tickets": len(tickets), "in": _names(inside)})
    quiet = [week for week in weeks if not bursts[week]]
    in_quiet = sum(len(_apart(calls[week])) for week in quiet)
    return Row(
        "firefox",
        (
            Figure("bursts", float(total)),
            Figure("bursts in a call", hits / total if total else None, 0.55, 0.75),
            Figure(
                "calls in a quiet week", in_quiet / len(quiet) if quiet else None, 0.4, 0.3, True
            ),
            *_breakage(calls.get(BREAKAGE_WEEK, []), of_week.get(BREAKAGE_WEEK, []), tags),
        ),
        {"bursts": told, "calls": {week: _names(calls[week]) for week in weeks}},
    )


def _breakage(
    calls: Sequence[Call], tickets: Sequence[str], tags: Mapping[str, frozenset[str]]
) -> list[Figure]:
    """The best rank of a called theme with a fifth of the breakage's tickets; is it named?"""
    broken = frozenset(name for name in tickets if BREAKAGE_TAG in tags[name])
    if not broken:
        return []
    holds = [one for one in calls if 5 * len(one.tickets & broken) >= len(broken)]
    ranks = [one.rank for one in holds if one.kind == "theme" and one.rank is not None]
    named = any(one.kind == "cause" and _NAMED.search(one.text) for one in holds)
    return [
        Figure("breakage: rank among new or rising", float(min(ranks, default=99)), 5, 1, True),
        Figure("breakage: a cause names it", float(named), 1.0, 1.0),
    ]


def _apart(calls: Sequence[Call]) -> list[Call]:
    themes = {one.theme for one in calls if one.kind == "theme"}
    return [one for one in calls if one.kind == "theme" or one.theme not in themes]


def _names(calls: Sequence[Call]) -> list[str]:
    return [f"{one.kind} {one.name}: {one.text}" for one in calls]


def _lies_in(tickets: frozenset[str], call: Call) -> bool:
    inside = len(tickets & call.tickets)
    return inside >= LEAST_TICKETS and 2 * inside >= len(tickets)


def _tags(file: Path) -> dict[str, frozenset[str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return {row["id"]: frozenset(row["tags"].split("|")) for row in csv.DictReader(opened)}


def _bursts(
    tickets: Sequence[str], tags: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    of_bug: dict[str, set[str]] = defaultdict(set)
    for name in tickets:
        for tag in tags[name]:
            if _BUG.fullmatch(tag):
                of_bug[tag].add(name)
    return {
        bug: frozenset(names)
        for bug, names in sorted(of_bug.items())
        if len(names) >= LEAST_TICKETS
    }


def _run(
    folder: Path, file: Path, *, last: str | None
) -> tuple[dict[str, list[Call]], dict[str, list[str]]]:
    """Calls and tickets of each week, the weeks run one at a time."""
    settings = Settings(
        home=folder, database_url=f"sqlite:///{folder / DATABASE_FILE}", processes=1
    )
    engine = open_database(settings.database_url)
    migrate(engine)
    ingest_paths(engine, [file], settings=settings, mapping=MAPPING)
    with read_scope(engine) as session:
        feedback = load_feedback(session)
    of_week: dict[str, list[str]] = defaultdict(list)
    for item in feedback:
        of_week[item.week].append(item.id)
    weeks = weeks_between(min(of_week), last or max(of_week))
    models = load_models(None)
    calls = {}
    for week in weeks:
        run_week(engine, settings=settings, models=models, week=week, last=weeks[-1], tell=_silent)
        calls[week] = _calls(engine, week, {item.key: item.id for item in feedback})
        say(f"firefox {week}: {len(calls[week])} calls")
    engine.dispose()
    return calls, dict(of_week)


def _silent(_line: str) -> None:
    """Rows are told as they are done; the run need not tell its own."""


def _calls(engine: Engine, week: str, id_of: Mapping[str, str]) -> list[Call]:
    """Themes called new or rising, and causes of other themes that are."""
    with read_scope(engine) as session:
        feedback = load_feedback(session, since_week=week, until_week=week)
        keys = {item.key for item in feedback}
        spoken = [
            item for item in load_statements(session, until_week=week) if item.feedback_key in keys
        ]
        places = assignments_as_of(session, week)
        trends = [one for one in load_trends(session, week=week) if _up(one.status)]
        causes = [one for _, one in load_root_causes(session, week=week) if _up(one.trend)]
    ticket = {item.id: id_of[item.feedback_key] for item in spoken}
    in_theme: dict[str, set[str]] = defaultdict(set)
    for item in spoken:
        place = places[item.id]
        for theme in (place.theme_id, place.parent_theme_id):
            if theme is not None:
                in_theme[theme].add(ticket[item.id])
    found = [
        Call(
            one.theme_id,
            one.theme_id,
            "theme",
            one.label,
            one.rank,
            frozenset(in_theme[one.theme_id]),
        )
        for one in trends
    ]
    for cause in causes:
        inside = frozenset(ticket[name] for name in cause.evidence_ids if name in ticket)
        found.append(Call(cause.id, cause.theme_id, "cause", cause.statement, None, inside))
    return found


def _up(status: str) -> bool:
    return status in {"new", "rising"}


def main(arguments: Sequence[str]) -> int:
    """Print the row of a file, by default the shared one, and what was called each week."""
    row = measure(file=Path(arguments[0]) if arguments else DATA)
    if row is None:
        print(f"{arguments[0] if arguments else DATA}: there is no such file", file=sys.stderr)
        return 2
    print(table([row]))
    details: dict[str, Any] = dict(row.details)
    for one in details["bursts"]:
        print(one)
    for week, names in details["calls"].items():
        print(week, *names, sep="\n    ")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
