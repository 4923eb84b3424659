"""Whether a reported cause is a planted one: what "right", "near" and "false" mean here."""

from __future__ import annotations

from typing import Literal

import numpy as np

from nlp.records import Cause
from tests.bench.causes.customers import BoolArray, Condition
from tests.bench.causes.truth import Cell, Planting
from tests.bench.causes.world import World

Verdict = Literal["right", "near", "false"]

# A range of numbers or a month is right when it holds the same mentions by this much (Jaccard): no
# search can know at which number a person who plants would cut.
_SAME_RANGE = 0.5
# Another segment that holds nearly the same mentions is the same thing under another name.
_SAME_MENTIONS = 0.5
ONSET_DAYS = 3
# An onset this near to the planted one is a bad estimate of it, not a false cause.
_NEAR_DAYS = 10


def in_segment(world: World, segment: tuple[Condition, ...]) -> BoolArray:
    """Which feedback of the population lies in a segment, shape (n,)."""
    people = world.board.customers
    place = {name: at for at, name in enumerate(people.names)}
    inside = np.ones(len(people.names), dtype=np.bool_)
    for condition in segment:
        inside &= people.mask(condition)
    rows = [place[item.customer_id or ""] for item in world.population.feedback]
    return inside[np.array(rows, dtype=np.int64)]


def mentions_inside(world: World, planting: Planting) -> frozenset[str]:
    """Statements of the theme in its planted segment, at any time."""
    members = world.population.members[planting.theme]
    mask = in_segment(world, planting.segment)
    return frozenset(world.population.evidence(planting.theme, members[mask[members]]))


def realised_lift(world: World, planting: Planting) -> float:
    """The rate of mentions inside the planted segment over the rate elsewhere."""
    mask = in_segment(world, planting.segment)
    members = world.population.members[planting.theme]
    inside = float(mask[members].sum())
    outside = float(members.size) - inside
    volume = float(mask.mean())
    return (inside / volume) / max(outside / (1.0 - volume), 1e-9)


def expected_lift(world: World, planting: Planting, cell: Cell) -> float:
    """The planted lift as a rate of mentions among all feedback.

    A theme that is a large part of all feedback raises the volume of its cell, too: four times as
    many mentions of a theme that is a quarter of all are not four times its share.
    """
    size = world.population.members[planting.theme].size / len(world.population)
    return cell.lift / (1.0 + size * (cell.lift - 1.0))


def judge_where(world: World, planting: Planting, cause: Cause) -> Verdict:
    """ "right": exactly the planted combination; "near": a part, an extension, a namesake."""
    if not planting.segment:
        return "false"
    inside = mentions_inside(world, planting)
    told = set(cause.evidence_ids)
    alike = len(inside & told) / max(len(inside | told), 1)
    mine = {one.name: one for one in planting.segment}
    same_values = all(
        name in mine and (mine[name].ranged or mine[name].value == value)
        for name, value in cause.conditions
    )
    if same_values and len(cause.conditions) == len(mine):
        ranged = any(one.ranged for one in planting.segment)
        if not ranged or alike >= _SAME_RANGE:
            return "right"
    shared = any(
        name in mine and (mine[name].ranged or mine[name].value == value)
        for name, value in cause.conditions
    )
    return "near" if shared or alike >= _SAME_MENTIONS else "false"


def judge_when(world: World, planting: Planting, cause: Cause) -> Verdict:
    """ "right": begins within three days of the planted onset; "near": within ten."""
    if planting.onset is None or cause.onset is None:
        return "false"
    off = abs(days_off(world, planting, cause))
    if off <= ONSET_DAYS:
        return "right"
    return "near" if off <= _NEAR_DAYS else "false"


def days_off(world: World, planting: Planting, cause: Cause) -> int:
    """By how many days the reported onset is later than the planted one."""
    assert planting.onset is not None
    assert cause.onset is not None
    return (cause.onset - world.first_day).days - planting.onset.first


def right_event(planting: Planting, cause: Cause) -> bool:
    """Whether the event named is the planted one; without one, whether none is named."""
    assert planting.onset is not None
    event = planting.onset.event
    return cause.event == (f"{event.kind}: {event.name}" if event else None)


def majority(world: World, theme: str, cause: Cause) -> str | None:
    """The family that most of a stated cause's statements carry, if more than half do."""
    told = set(cause.evidence_ids)
    best = max(
        (
            (len(told & ids), family)
            for (own, family), ids in world.carriers.items()
            if own == theme
        ),
        default=(0, ""),
    )
    return best[1] if 2 * best[0] > len(told) else None
