from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from nlp.causes.event_near import events_about, events_spoken_of, named_days
from nlp.records import DatedEvent

ONSET = dt.date(2026, 10, 3)


def event(days: int, name: str = "4.2", kind: str = "release") -> DatedEvent:
    return DatedEvent(day=ONSET + dt.timedelta(days=days), kind=kind, name=name, detail="")


def event_of(
    onset: dt.date, events: Sequence[DatedEvent], *, until: dt.date, words: Collection[str]
) -> DatedEvent | None:
    return next(iter(events_spoken_of(onset, events, until=until, words=words)), None)


def test_the_nearest_event_is_named_and_of_equals_the_first_by_kind_and_name() -> None:
    assert event_of(ONSET, [event(-3), event(-1, "near")], until=ONSET, words=()) == event(
        -1, "near"
    )
    pair = [event(0, "b"), event(0, "a"), event(0, "z", "incident")]
    assert event_of(ONSET, pair, until=ONSET, words=()) == event(0, "z", "incident")
    assert event_of(ONSET, pair[:2], until=ONSET, words=()) == event(0, "a")


def test_what_lies_after_the_last_day_is_not_seen() -> None:
    assert event_of(ONSET, [event(1)], until=ONSET, words=()) is None
    assert event_of(ONSET, [event(1)], until=ONSET + dt.timedelta(days=1), words=()) == event(1)
    assert event_of(ONSET, [], until=ONSET, words=()) is None


def test_what_the_texts_name_comes_before_what_is_nearer() -> None:
    price = event(-2, "Starter price change", "price_change")
    near = [event(0, "4.2"), price]
    assert event_of(ONSET, near, until=ONSET, words={"price", "too"}) == price
    assert event_of(ONSET, near, until=ONSET, words={"logged"}) == event(0, "4.2")
    assert event_of(ONSET, near, until=ONSET, words={"4.2"}) == event(0, "4.2")


def test_a_launch_that_nobody_speaks_of_is_no_neighbour() -> None:
    launch = event(0, "Receipt scan launched", "launch")
    assert event_of(ONSET, [launch], until=ONSET, words={"price"}) is None
    assert event_of(ONSET, [launch], until=ONSET, words={"receipt"}) == launch
    assert event_of(ONSET, [event(0, "the", "launch")], until=ONSET, words={"the"}) is None


def test_that_it_is_a_release_or_an_incident_is_not_what_an_event_is_called() -> None:
    near = [event(-3, "Bank incident", "incident"), event(0, "Release 4.2")]
    assert event_of(ONSET, near, until=ONSET, words={"incident"}) == near[1]
    assert event_of(ONSET, near, until=ONSET, words={"bank"}) == near[0]


def test_all_events_about_are_told_nearest_first_whatever_their_order() -> None:
    near = [event(0, "b"), event(1, "late"), event(-1, "early"), event(-3), event(-4, "gone")]
    told = events_about(ONSET, near, until=dt.date.max)
    assert [one.name for one in told] == ["b", "early", "late", "4.2"]
    assert events_about(ONSET, near[::-1], until=dt.date.max) == told
    assert events_spoken_of(ONSET, near, until=ONSET, words=()) == tuple(
        one for one in told if one.name != "late"
    )
    assert named_days(told[:1]) == (("release: b", "2026-10-03"),)
