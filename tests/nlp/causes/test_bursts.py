from __future__ import annotations

from dataclasses import replace

import pytest

from nlp.causes.bursts import Burst, BurstConfig, find_bursts
from tests.nlp.causes.burst_world import World, burst_world

FAST = replace(BurstConfig(), permutations=40)


def bursts(world: World, config: BurstConfig = FAST) -> tuple[Burst, ...]:
    return find_bursts(
        world.population, world.statements, week=world.week, vectors=world.vectors, config=config
    )


def alike(world: World, burst: Burst) -> int:
    return sum("avast" in world.statements[name].text for name in burst.statements)


def test_a_burst_is_found_with_its_customers_and_little_else() -> None:
    world = burst_world(burst=8)
    found = bursts(world)
    assert found
    assert alike(world, found[0]) >= 7
    assert alike(world, found[0]) >= 0.8 * len(found[0].statements)
    assert found[0].customers == len(found[0].statements)
    assert found[0].ratio > found[0].low > 3.0
    assert found[0].cosine >= FAST.least_cosine


def test_noise_shows_a_burst_in_about_as_many_weeks_as_the_level_says() -> None:
    called = sum(bool(bursts(burst_world(seed=seed))) for seed in range(1, 31))
    assert called <= 8  # 15% of 30 weeks are 4.5


def test_what_was_said_as_often_before_is_no_burst() -> None:
    world = burst_world(burst=6, earlier=60)
    assert not any(alike(world, one) > 2 for one in bursts(world))


@pytest.mark.parametrize(("customers", "told"), [(2, False), (3, False), (5, True)])
def test_two_voices_are_no_burst_and_three_need_luck(customers: int, told: bool) -> None:
    world = burst_world(burst=customers)
    assert any(alike(world, one) >= customers - 1 for one in bursts(world)) == told


def test_one_customer_is_one_voice_however_often() -> None:
    world = burst_world(burst=12, one_customer=True)
    assert not any(alike(world, one) > 2 for one in bursts(world))


def test_the_order_of_the_rows_does_not_matter() -> None:
    assert bursts(burst_world(burst=8)) == bursts(burst_world(burst=8, shuffled=3))


@pytest.mark.parametrize(("weeks", "told"), [(7, False), (8, True)])
def test_seven_weeks_before_are_needed(weeks: int, told: bool) -> None:
    assert bool(bursts(burst_world(weeks=weeks, burst=14))) == told


def test_no_room_for_all_points_still_finds_the_burst() -> None:
    world = burst_world(burst=10)
    found = bursts(world, replace(FAST, most_points=300))
    assert found
    assert alike(world, found[0]) >= 8


def test_noise_statements_and_later_weeks_take_no_part() -> None:
    world = burst_world(burst=8)
    quiet = {
        name: replace(item, noise="courtesy") if "avast" in item.text else item
        for name, item in world.statements.items()
    }
    found = find_bursts(
        world.population, quiet, week=world.week, vectors=world.vectors, config=FAST
    )
    assert not any("avast" in quiet[name].text for one in found for name in one.statements)
    earlier = replace(world, week=world.population.weeks[0])
    assert bursts(earlier) == ()


def test_a_message_of_many_alike_statements_counts_once() -> None:
    world = burst_world(burst=8)
    statements, rows = dict(world.statements), dict(world.rows)
    for item in list(statements.values()):
        if "avast" in item.text:
            more = replace(item, no=1, text=item.text + ", really")
            statements[more.id] = more
            rows[more.sha] = rows[item.sha]
    found = bursts(replace(world, statements=statements, rows=rows))[0]
    keys = [statements[name].feedback_key for name in found.statements]
    assert len(set(keys)) == len(keys) == found.customers
    assert found.customers <= 10
