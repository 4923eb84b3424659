from __future__ import annotations

import datetime as dt

import numpy as np

from nlp.population import Population, build_population
from nlp.records import Assignment, Feedback, Statement
from nlp.theme_segments import SegmentShare, called_once, segment_columns, theme_segments

DAY = dt.date(2026, 3, 2)


def population(*, planted: float, seed: int, count: int = 600) -> Population:
    """One theme, mentioned by a tenth of all; on plan Pro `planted` times as often."""
    random = np.random.default_rng(seed)
    plans = random.choice(["Free", "Pro", "Team"], size=count).tolist()
    regions = random.choice(["EU", "US"], size=count).tolist()
    messages = [
        Feedback(
            *(f"{at:04d}", "desk", "ticket", "text"),
            created_at=dt.datetime.combine(DAY, dt.time(9), tzinfo=dt.UTC),
            week="2026-W10",
            day=DAY,
            customer_id=f"c{at}",
            attributes=(("plan", plans[at]), ("region", regions[at])),
        )
        for at in range(count)
    ]
    statements = [Statement(item.key, 0, "text") for item in messages]
    chance = [0.1 * (planted if plan == "Pro" else 1.0) for plan in plans]
    on = random.random(count) < np.array(chance)
    placed = {
        item.id: Assignment(item.id, "T" if on[at] else None, None, "leaf", 1.0, "exemplar")
        for at, item in enumerate(statements)
    }
    return build_population(messages, statements, placed)


def segments(of: Population) -> tuple[SegmentShare, ...]:
    return theme_segments(of, "T", columns=segment_columns(of))


def test_a_planted_segment_is_called_with_its_lift() -> None:
    first = segments(population(planted=4.0, seed=1))[0]
    assert (first.name, first.value, first.more, first.called, first.few) == (
        *("plan", "Pro", True, True, False),
    )
    assert first.low < 4.0 < first.high
    assert first.q_value < 0.001
    assert first.customers > first.expected


def test_absence_is_called_too() -> None:
    found = segments(population(planted=0.0, seed=2))
    pro = next(one for one in found if one.value == "Pro")
    assert pro.called
    assert not pro.more
    assert pro.few
    assert pro.high < 1.0


def test_noise_is_rarely_called() -> None:
    worlds = [segments(population(planted=1.0, seed=seed)) for seed in range(40)]
    assert sum(any(one.called for one in world) for world in worlds) <= 6
    assert all(one.low <= one.lift <= one.high for world in worlds for one in world)


def test_how_feedback_was_collected_is_left_out() -> None:
    assert {one.name for one in segments(population(planted=1.0, seed=3))} == {"plan", "region"}


def share(name: str, value: str, *, called: bool = True, more: bool = True) -> SegmentShare:
    return SegmentShare(name, value, 9, 4.0, 0.2, 2.0, 1.5, 3.0, 0.01, more, called, few=False)


def test_two_values_that_mirror_each_other_are_told_once() -> None:
    ios, web = share("device", "ios"), share("device", "web", more=False)
    pro, free = share("plan", "Pro"), share("plan", "Free", more=False)
    team = share("plan", "Team", called=False)
    eu, us = share("region", "EU"), share("region", "US", called=False)
    assert called_once((ios, pro, free, eu, web, team, us)) == (ios, pro, free, eu)
    assert called_once((web, ios)) == (web,)
    assert called_once(()) == ()


def test_without_mentions_or_attributes_there_is_nothing() -> None:
    of = population(planted=1.0, seed=4)
    assert theme_segments(of, "X", columns=segment_columns(of)) == ()
    assert theme_segments(of, "T", columns=()) == ()
