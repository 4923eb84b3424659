from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from nlp.records import Assignment, Feedback, Statement
from store.assignments import assignments_as_of, save_assignments
from store.database import Engine, Session, session_scope
from store.feedback import (
    Upserted,
    digest_of,
    feedback_by_key,
    feedback_digest,
    feedback_weeks,
    load_feedback,
    upsert_feedback,
)
from store.statements import load_statements, save_statements, unsplit_feedback

Make = Callable[..., Feedback]


def full(feedback: Make) -> Feedback:
    return feedback(
        "1",
        customer_id="c",
        account_id="a",
        score=7.0,
        score_kind="nps",
        revenue=12.5,
        resolved_at=dt.datetime(2026, 11, 19, tzinfo=dt.UTC),
        reopened=False,
        channel="mail",
        language="de",
        attributes=(("plan", "pro"), ("version", "1.2")),
    )


OTHER_VALUES: dict[str, Any] = {
    "id": "2",
    "source": "elsewhere",
    "kind": "survey",
    "text": "another",
    "created_at": dt.datetime(2026, 11, 18, 10, tzinfo=dt.UTC),
    "week": "2026-W48",
    "day": dt.date(2026, 11, 17),
    "customer_id": None,
    "account_id": "",
    "score": 8.0,
    "score_kind": "csat",
    "revenue": None,
    "resolved_at": None,
    "reopened": None,
    "channel": "phone",
    "language": None,
    "attributes": (("plan", "pro"),),
}


@pytest.mark.parametrize("name", [field.name for field in fields(Feedback)])
def test_the_digest_covers_every_field(name: str, feedback: Make) -> None:
    item = full(feedback)
    assert digest_of(replace(item, **{name: OTHER_VALUES[name]})) != digest_of(item)


def test_the_digest_is_the_same_for_the_same_message(feedback: Make) -> None:
    item = full(feedback)
    berlin = item.created_at.astimezone(ZoneInfo("Europe/Berlin"))
    same = replace(item, created_at=berlin, score=7, attributes=item.attributes[::-1])
    assert digest_of(same) == digest_of(item)


def test_new_changed_and_same_messages_are_told_apart(session: Session, feedback: Make) -> None:
    first = [feedback("1"), feedback("2"), feedback("3")]
    assert upsert_feedback(session, first) == Upserted(accepted=3, updated=0, unchanged=0)
    second = [feedback("1"), feedback("2", text="changed"), feedback("4")]
    assert upsert_feedback(session, second) == Upserted(accepted=1, updated=1, unchanged=1)
    stored = {item.id: item.text for item in load_feedback(session)}
    assert stored == {"1": "message 1", "2": "changed", "3": "message 3", "4": "message 4"}


def test_all_fields_come_back_with_times_in_utc(engine: Engine, feedback: Make) -> None:
    berlin = dt.datetime(2026, 11, 18, 10, tzinfo=ZoneInfo("Europe/Berlin"))
    item = replace(full(feedback), created_at=berlin)
    with session_scope(engine) as session:
        upsert_feedback(session, [item])
    with session_scope(engine) as session:
        (back,) = load_feedback(session)
    assert back == item
    assert (back.created_at.tzinfo, back.created_at.hour) == (dt.UTC, 9)
    assert back.resolved_at is not None
    assert back.resolved_at.tzinfo is dt.UTC


@pytest.mark.parametrize("rows", [1, 500])
def test_bulk_and_single_writes_store_the_same(rows: int, session: Session, feedback: Make) -> None:
    items = sorted(
        (replace(full(feedback), id=str(number)) for number in range(rows)), key=lambda one: one.key
    )
    upsert_feedback(session, items)
    assert load_feedback(session) == items
    changed = [replace(item, text="tab\tnew\nline \\N \\ 'quote' \"") for item in items]
    assert upsert_feedback(session, changed) == Upserted(0, rows, 0)
    assert load_feedback(session) == changed


def test_naive_times_are_refused(session: Session, feedback: Make) -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        upsert_feedback(session, [feedback("1", created_at=dt.datetime(2026, 1, 1))])  # noqa: DTZ001


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_refused(
    score: float, session: Session, feedback: Make
) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        upsert_feedback(session, [feedback("1", score=score, score_kind="nps")])


def test_a_repeated_attribute_is_refused(session: Session, feedback: Make) -> None:
    twice = feedback("1", attributes=(("plan", "a"), ("plan", "b")))
    with pytest.raises(Exception, match="a name repeats"):
        upsert_feedback(session, [twice])


@pytest.mark.parametrize("together", [True, False])
def test_two_messages_with_one_key_are_refused(
    *, together: bool, session: Session, feedback: Make
) -> None:
    one, two = feedback("b/c", source="a"), feedback("c", source="a/b")
    calls = [[one, two]] if together else [[one], [two]]
    for items in calls[:-1]:
        upsert_feedback(session, items)
    with pytest.raises(ValueError, match="'a' and 'a/b' both have a message with the key 'a/b/c'"):
        upsert_feedback(session, calls[-1])


def test_of_two_versions_in_one_call_the_later_counts(session: Session, feedback: Make) -> None:
    later = dt.datetime(2026, 11, 18, 10, tzinfo=dt.UTC)
    old, new = feedback("1", text="old"), feedback("1", text="new", created_at=later)
    assert upsert_feedback(session, [new, old]) == Upserted(accepted=1, updated=0, unchanged=1)
    assert load_feedback(session) == [new]
    assert upsert_feedback(session, [old, new]) == Upserted(accepted=0, updated=0, unchanged=2)


def test_an_update_takes_statements_and_assignments_with_it(
    session: Session, feedback: Make
) -> None:
    items = [feedback("1"), feedback("2")]
    upsert_feedback(session, items)
    statements = [Statement(item.key, 0, item.text) for item in items]
    save_statements(session, statements, version="1", feedback_keys=[item.key for item in items])
    places = [Assignment(one.id, None, None, "unthemed", 0.1, "x") for one in statements]
    save_assignments(session, "2026-W47", places)
    assert unsplit_feedback(session, until_week="2026-W47", version="1") == []

    upsert_feedback(session, [feedback("1"), feedback("2", text="changed")])

    assert load_statements(session) == statements[:1]
    assert list(assignments_as_of(session)) == ["desk/1#0"]
    (again,) = unsplit_feedback(session, until_week="2026-W47", version="1")
    assert again.id == "2"


def test_weeks_are_inclusive_on_both_ends(session: Session, feedback: Make) -> None:
    weeks = ["2026-W46", "2026-W47", "2026-W48", "2026-W48"]
    upsert_feedback(session, [feedback(str(no), week=week) for no, week in enumerate(weeks)])
    assert feedback_weeks(session) == {"2026-W46": 1, "2026-W47": 1, "2026-W48": 2}

    def ids(**limits: str) -> list[str]:
        return [item.id for item in load_feedback(session, **limits)]

    assert ids(until_week="2026-W47") == ["0", "1"]
    assert ids(since_week="2026-W47") == ["1", "2", "3"]
    assert ids(since_week="2026-W47", until_week="2026-W47") == ["1"]
    assert ids(until_week="2026-W45") == []


def test_messages_by_key(session: Session, feedback: Make) -> None:
    items = [feedback(one) for one in ("b", "a", "c")]
    upsert_feedback(session, items)
    found = feedback_by_key(session, ["desk/b", "desk/a", "desk/none"])
    assert list(found) == ["desk/a", "desk/b"]
    assert found["desk/b"] == items[0]
    assert feedback_by_key(session, []) == {}


def test_keys_may_be_more_than_a_statement_has_variables(session: Session, feedback: Make) -> None:
    upsert_feedback(session, [feedback("7")])
    keys = [f"desk/{number}" for number in range(300_000)]
    assert list(feedback_by_key(session, keys)) == ["desk/7"]


def test_keys_may_hold_any_sign(session: Session, feedback: Make) -> None:
    odd = ["it's", 'a "quote"', "back\\slash", "%s", "{}", "new\nline", "😀", ",", ":x"]
    upsert_feedback(session, [feedback(one) for one in odd])
    assert {item.id for item in feedback_by_key(session, [f"desk/{o}" for o in odd]).values()} == (
        set(odd)
    )


def test_the_feedback_digest_stands_for_what_is_stored_up_to_a_week(
    session: Session, feedback: Make
) -> None:
    early, late = feedback("1", week="2026-W46"), feedback("2", week="2026-W47")
    upsert_feedback(session, [late, early])
    before = feedback_digest(session, until_week="2026-W46")
    assert feedback_digest(session, until_week="2026-W47") != before
    upsert_feedback(session, [replace(late, text="changed")])
    assert feedback_digest(session, until_week="2026-W46") == before
    upsert_feedback(session, [replace(early, text="changed")])
    assert feedback_digest(session, until_week="2026-W46") != before
    upsert_feedback(session, [early])
    assert feedback_digest(session, until_week="2026-W46") == before


def test_nothing_is_committed(engine: Engine, feedback: Make) -> None:
    with Session(engine) as session:
        upsert_feedback(session, [feedback(str(number)) for number in range(500)])
    with session_scope(engine) as session:
        assert load_feedback(session) == []
