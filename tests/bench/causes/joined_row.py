"""Row `joined`: where, when and said of one planted cause as one root cause, corroborated.

Planted: in one segment, from one day on, and those who lie in both say why. Counted: plantings of
which two kinds or more of evidence were found; a planting whose pieces are missed is the fault of
other rows, and stands in the details. `Kept apart`: a segment and an onset that have nothing to do
with each other in one theme are not one cause.
"""

from __future__ import annotations

from collections import Counter

from nlp.records import Cause
from tests.bench.causes import engine
from tests.bench.causes.counting import Case, share, splits
from tests.bench.causes.lab import Lab
from tests.bench.causes.matching import judge_when, judge_where, majority
from tests.bench.causes.truth import Planting
from tests.bench.causes.world import World
from tests.bench.row import Row


def measure(lab: Lab) -> Row:
    """The row, with every planting in its details."""
    cases = [case for world in lab.mixed() for case in joined_cases(lab, world)]
    whole = [case for case in cases if case["role"] == "joined"]
    told = [case for case in whole if len(case["kinds"]) >= 2]
    apart = [case for case in cases if case["role"] == "apart" and len(case["kinds"]) >= 2]
    return Row(
        "joined",
        (
            share("one root cause, corroborated", [case["one"] for case in told]),
            share("of all plantings", [case["one"] for case in whole]),
            share("kept apart", [not case["mixed"] for case in apart]),
        ),
        {
            "pieces found": dict(
                sorted(Counter("+".join(case["kinds"]) or "none" for case in whole).items())
            ),
            "splits": splits(told, "one", ["pieces", "corpus"]),
            "cases": cases,
        },
    )


def joined_cases(lab: Lab, world: World) -> list[Case]:
    """One case for each theme with a segment and an onset."""
    causes = lab.causes(world)
    roots = engine.find_joined(world.population, causes, week=world.week)
    found: list[Case] = []
    for theme, planted in sorted(world.truth.plantings.items()):
        if planted.role not in {"joined", "apart"}:
            continue
        mine = [cause for cause in causes if cause.theme_id == theme]
        pieces = pieces_of(world, planted, mine)
        kinds = sorted(pieces)
        holding = [
            root
            for root in roots
            if root.theme_id == theme
            and kinds
            and all(set(root.evidence) & set(pieces[kind]) for kind in kinds)
        ]
        found.append(
            {
                "world": world.name,
                "corpus": world.corpus,
                "theme": theme,
                "role": planted.role,
                "kinds": kinds,
                "pieces": "+".join(kinds),
                "one": len(kinds) >= 2 and any(root.state == "corroborated" for root in holding),
                "mixed": bool(holding),
                "told": [(root.state, root.statement) for root in roots if root.theme_id == theme],
            }
        )
    return found


def pieces_of(world: World, planted: Planting, causes: list[Cause]) -> dict[str, list[str]]:
    """Kind -> ids of the pieces of evidence that are right; independent reasons are left out."""
    found: dict[str, list[str]] = {}
    family = next((one.family for one in planted.stated if one.inside), None)
    for cause in causes:
        right = (
            judge_where(world, planted, cause) == "right"
            if cause.kind == "where"
            else judge_when(world, planted, cause) == "right"
            if cause.kind == "when"
            else family is not None and majority(world, planted.theme, cause) == family
        )
        if right:
            found.setdefault(cause.kind, []).append(cause.id)
    return found
