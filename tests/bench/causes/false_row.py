"""Row `false causes`: what is reported where nothing is planted.

On shuffled data every cause is false, so a false discovery rate of 10% means that no more than one
shuffle in ten shows any. Among real causes it is the share of the reported ones that are false: of
a theme without a planted cause of that kind, or sharing nothing with the planted one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nlp.population import Population
from nlp.records import Cause
from tests.bench.causes import engine
from tests.bench.causes.counting import share
from tests.bench.causes.lab import Lab
from tests.bench.causes.matching import judge_when, judge_where
from tests.bench.causes.shuffles import attributes_permuted, dates_permuted, scores_permuted
from tests.bench.causes.world import World
from tests.bench.row import Figure, Row

MUST, STRETCH = 0.10, 0.05


def measure(lab: Lab, *, shuffles: int) -> Row:
    """The row; `shuffles`: how often each world is permuted on each side."""
    figures: list[Figure] = []
    details: dict[str, Any] = {}
    sides: dict[str, Callable[[World, int], tuple[int, int]]] = {
        "attributes": _where_after_shuffle,
        "dates": _when_after_shuffle,
        "scores": _losses_after_shuffle,
    }
    worlds = [world for world in lab.mixed() if world.seed <= lab.seeds]
    for side, count in sides.items():
        told = [count(world, seed) for world in worlds for seed in range(shuffles)]
        false, themes = sum(one for one, _ in told), sum(many for _, many in told)
        rate = 100.0 * false / themes if themes else None
        if side == "scores":
            # An interval of 90% leaves 0 out on this side one time in twenty.
            figures.append(
                Figure(
                    f"{side} permuted: themes called harmful: {false} of {themes}",
                    None if rate is None else rate / 100.0,
                    MUST,
                    STRETCH,
                    at_most=True,
                )
            )
            continue
        figures += [
            share(
                f"{side} permuted: shuffles with any cause",
                [one > 0 for one, _ in told],
                must=MUST,
                stretch=STRETCH,
                at_most=True,
            ),
            Figure(f"{side} permuted: causes per 100 themes: {false} of {themes}", rate),
        ]
    where, when = false_among(lab, "where"), false_among(lab, "when")
    for kind, cases in (("where", where), ("when", when)):
        figures.append(
            share(
                f"among real ones, {kind}",
                [case["verdict"] == "false" for case in cases],
                must=MUST,
                stretch=STRETCH,
                at_most=True,
            )
        )
        details[f"false {kind}"] = [case for case in cases if case["verdict"] == "false"]
        details[f"{kind} verdicts"] = {
            verdict: sum(case["verdict"] == verdict for case in cases)
            for verdict in ("right", "near", "false")
        }
    return Row("false causes", tuple(figures), details)


def false_among(lab: Lab, kind: str) -> list[dict[str, Any]]:
    """Every reported cause of one kind in the mixed worlds with its verdict."""
    found = []
    for world in lab.mixed():
        causes = lab.where(world) if kind == "where" else lab.when(world)
        for cause in causes:
            planted = world.truth.plantings[cause.theme_id]
            # A segment that alone has a burst is a real segment, too, and the burst a real burst.
            judge = judge_where if kind == "where" else judge_when
            found.append(
                {
                    "world": world.name,
                    "theme": cause.theme_id,
                    "role": planted.role,
                    "verdict": judge(world, planted, cause),
                    "told": cause.statement,
                    "q": cause.q_value,
                    "planted": [(one.name, one.value) for one in planted.segment]
                    if kind == "where"
                    else planted.onset and planted.onset.first,
                    "customers": cause.customers,
                }
            )
    return found


def _where_after_shuffle(world: World, seed: int) -> tuple[int, int]:
    return _counted(engine.find_where(attributes_permuted(world, seed), world.themes), world)


def _when_after_shuffle(world: World, seed: int) -> tuple[int, int]:
    population = dates_permuted(world, seed)
    segments = engine.find_where(population, world.themes)
    found = engine.find_when(
        population, world.themes, world.truth.events, world.until, found=segments
    )
    return _counted(found, world)


def _counted(causes: tuple[Cause, ...], world: World) -> tuple[int, int]:
    return len(causes), len(world.themes)


def _losses_after_shuffle(world: World, seed: int) -> tuple[int, int]:
    population: Population = scores_permuted(world, seed)
    impacts = engine.find_impacts(population, world.themes)
    measured = [one for one in impacts.values() if one.source == "score"]
    return sum(one.low > 0.0 for one in measured), len(measured)
