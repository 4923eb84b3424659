"""Row `false trends`: themes called new, rising or falling although nothing but chance moves them.

Also with a drift: the rates of all themes wander from week to week, which is no news of any week.
"""

from __future__ import annotations

from collections.abc import Iterable

from nlp.weeks import shift
from tests.bench.causes import engine
from tests.bench.causes.counting import Case, share, splits
from tests.bench.causes.lab import Lab
from tests.bench.causes.world import World
from tests.bench.row import Row

_LAST_WEEKS = 5  # each world is asked in so many weeks, its last ones


def measure(lab: Lab) -> Row:
    """The row; a case is one theme in one week in which there was enough to tell."""
    plain, drift = _cases(lab.noise()), _cases(lab.noise(drift=True))
    return Row(
        "false trends",
        (
            share(
                "themes called",
                [case["called"] for case in plain],
                must=0.05,
                stretch=0.02,
                at_most=True,
            ),
            share(
                "with drift",
                [case["called"] for case in drift],
                must=0.05,
                stretch=0.02,
                at_most=True,
            ),
        ),
        {
            "splits": splits(plain, "called", ["status", "corpus"]),
            "splits, with drift": splits(drift, "called", ["status", "corpus"]),
        },
    )


def _cases(worlds: Iterable[World]) -> list[Case]:
    told = (
        (world.corpus, trend.status)
        for world in worlds
        for back in range(_LAST_WEEKS)
        for trend in engine.find_trends(world.population, world.themes, shift(world.week, -back))
    )
    return [
        {"corpus": corpus, "status": status, "called": status in {"new", "rising", "falling"}}
        for corpus, status in told
        if status != "not enough data"
    ]
