"""What would change a rank: the score made anew with one factor changed, among the others'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nlp.rank import NOT_ENOUGH
from nlp.records import Friction, RootCause
from nlp.score import ScoringConfig


@dataclass(frozen=True, slots=True)
class Change:
    """What something else would make of it. `rank` None: it would not be ranked."""

    what: str
    score: float | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What is multiplied to a score; a friction point is avoidable as a whole."""

    reach: float
    impact: float
    avoidable: float
    confidence: float
    effort: float

    @property
    def score(self) -> float:
        """As the ranking makes it."""
        product = self.reach * self.impact * self.avoidable * self.confidence / self.effort
        return round(product, 6)


def factors_of(item: RootCause | Friction) -> Factors:
    """The factors of a record as it stands."""
    return Factors(
        reach=item.reach,
        impact=item.impact or 0.0,
        avoidable=item.avoidable if isinstance(item, RootCause) else 1.0,
        confidence=item.confidence,
        effort=item.effort,
    )


def place(score: float, rivals: Sequence[float]) -> int:
    """The rank of a score among the others' scores."""
    return 1 + sum(other > score for other in rivals)


def changes(
    own: Factors,
    *,
    rivals: Sequence[float],
    siblings: Sequence[float] = (),
    efforts: Sequence[float],
    confidences: Mapping[str, float],
    reaches: Sequence[float | None] = (),
    impacts: Sequence[float | None] = (),
    avoidables: Sequence[float | None] = (),
) -> list[Change]:
    """One change for each other effort, confidence (by what brings it) and end of an interval.

    The last is the effort at which it would stand before the next one above it.

    Args:
        rivals: scores of the other ranked items.
        siblings: of the other causes of the same theme, whose reach, impact and effort are the
            same, so that they move with it.
        reaches, impacts, avoidables: low and high end; None where it is not known.
    """
    shared = [
        (f"with effort {effort:.4g} instead of {own.effort:.4g}", replace(own, effort=effort))
        for effort in efforts
    ]
    shared += [(what, replace(own, reach=value)) for what, value in _ends("reach", reaches)]
    shared += [(what, replace(own, impact=value)) for what, value in _ends("impact", impacts)]
    alone = [(what, replace(own, confidence=value)) for what, value in confidences.items()]
    ends = _ends("avoidable share", avoidables)
    alone += [(what, replace(own, avoidable=value)) for what, value in ends]

    def moved(score: float) -> list[float]:
        return [*rivals, *(other * score / own.score for other in siblings if own.score > 0)]

    found = [Change(what, one.score, place(one.score, moved(one.score))) for what, one in shared]
    here = [*rivals, *siblings]
    found += [Change(what, one.score, place(one.score, here)) for what, one in alone]
    above = [other for other in rivals if other > own.score]
    if above and own.score > 0:
        passed = min(above)
        what = f"with an effort of less than {own.effort * own.score / passed:.4g}"
        found.append(Change(what, passed, place(passed, moved(passed))))
    return found


def _ends(name: str, values: Sequence[float | None]) -> list[tuple[str, float]]:
    return [
        (f"if its {name} were at the {end} end, {value:.4g}", value)
        for end, value in zip(("low", "high"), values, strict=False)
        if value is not None
    ]


def needs(note: str, *, reach: int, customers: int | None, scoring: ScoringConfig) -> list[Change]:
    """What is missing for a rank where there are too few customers.

    Args:
        reach: customers of the theme. customers: of the cause; None for a friction point.
    """
    if not note.startswith(NOT_ENOUGH):
        return []
    known = [("it", reach)] if customers is None else [("its theme", reach), ("it", customers)]
    found = []
    for whose, count in known:
        missing = scoring.min_customers - count
        if missing > 0:
            noun = "customer" if missing == 1 else "customers"
            what = f"{whose} needs {missing} more {noun} to be ranked ({count} now)"
            found.append(Change(what, None, None))
    return found
