from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest

from nlp.causes.burst_causes import BurstCauses, burst_causes
from nlp.causes.bursts import Burst, BurstConfig, find_bursts
from nlp.records import Cause, DatedEvent
from nlp.weeks import shift
from tests.nlp.causes.burst_world import START, World, burst_world

FAST = replace(BurstConfig(), permutations=40)
THEMES = [f"T-{number:02d}" for number in range(12)]


def causes(
    world: World,
    *,
    week: str | None = None,
    known: Sequence[Cause] = (),
    events: Sequence[DatedEvent] = (),
    themes: Sequence[str] = THEMES,
) -> BurstCauses:
    week = week or world.week
    found = find_bursts(
        world.population, world.statements, week=week, vectors=world.vectors, config=FAST
    )
    return burst_causes(
        world.population,
        world.statements,
        found,
        themes=themes,
        known=known,
        week=week,
        events=events,
        vectors=world.vectors,
    )


def the_burst(found: BurstCauses, world: World) -> Cause:
    return max(
        found.causes,
        key=lambda one: sum("avast" in world.statements[i].text for i in one.evidence_ids),
    )


def test_a_burst_is_a_when_of_its_theme_with_its_words() -> None:
    world = burst_world(burst=10)
    found = causes(world)
    cause = the_burst(found, world)
    assert (cause.kind, cause.theme_id) == ("when", "T-00")
    assert cause.onset is not None
    assert cause.onset >= START + dt.timedelta(days=63)
    assert "avast" in cause.statement
    assert "blocked" in cause.statement
    assert f"{cause.customers} customers say much the same" in cause.statement
    assert cause.centre in cause.evidence_ids
    assert cause.lift_low is not None
    assert cause.lift_low > 1.0
    assert 0.0 < cause.share_of_theme <= 1.0
    assert found.fresh[cause.id] == cause.q_value


@pytest.mark.parametrize(("days", "named"), [(-3, True), (-4, False), (1, True), (2, False)])
def test_an_event_near_the_onset_is_named(days: int, named: bool) -> None:
    world = burst_world(burst=10)
    onset = the_burst(causes(world), world).onset
    assert onset is not None
    event = DatedEvent(day=onset + dt.timedelta(days=days), kind="release", name="65", detail="")
    cause = the_burst(causes(world, events=[event]), world)
    assert cause.event == ("release: 65" if named else None)
    assert ("unexplained onset" in cause.statement) != named


def test_a_burst_of_statements_without_a_theme_waits() -> None:
    assert causes(burst_world(burst=10, themed=False)).causes == ()


def test_next_week_it_keeps_its_id_and_takes_in_what_is_alike() -> None:
    world = burst_world(burst=10, next_week=6)
    before = world.population.weeks[-1]
    first = burst_world(burst=10)
    known = causes(first).causes
    told = the_burst(causes(first), first)
    assert first.week < before == world.week
    later = {one.id: one for one in causes(world, known=known).causes}
    assert told.id in later
    assert later[told.id].customers > told.customers
    assert set(told.evidence_ids) <= set(later[told.id].evidence_ids)
    assert later[told.id].onset == told.onset


def test_the_same_burst_again_is_not_a_second_cause() -> None:
    world = burst_world(burst=10, next_week=14)
    first = burst_world(burst=10)
    known = causes(first).causes
    told = the_burst(causes(first), first)
    later = causes(world, known=known)
    about = [
        one.id
        for one in later.causes
        if 2 * sum("avast" in world.statements[i].text for i in one.evidence_ids)
        > len(one.evidence_ids)
    ]
    assert about == [told.id]


def test_it_is_let_go_with_its_theme() -> None:
    first = burst_world(burst=10)
    known = causes(first).causes
    world = burst_world(burst=10, next_week=1)
    left = causes(world, known=known, themes=THEMES[1:])
    assert not {one.id for one in known if one.theme_id == "T-00"} & {one.id for one in left.causes}


def test_the_order_of_the_rows_does_not_matter() -> None:
    assert causes(burst_world(burst=10)) == causes(burst_world(burst=10, shuffled=5))


def followed(world: World, known: Sequence[Cause]) -> BurstCauses:
    """Without a burst of its own in the week."""
    return burst_causes(
        world.population,
        world.statements,
        [],
        themes=THEMES,
        known=known,
        week=world.week,
        events=[],
        vectors=world.vectors,
    )


@pytest.mark.parametrize(("voices", "again"), [(2, False), (6, True)])
def test_a_followed_burst_is_up_again_when_its_customers_stand_out(
    voices: int, *, again: bool
) -> None:
    first = burst_world(burst=10)
    told = the_burst(causes(first), first)
    later = followed(burst_world(burst=10, next_week=voices), [told])
    assert (told.id in later.fresh) == again
    assert told.id in {one.id for one in later.causes}


def test_a_middle_that_much_is_near_to_takes_nothing_in() -> None:
    first = burst_world(burst=10)
    told = the_burst(causes(first), first)
    assert told.cosine is not None
    assert 0.65 <= told.cosine < 1.0
    # As many said it before: the scan would not have found it; were it told, it would not grow.
    world = burst_world(burst=10, earlier=80)
    burst = Burst(
        statements=tuple(
            name
            for name, item in sorted(world.statements.items())
            if "avast" in item.text
            and world.population.weeks[int(item.feedback_key.split("/")[1])] == world.week
        ),
        customers=10,
        before=80,
        expected=9.0,
        ratio=1.1,
        low=0.5,
        high=2.0,
        p_value=0.1,
        cosine=0.6,
    )
    found = burst_causes(
        world.population,
        world.statements,
        [burst],
        themes=THEMES,
        known=[],
        week=world.week,
        events=[],
        vectors=world.vectors,
    )
    assert found.causes[0].cosine == 1.0


def test_a_week_without_feedback_still_tells_what_is_followed() -> None:
    first = burst_world(burst=10)
    told = the_burst(causes(first), first)
    later = followed(replace(first, week=shift(first.week, 1)), [told])
    assert told.id in {one.id for one in later.causes}
    assert later.fresh == {}
