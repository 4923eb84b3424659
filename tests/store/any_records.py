"""Strategies for any record of a kind, and an empty database for each example."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from nlp.records import (
    Assignment,
    Feedback,
    Statement,
    Theme,
)
from store.assignments import assignments_as_of
from store.database import Engine, Session, migrate, open_database
from store.feedback import upsert_feedback
from store.snapshots import (
    load_causes,
    load_friction,
    load_owners,
    load_report,
    load_stages,
    load_trends,
)
from store.statements import save_statements
from store.themes import theme_events, themes_as_of

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


ANY_TEXT = st.text(st.characters(), max_size=6)


COUNTED = st.dictionaries(PLAIN_TEXT, st.integers(0, 9), max_size=3)
