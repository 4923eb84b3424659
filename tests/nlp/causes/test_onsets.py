from __future__ import annotations

import datetime as dt

import pytest

from nlp.causes.onsets import OnsetConfig, settle
from nlp.causes.scan import Best
from nlp.records import DatedEvent

START = dt.date(2026, 1, 5)


def event(day: int, kind: str = "policy", name: str = "p") -> DatedEvent:
    return DatedEvent(START + dt.timedelta(days=day), kind, name)


def about(losses: dict[int, float], *events: DatedEvent) -> tuple[int, list[str]]:
    """The best day is 30, with a log belief of 20; `losses`: what other days have less."""
    profile = {day: Best(day, 60, 20.0 - lost) for day, lost in {30: 0.0, **losses}.items()}
    window, named = settle(
        profile,
        profile[30],
        start=START,
        events=events,
        config=OnsetConfig(),
    )
    return window.first, [one.name for one in named]


def settled(losses: dict[int, float], *events: DatedEvent) -> tuple[int, str | None]:
    first, named = about(losses, *events)
    return first, named[0] if named else None


@pytest.mark.parametrize(("lost", "named"), [(0.9, "p"), (1.24, "p"), (1.25, None)])
def test_an_event_moves_the_onset_to_a_day_that_does_nearly_as_well(
    lost: float, named: str | None
) -> None:
    first, told = settled({34: lost, 29: 9.0, 31: 9.0}, event(34))
    assert told == named
    assert first == (34 if named else 31)  # else the middle of 30 and 34's week


@pytest.mark.parametrize(
    ("day", "named"), [(26, None), (27, "p"), (30, "p"), (31, "p"), (32, None)]
)
def test_events_up_to_three_days_before_and_one_after(day: int, named: str | None) -> None:
    assert settled({}, event(day)) == (30, named)


@pytest.mark.parametrize(("away", "named"), [(6, "p"), (7, None)])
def test_no_onset_is_moved_far(away: int, named: str | None) -> None:
    assert settled({30 + away: 0.0}, event(30 + away))[1] == named


def test_days_that_an_event_may_have_caused_speak_for_it_together() -> None:
    # Day 34 is too poor by itself.
    assert settled({34: 1.6}, event(34))[1] is None
    assert settled({34: 1.6, 35: 1.9, 36: 1.9}, event(34)) == (34, "p")


def test_the_event_nearest_to_the_settled_day_is_named() -> None:
    assert settled({}, event(30), event(29, "release", "r"))[1] == "p"
    assert settled({}, event(30, "release", "on the day"), event(27, "release", "r"))[1] == (
        "on the day"
    )
    assert settled({}, event(29, "b", "y"), event(30, "b", "z"), event(29, "b", "x"))[1] == "z"


@pytest.mark.parametrize("kind", ["release", "incident", "policy"])
def test_days_before_never_lift_an_early_event_over_the_one_on_the_day(kind: str) -> None:
    # The days before speak for the early one together, so that it alone believes in more.
    slope = {27: 0.8, 28: 0.8, 29: 0.8, 31: 9.0, 32: 9.0, 33: 9.0}
    first, named = about(slope, event(30, kind, "on the day"), event(27, "incident", "early"))
    assert (first, named) == (30, ["on the day", "early"])


def test_of_equally_near_events_what_breaks_things_goes_first_and_all_are_told() -> None:
    assert about({}, event(30), event(30, "release", "r"))[1] == ["r", "p"]
    assert about({}, event(29, "Incident", "i"), event(29, "release", "r"))[1] == ["i", "r"]
    assert about({}, event(29, "b", "y"), event(29, "b", "x"))[1] == ["x", "y"]
    assert about({}, event(31, "b", "after"), event(29, "b", "before"))[1] == ["before", "after"]
    assert about({}, event(30), event(26, "release", "too early"))[1] == ["p"]


def test_events_that_would_be_told_alone_are_told_last() -> None:
    flat = {34: 0.0, 31: 9.0, 32: 9.0, 33: 9.0, 35: 9.0}
    assert about(flat, event(30), event(34, name="q")) == (30, ["p", "q"])
    assert about({**flat, 34: 0.9}, event(30), event(34, name="q")) == (30, ["p", "q"])
    assert about({**flat, 34: 1.1}, event(30), event(34, name="q")) == (30, ["p"])


def test_without_an_event_the_onset_is_the_middle_of_what_is_believable() -> None:
    flat = dict.fromkeys(range(30, 37), 0.1)
    assert settled(flat)[0] == 33
    assert settled(dict.fromkeys([*range(24, 30), *range(31, 37)], 8.0))[0] == 30
