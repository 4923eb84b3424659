"""Writes a made-up company into a database, in bulk and in the store's own tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import islice

import numpy as np

from labels.schema import load
from nlp.population import build_population
from nlp.records import Assignment, DatedEvent, Feedback, Statement, Theme
from nlp.weeks import monday, shift
from report.build import build_report
from report.document import Intake, to_json
from store.customers import upsert_customers
from store.database import Session, migrate, open_database, session_scope
from store.events import upsert_events
from store.feedback import upsert_feedback
from store.ingests import IngestCounts, record_ingest
from store.rows import insert, to_row
from store.runs import RunRecord, save_run
from store.snapshots import save_snapshot
from store.statements import save_statements
from store.tables import ASSIGNMENT_VERSION, THEME_VERSION
from store.themes import save_theme_events
from store.vectors import save_vectors
from tests.bench.load.published import Publication, Publisher
from tests.bench.load.world import Size, World

_BATCH = 20_000
_REPORT_WEEKS = 12  # a report's lines are that long; what is older shows in no line of it
_DIMENSIONS = 384


def fill(url: str, size: Size, *, model: str, say: Callable[[str], None] = print) -> World:
    """Fill an empty database. `model`: the digest that vectors are kept under.

    Returns:
        The world, so that questions can be asked of it.
    """
    world = World(size)
    engine = open_database(url)
    migrate(engine)
    said: list[Statement] = []
    messages: list[Feedback] = []
    written = world.written()
    while batch := list(islice(written, _BATCH)):
        statements = [statement for _, own in batch for statement in own]
        items = [item for item, _ in batch]
        with session_scope(engine) as session:
            upsert_feedback(session, items)
            keys = [item.key for item in items]
            save_statements(session, statements, version="bench", feedback_keys=keys)
        said.extend(statements)
        messages.extend(items)
    say(f"  {len(messages):,} messages, {len(said):,} statements")
    with session_scope(engine) as session:
        upsert_customers(session, world.customers())
        places = list(world.assignments())
        insert(session, ASSIGNMENT_VERSION, [to_row(item, week=week) for week, item in places])
        themes = list(world.themes())
        insert(session, THEME_VERSION, [to_row(theme, week=week) for week, theme in themes])
        save_theme_events(session, world.life())
        upsert_events(session, _events(world))
        day = dt.datetime.combine(monday(size.last), dt.time(6), tzinfo=dt.UTC)
        counts = IngestCounts("ingest-1", day, ("made.csv",), size.messages, size.messages, 0, 0, 0)
        record_ingest(session, counts)
    say(f"  {len(places):,} places, {len(themes):,} versions of themes")
    with session_scope(engine) as session:
        _vectors(session, said, model, size.seed)
    say("  vectors")
    _publish(url, world, messages=messages, said=said, places=places, themes=themes)
    say(f"  {size.weeks} weeks published")
    engine.dispose()
    return world


def _events(world: World) -> list[DatedEvent]:
    return [
        DatedEvent(monday(week), "release", f"version 4.{at // 4}")
        for at, week in enumerate(world.weeks)
        if at % 4 == 0
    ]


def _vectors(session: Session, said: list[Statement], model: str, seed: int) -> None:
    shas = sorted({statement.sha for statement in said})
    draw = np.random.default_rng(seed)
    for start in range(0, len(shas), _BATCH):
        part = shas[start : start + _BATCH]
        rows = draw.standard_normal((len(part), _DIMENSIONS), dtype=np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        save_vectors(session, model, part, rows)


def _publish(
    url: str,
    world: World,
    *,
    messages: list[Feedback],
    said: list[Statement],
    places: list[tuple[str, Assignment]],
    themes: list[tuple[str, Theme]],
) -> None:
    """Every week in its turn, each with the report document that the weekly run would make of it.

    Only the feedback of the last quarter goes into a document: its lines show no more.
    """
    publisher = Publisher(world, load())
    of_message = world.owner
    by_week = np.searchsorted(world.week, np.arange(world.size.weeks + 1))
    moves: dict[str, list[Assignment]] = {}
    for week, item in places:
        moves.setdefault(week, []).append(item)
    theme_moves: dict[str, list[Theme]] = {}
    for week, theme in themes:
        theme_moves.setdefault(week, []).append(theme)
    placed: dict[str, Assignment] = {}
    living: dict[str, Theme] = {}
    engine = open_database(url)
    for at, week in enumerate(world.weeks):
        placed.update({item.statement_id: item for item in moves.get(week, ())})
        living.update({theme.id: theme for theme in theme_moves.get(week, ())})
        first = by_week[max(0, at + 1 - _REPORT_WEEKS)]
        last = by_week[at + 1]
        own = said[np.searchsorted(of_message, first) : np.searchsorted(of_message, last)]
        publication = publisher.publish(at)
        document = _report(
            publisher,
            publication,
            messages=messages[first:last],
            said=own,
            placed=placed,
            themes=list(living.values()),
        )
        with session_scope(engine) as session:
            _save(session, publisher, publication, document, living)
    engine.dispose()


def _report(
    publisher: Publisher,
    publication: Publication,
    *,
    messages: list[Feedback],
    said: list[Statement],
    placed: dict[str, Assignment],
    themes: list[Theme],
) -> str:
    return to_json(
        build_report(
            week=publication.week,
            population=build_population(messages, said, placed),
            statements={statement.id: statement for statement in said},
            assignments=placed,
            themes=themes,
            trends=publication.trends,
            previous_trends=[],
            causes=publication.causes,
            root_causes=publication.root_causes,
            friction=publication.friction,
            owners=publisher.owners,
            stages=publisher.stages,
            intake=Intake(len(messages), len(messages), 0, 0, 0),
            least_statements=300,
            friction_weeks=8,
            cause_weeks=12,
            input_digest="made",
            code_version="bench",
        )
    )


def _save(
    session: Session,
    publisher: Publisher,
    publication: Publication,
    document: str,
    living: dict[str, Theme],
) -> None:
    week = publication.week
    save_snapshot(
        session,
        week,
        trends=publication.trends,
        causes=publication.causes,
        root_causes=publication.root_causes,
        friction=publication.friction,
        owners={name: match for name, match in publisher.owners.items() if name in living},
        stages={name: match for name, match in publisher.stages.items() if name in living},
        report_json=document,
    )
    begun = dt.datetime.combine(monday(shift(week, 1)), dt.time(6), tzinfo=dt.UTC)
    save_run(
        session,
        RunRecord(
            id=f"run-{week}",
            kind="weekly",
            week=week,
            status="done",
            started_at=begun,
            finished_at=begun + dt.timedelta(minutes=4),
            code_version="bench",
            input_digest="made",
        ),
    )
