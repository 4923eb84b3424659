"""What must hold for any records: round trips, idempotence, order independence, time travel."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.records import (
    Assignment,
    Cause,
    Clause,
    DatedEvent,
    Feedback,
    Friction,
    OwnerMatch,
    Rejected,
    StageMatch,
    Statement,
    Theme,
    ThemeEvent,
    Trend,
)
from store.assignments import assignments_as_of, save_assignments
from store.database import Engine, Session, migrate, open_database
from store.decisions import active_decisions, add_decision
from store.events import load_events, upsert_events
from store.feedback import feedback_digest, load_feedback, upsert_feedback
from store.ingests import IngestCounts, list_ingests, record_ingest
from store.quarantine import add_quarantine, list_quarantine
from store.runs import RunRecord, list_runs, rewind, save_run
from store.snapshots import (
    load_causes,
    load_friction,
    load_owners,
    load_report,
    load_stages,
    load_trends,
    save_snapshot,
)
from store.statements import load_statements, save_statements
from store.themes import save_theme_events, save_themes, theme_events, themes_as_of

T = TypeVar("T")

WEEKS = [f"2026-W{number:02d}" for number in range(1, 6)]
PLAIN_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: PLAIN_TEXT,
    int: st.integers(0, 2**31 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    NoneType: st.none(),
    dt.date: st.dates(),
    dt.datetime: st.datetimes(timezones=st.just(dt.UTC)),
}


def of_type(hint: Any) -> st.SearchStrategy[Any]:
    if hint in BY_TYPE:
        return BY_TYPE[hint]
    parts = get_args(hint)
    if get_origin(hint) is Literal:
        return st.sampled_from(parts)
    if get_origin(hint) in {Union, UnionType}:
        return st.one_of([of_type(part) for part in parts])
    if get_origin(hint) is tuple and parts[-1] is Ellipsis:
        return st.lists(of_type(parts[0]), max_size=3).map(tuple)
    if get_origin(hint) is tuple:
        return st.tuples(*[of_type(part) for part in parts])
    return any_of(hint)


def any_of(record: type[T], **known: st.SearchStrategy[Any]) -> st.SearchStrategy[T]:
    """Records of a type with any field values of the right types, but for the fields `known`."""
    named = {
        name: known[name] if name in known else of_type(hint)
        for name, hint in get_type_hints(record).items()
    }
    return st.builds(record, **named)


FEW_IDS = st.sampled_from(["a", "b", "a#1", "é", "Z", "z"])
ATTRIBUTES = st.dictionaries(PLAIN_TEXT, PLAIN_TEXT, max_size=3).map(
    lambda named: tuple(sorted(named.items()))
)
MESSAGES = any_of(
    Feedback,
    id=FEW_IDS,
    source=st.sampled_from(["desk", "shop"]),
    week=st.sampled_from(WEEKS),
    attributes=ATTRIBUTES,
)
BATCHES = st.lists(MESSAGES, max_size=8)
THEMES = any_of(Theme, id=FEW_IDS, label=st.sampled_from(["x", "y"]))
STATES = st.lists(THEMES, max_size=4, unique_by=lambda theme: theme.id)
HISTORIES = st.lists(STATES, min_size=len(WEEKS), max_size=len(WEEKS))


@cache
def in_memory() -> Engine:
    engine = open_database("sqlite://")
    migrate(engine)
    return engine


@contextmanager
def fresh() -> Iterator[Session]:
    """A session on an empty database; closing it rolls everything back."""
    with Session(in_memory()) as session:
        yield session


def shuffled(items: Sequence[T]) -> list[T]:
    return random.Random(7).sample(list(items), len(items))


@given(BATCHES, BATCHES)
def test_upsert_conserves_rows_and_is_idempotent(
    first: list[Feedback], second: list[Feedback]
) -> None:
    with fresh() as session:
        for batch in (first, second):
            known = {item.key for item in load_feedback(session)}
            done = upsert_feedback(session, batch)
            assert done.accepted + done.updated + done.unchanged == len(batch)
            assert done.accepted == len({item.key for item in batch} - known)
            state = load_feedback(session)
            again = upsert_feedback(session, batch)
            assert (again.accepted, again.updated, again.unchanged) == (0, 0, len(batch))
            assert load_feedback(session) == state
        assert {item.key for item in state} == {item.key for item in [*first, *second]}
        assert set(state) <= set(first) | set(second)


@given(BATCHES)
def test_the_order_of_messages_does_not_matter(batch: list[Feedback]) -> None:
    seen = []
    for items in (batch, batch[::-1], shuffled(batch)):
        with fresh() as session:
            done = upsert_feedback(session, items)
            digest = feedback_digest(session, until_week=WEEKS[-1])
            seen.append((done, load_feedback(session), digest))
    assert seen[0] == seen[1] == seen[2]
    keys = [item.key for item in seen[0][1]]
    assert keys == sorted(keys)


@given(MESSAGES, st.data())
def test_statements_round_trip_in_any_order(message: Feedback, data: st.DataObject) -> None:
    statements = data.draw(
        st.lists(
            any_of(
                Statement,
                feedback_key=st.just(message.key),
                no=st.integers(0, 20),
                clauses=st.lists(any_of(Clause), max_size=2).map(tuple),
            ),
            max_size=4,
            unique_by=lambda statement: statement.no,
        )
    )
    with fresh() as session:
        upsert_feedback(session, [message])
        save_statements(session, statements, version="1", feedback_keys=[message.key])
        assert load_statements(session) == sorted(statements, key=lambda statement: statement.no)


@given(HISTORIES)
def test_themes_as_of_a_week_are_the_last_state_up_to_it(history: list[list[Theme]]) -> None:
    state: dict[str, Theme] = {}
    expected = {}
    with fresh() as session:
        for week, themes in zip(WEEKS, history, strict=True):
            differing = [theme for theme in themes if state.get(theme.id) != theme]
            assert save_themes(session, week, shuffled(themes)) == len(differing)
            assert save_themes(session, week, themes) == 0
            state |= {theme.id: theme for theme in themes}
            expected[week] = tuple(state[key] for key in sorted(state))
        for week in WEEKS:
            assert themes_as_of(session, week) == expected[week]
        assert themes_as_of(session) == expected[WEEKS[-1]]
        assert themes_as_of(session, "2025-W52") == ()


PLACES = st.lists(
    any_of(Assignment, statement_id=st.integers(0, 3).map("desk/1#{}".format)),
    max_size=4,
    unique_by=lambda assignment: assignment.statement_id,
)


def one_message_with_statements(session: Session) -> None:
    message = Feedback(
        id="1",
        source="desk",
        kind="ticket",
        text="x",
        created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        week=WEEKS[0],
        day=dt.date(2026, 1, 1),
    )
    upsert_feedback(session, [message])
    statements = [Statement("desk/1", number, "x") for number in range(4)]
    save_statements(session, statements, version="1", feedback_keys=["desk/1"])


@given(st.lists(PLACES, min_size=len(WEEKS), max_size=len(WEEKS)))
def test_assignments_as_of_a_week_are_the_last_up_to_it(history: list[list[Assignment]]) -> None:
    state: dict[str, Assignment] = {}
    expected = {}
    with fresh() as session:
        one_message_with_statements(session)
        for week, places in zip(WEEKS, history, strict=True):
            differing = [one for one in places if state.get(one.statement_id) != one]
            assert save_assignments(session, week, shuffled(places)) == len(differing)
            assert save_assignments(session, week, places) == 0
            state |= {one.statement_id: one for one in places}
            expected[week] = dict(sorted(state.items()))
        for week in WEEKS:
            as_of = assignments_as_of(session, week)
            assert list(as_of.items()) == list(expected[week].items())


def state(session: Session) -> list[object]:
    return [
        [themes_as_of(session, week) for week in WEEKS],
        [assignments_as_of(session, week) for week in WEEKS],
        theme_events(session),
    ]


def published(session: Session) -> list[object]:
    return [
        load_trends(session),
        load_causes(session),
        load_friction(session),
        [load_owners(session, week) for week in WEEKS],
        [load_stages(session, week) for week in WEEKS],
        [load_report(session, week) for week in WEEKS],
    ]


@settings(max_examples=15)
@given(HISTORIES, st.lists(PLACES, min_size=5, max_size=5), st.integers(0, 4), st.data())
def test_rewinding_to_a_week_is_as_if_it_and_later_ones_had_never_run(
    themes: list[list[Theme]], places: list[list[Assignment]], back_to: int, data: st.DataObject
) -> None:
    causes = data.draw(st.lists(any_of(Cause, id=FEW_IDS), max_size=2, unique_by=lambda c: c.id))
    trend, friction = data.draw(any_of(Trend)), data.draw(any_of(Friction))
    owner, stage = data.draw(any_of(OwnerMatch)), data.draw(any_of(StageMatch))
    event = data.draw(any_of(ThemeEvent))

    def run(session: Session, number: int) -> None:
        week = WEEKS[number]
        save_themes(session, week, themes[number])
        save_assignments(session, week, places[number])
        save_theme_events(session, [replace(event, week=week)])
        save_snapshot(
            session,
            week,
            trends=[replace(trend, week=week)],
            causes=causes,
            friction=[friction],
            owners={"a": owner},
            stages={"a": stage},
            report_json=f'"{week}"',
        )

    with fresh() as session:
        one_message_with_statements(session)
        messages, statements = load_feedback(session), load_statements(session)
        for number in range(back_to):
            run(session, number)
        before = state(session)
        for number in range(back_to, len(WEEKS)):
            run(session, number)
        after = state(session)
        shown = published(session)
        rewind(session, WEEKS[back_to])
        assert state(session) == before
        assert published(session) == shown  # readable until each week is published anew
        assert (load_feedback(session), load_statements(session)) == (messages, statements)
        for number in range(back_to, len(WEEKS)):
            run(session, number)
        assert (state(session), published(session)) == (after, shown)


@given(
    trends=st.lists(
        any_of(Trend, week=st.just(WEEKS[0])), max_size=3, unique_by=lambda t: t.theme_id
    ),
    causes=st.lists(any_of(Cause), max_size=3, unique_by=lambda cause: cause.id),
    friction=st.lists(any_of(Friction), max_size=3, unique_by=lambda one: one.theme_id),
    owners=st.dictionaries(PLAIN_TEXT, any_of(OwnerMatch), max_size=3),
    stages=st.dictionaries(PLAIN_TEXT, any_of(StageMatch), max_size=3),
    report_json=PLAIN_TEXT,
)
def test_a_snapshot_round_trips_and_replaces_what_was_there(
    *,
    trends: list[Trend],
    causes: list[Cause],
    friction: list[Friction],
    owners: dict[str, OwnerMatch],
    stages: dict[str, StageMatch],
    report_json: str,
) -> None:
    week = WEEKS[0]
    with fresh() as session:
        seen = []
        for order in (list, shuffled):
            save_snapshot(
                session,
                week,
                trends=order(trends),
                causes=order(causes),
                friction=order(friction),
                owners=owners,
                stages=stages,
                report_json=report_json,
            )
            seen.append(
                (load_trends(session), load_causes(session), load_friction(session, week=week))
            )
        assert seen[0] == seen[1]
        assert set(seen[0][0]) == set(trends)
        assert set(seen[0][1]) == {(week, cause) for cause in causes}
        assert set(seen[0][2]) == {(week, one) for one in friction}
        assert load_owners(session, week) == owners
        assert load_stages(session, week) == stages
        assert load_report(session, week) == report_json


ANY_TEXT = st.text(st.characters(), max_size=6)


@given(st.lists(any_of(Rejected, id=ANY_TEXT, file=ANY_TEXT, raw=ANY_TEXT), max_size=5))
def test_quarantine_keeps_any_text_once(rejected: list[Rejected]) -> None:
    def place(item: Rejected) -> tuple[str, int, str, str]:
        return (item.file, item.line, item.reason, item.raw)

    with fresh() as session:
        places = {place(item) for item in rejected}
        assert add_quarantine(session, rejected, ingest_id="1") == len(places)
        kept = list_quarantine(session)
        assert {place(item) for item in kept} == places
        assert set(kept) <= set(rejected)
        assert add_quarantine(session, shuffled(rejected), ingest_id="2") == 0
        assert list_quarantine(session) == kept


@given(st.lists(any_of(DatedEvent, day=st.sampled_from([dt.date.min, dt.date.max])), max_size=5))
def test_dated_events_round_trip_and_are_idempotent(events: list[DatedEvent]) -> None:
    with fresh() as session:
        done = upsert_events(session, events)
        assert done.accepted + done.updated + done.unchanged == len(events)
        stored = load_events(session)
        assert {(e.day, e.kind, e.name) for e in stored} == {
            (e.day, e.kind, e.name) for e in events
        }
        assert set(stored) <= set(events)
        again = upsert_events(session, shuffled(events))
        assert (again.accepted, again.updated) == (0, 0)
        assert load_events(session) == stored


@given(st.lists(any_of(ThemeEvent), max_size=5))
def test_theme_events_are_facts_kept_once(events: list[ThemeEvent]) -> None:
    with fresh() as session:
        save_theme_events(session, events)
        save_theme_events(session, shuffled(events))
        assert theme_events(session) == sorted(
            set(events), key=lambda e: (e.week, e.theme_id, e.kind, e.detail, e.related)
        )


@given(st.lists(any_of(RunRecord), max_size=4, unique_by=lambda run: run.id))
def test_runs_round_trip(runs: list[RunRecord]) -> None:
    with fresh() as session:
        for run in runs:
            save_run(session, replace(run, status="running"))
            save_run(session, run)
        expected = sorted(runs, key=lambda run: (run.started_at, run.id), reverse=True)
        assert list_runs(session, 10) == expected


COUNTED = st.dictionaries(PLAIN_TEXT, st.integers(0, 9), max_size=3)


@given(st.lists(any_of(IngestCounts, redactions=COUNTED), max_size=3, unique_by=lambda one: one.id))
def test_ingests_round_trip(ingests: list[IngestCounts]) -> None:
    with fresh() as session:
        for counts in ingests:
            record_ingest(session, counts)
        assert list_ingests(session) == sorted(ingests, key=lambda one: (one.started_at, one.id))


@given(PLAIN_TEXT, BY_TYPE[dt.datetime])
def test_decisions_round_trip(words: str, when: dt.datetime) -> None:
    with fresh() as session:
        number = add_decision(
            session, kind="rename", theme_id=words, value=words, who=words, why=words, when=when
        )
        (decision,) = active_decisions(session)
        assert (decision.id, decision.theme_id, decision.value) == (number, words, words)
        assert (decision.who, decision.why, decision.when) == (words, words, when)
