"""Row `when`: an onset within three days of the planted one, with the right event or rightly none.

Counted: themes in which an onset for everybody is planted, with a lift (as a rate) of two or more
and twenty mentions or more inside it.
"In one segment": only the planted segment shifts, so the theme as a whole shifts less.
"""

from __future__ import annotations

import numpy as np

from tests.bench.causes.counting import Case, band, share, splits
from tests.bench.causes.lab import Lab
from tests.bench.causes.matching import (
    days_off,
    expected_lift,
    in_segment,
    judge_when,
    right_event,
)
from tests.bench.causes.world import World
from tests.bench.row import Row

LEAST_LIFT = 2.0
LEAST_INSIDE = 20


def measure(lab: Lab) -> Row:
    """The row, with every planting in its details."""
    cases = [case for world in lab.mixed() for case in when_cases(lab, world)]
    whole = [case for case in cases if case["asked"] and case["role"] != "joined"]
    part = [case for case in cases if case["asked"] and case["role"] == "joined"]
    tied = [case for case in whole if case["tied"]]
    free = [case for case in whole if not case["tied"]]
    return Row(
        "when",
        (
            share("onset and event", [case["hit"] for case in whole], must=0.85, stretch=0.95),
            share("onset within 3 days", [case["onset"] for case in whole]),
            share("tied to an event: both", [case["hit"] for case in tied]),
            share("tied to none: both", [case["hit"] for case in free]),
            share("in one segment: both", [case["hit"] for case in part]),
        ),
        {
            "splits": splits(whole, "hit", ["shape", "tied", "lift_band", "inside_band", "corpus"]),
            "splits, in one segment": splits(part, "hit", ["shape", "tied", "inside_band"]),
            "cases": cases,
        },
    )


def when_cases(lab: Lab, world: World) -> list[Case]:
    """One case for each theme in which an onset is planted."""
    found: list[Case] = []
    days = world.population.days - world.first_day.toordinal()
    for theme, planted in sorted(world.truth.plantings.items()):
        onset = planted.onset
        if onset is None:
            continue
        told = [cause for cause in lab.when(world) if cause.theme_id == theme]
        right = [cause for cause in told if judge_when(world, planted, cause) == "right"]
        members = world.population.members[theme]
        mask = (days >= onset.first) & (days <= onset.last)
        if planted.role == "joined":
            mask &= in_segment(world, planted.segment)
        inside = int(np.count_nonzero(mask[members]))
        lift = next(expected_lift(world, planted, cell) for cell in planted.cells if cell.onset)
        found.append(
            {
                "world": world.name,
                "corpus": world.corpus,
                "theme": theme,
                "role": planted.role,
                "shape": onset.shape,
                "tied": onset.event is not None,
                "lift": round(lift, 2),
                "lift_band": band(lift, (1.5, 2, 3, 4, 5)),
                "inside": inside,
                "inside_band": band(inside, (20, 40, 80)),
                "asked": lift >= LEAST_LIFT and inside >= LEAST_INSIDE,
                "onset": bool(right),
                "hit": any(right_event(planted, cause) for cause in right),
                "off": [days_off(world, planted, cause) for cause in told if cause.onset],
                "told": [cause.statement for cause in told],
            }
        )
    return found
