"""Row `where`: the exact planted combination among the theme's first three segments.

Counted: themes in which a segment alone is planted (or beside an independent onset), with a planted
lift (as a rate, see `expected_lift`) of two or more and forty mentions or more inside it. `all
plantings` has the rest, too.
"""

from __future__ import annotations

from tests.bench.causes.counting import Case, band, share, splits
from tests.bench.causes.lab import Lab
from tests.bench.causes.matching import (
    expected_lift,
    judge_where,
    mentions_inside,
    realised_lift,
)
from tests.bench.causes.world import World
from tests.bench.row import Row

LEAST_LIFT = 2.0
LEAST_INSIDE = 40
TOP = 3


def measure(lab: Lab) -> Row:
    """The row, with every planting in its details."""
    cases = [case for world in lab.mixed() for case in where_cases(lab, world)]
    asked = [case for case in cases if case["asked"]]
    return Row(
        "where",
        (
            share("exact in top 3", [case["exact"] for case in asked], must=0.8, stretch=0.92),
            share("exact or near", [case["exact"] or case["near"] for case in asked]),
            share("all plantings: exact", [case["exact"] for case in cases]),
        ),
        {
            "splits": splits(
                asked, "exact", ["depth", "lift_band", "inside_band", "special", "corpus"]
            ),
            "splits, all": splits(cases, "exact", ["depth", "lift_band", "inside_band"]),
            "cases": cases,
        },
    )


def where_cases(lab: Lab, world: World) -> list[Case]:
    """One case for each theme in which a segment is planted for all times."""
    found: list[Case] = []
    for theme, planted in sorted(world.truth.plantings.items()):
        if not planted.segment or planted.role not in {"where", "apart"}:
            continue
        told = [cause for cause in lab.where(world) if cause.theme_id == theme][:TOP]
        verdicts = [judge_where(world, planted, cause) for cause in told]
        inside = len(mentions_inside(world, planted))
        lift = expected_lift(world, planted, planted.cells[0])
        special = (
            "missing"
            if any(one.value == "(missing)" for one in planted.segment)
            else ("range" if any(one.ranged for one in planted.segment) else "names")
        )
        found.append(
            {
                "world": world.name,
                "corpus": world.corpus,
                "theme": theme,
                "segment": [
                    (one.name, one.value or f"{one.low}..{one.high}") for one in planted.segment
                ],
                "depth": len(planted.segment),
                "lift": round(lift, 2),
                "realised": round(realised_lift(world, planted), 2),
                "lift_band": band(lift, (1.5, 2, 2.5, 3, 4)),
                "inside": inside,
                "inside_band": band(inside, (20, 40, 60, 100)),
                "special": special,
                "asked": lift >= LEAST_LIFT and inside >= LEAST_INSIDE,
                "exact": "right" in verdicts,
                "near": "near" in verdicts,
                "told": [list(cause.conditions) for cause in told],
            }
        )
    return found
