"""A world with one side of its data permuted: whatever is then found on that side is false."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nlp.population import Population, build_population
from nlp.records import Feedback
from tests.bench.causes.world import World


def attributes_permuted(world: World, seed: int) -> Population:
    """Every customer gets the attributes of another one; messages keep their customer."""
    rng = np.random.default_rng([seed, 11])
    first: dict[str, Feedback] = {}
    for item in world.feedback:
        first.setdefault(item.customer, item)
    names = sorted(first)
    other = {
        name: first[names[int(at)]]
        for name, at in zip(names, rng.permutation(len(names)), strict=True)
    }
    return _rebuilt(
        world,
        [
            replace(
                item,
                attributes=other[item.customer].attributes,
                channel=other[item.customer].channel,
            )
            for item in world.feedback
        ],
    )


def dates_permuted(world: World, seed: int) -> Population:
    """Every message gets the date of another one."""
    order = np.random.default_rng([seed, 12]).permutation(len(world.feedback))
    return _rebuilt(
        world,
        [
            replace(
                item,
                created_at=world.feedback[int(at)].created_at,
                week=world.feedback[int(at)].week,
                day=world.feedback[int(at)].day,
            )
            for item, at in zip(world.feedback, order, strict=True)
        ],
    )


def scores_permuted(world: World, seed: int) -> Population:
    """Every message gets the score, or its lack, of another one of the same kind."""
    rng = np.random.default_rng([seed, 13])
    rows_of: dict[str, list[int]] = {}
    for at, item in enumerate(world.feedback):
        rows_of.setdefault(item.kind, []).append(at)
    feedback = list(world.feedback)
    for rows in rows_of.values():
        for at, of in zip(rows, rng.permutation(rows).tolist(), strict=True):
            given = world.feedback[int(of)]
            feedback[at] = replace(feedback[at], score=given.score, score_kind=given.score_kind)
    return _rebuilt(world, feedback)


def _rebuilt(world: World, feedback: list[Feedback]) -> Population:
    return build_population(feedback, world.statements.values(), world.assignments)
