from __future__ import annotations

import datetime as dt

import pytest

from nlp.causes.onsets import OnsetConfig, settle
from nlp.causes.scan import Best
from nlp.records import DatedEvent

START = dt.date(2026, 1, 5)


def event(day: int, kind: str = "policy", name: str = "p") -> DatedEvent:
    return DatedEvent(START + dt.timedelta(days=day), kind, name)


def settled(losses: dict[int, float], *events: DatedEvent) -> tuple[int, str | None]:
    """The best day is 30, with a log belief of 20; `losses`: what other days have less."""
    profile = {day: Best(day, 60, 20.0 - lost) for day, lost in {30: 0.0, **losses}.items()}
    window, named = settle(
        profile,
        profile[30],
        start=START,
        events=events,
        config=OnsetConfig(),
    )
    return window.first, named.name if named else None


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


def test_of_equally_near_events_what_breaks_things_goes_first() -> None:
    assert settled({}, event(30), event(29, "release", "r"))[1] == "r"
    assert settled({}, event(30), event(27, "release", "r"))[1] == "p"
    assert settled({}, event(29, "Incident", "i"), event(29, "release", "r"))[1] == "i"
    assert settled({}, event(29, "b", "y"), event(29, "b", "x"))[1] == "x"


def test_without_an_event_the_onset_is_the_middle_of_what_is_believable() -> None:
    flat = dict.fromkeys(range(30, 37), 0.1)
    assert settled(flat)[0] == 33
    assert settled(dict.fromkeys([*range(24, 30), *range(31, 37)], 8.0))[0] == 30
