"""What would change a rank: the score made anew with one factor changed, among the others'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nlp.rank import NOT_ENOUGH
from nlp.records import Friction, RootCause, Verdict
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


@dataclass(frozen=True, slots=True)
class Shift:
    """A root cause or friction point before and after a decision. None: no score, no rank."""

    kind: Literal["root cause", "friction point"]
    id: str
    title: str
    score_before: float | None
    score_after: float | None
    rank_before: int | None
    rank_after: int | None


def shifts(
    root_causes: Sequence[RootCause],
    friction: Sequence[Friction],
    *,
    verdict: Verdict | None = None,
    efforts: Mapping[str, float] | None = None,
    scoring: ScoringConfig,
) -> list[Shift]:
    """What a verdict or new efforts would move, by scoring what was published anew.

    Shares stay as they are: what a rejected cause claimed, other causes of its theme may claim, and
    only a run tells how much. So a published rejection that is confirmed has no score here.

    Args:
        root_causes, friction: all of a week.
        efforts: by theme id.

    Returns:
        Everything whose score or rank moves, root causes first, those whose own score moves before
        the others, by rank.
    """
    efforts = efforts or {}
    judged = [_judged(one, verdict, efforts, scoring) for one in root_causes]
    theme_id = next((one.theme_id for one in judged if verdict and one.id == verdict.cause_id), "")
    points = [
        replace(
            one,
            effort=efforts.get(one.theme_id, one.effort),
            confidence=scoring.confidence([c for c in judged if c.theme_id == theme_id])
            if one.theme_id == theme_id
            else one.confidence,
        )
        for one in friction
    ]
    found = _moved("root cause", [(one.id, one.statement, one) for one in root_causes], judged)
    found += _moved("friction point", [(one.theme_id, one.label, one) for one in friction], points)
    return found


def _judged(
    cause: RootCause, verdict: Verdict | None, efforts: Mapping[str, float], scoring: ScoringConfig
) -> RootCause:
    changed = replace(cause, effort=efforts.get(cause.theme_id, cause.effort))
    if verdict is None or verdict.cause_id != cause.id:
        return changed
    changed = replace(changed, state=verdict.state)
    if verdict.state == "rejected":
        return replace(changed, score=None)
    return replace(changed, confidence=scoring.confidence_of(changed))


def _moved(
    kind: Literal["root cause", "friction point"],
    before: Sequence[tuple[str, str, RootCause | Friction]],
    after: Sequence[RootCause | Friction],
) -> list[Shift]:
    scores = [None if one.score is None else factors_of(one).score for one in after]
    old = [None if one.score is None else factors_of(one).score for _, _, one in before]
    found = []
    for at, (name, title, was) in enumerate(before):
        score = scores[at]
        others = [one for n, one in enumerate(scores) if n != at and one is not None]
        # What a run rounded, or weighed by other settings, is no move.
        same = score is not None and score == old[at]
        shift = Shift(
            kind=kind,
            id=name,
            title=title,
            score_before=was.score,
            score_after=was.score if same else score,
            rank_before=was.rank,
            rank_after=None if score is None else place(score, others),
        )
        if (shift.score_before, shift.rank_before) != (shift.score_after, shift.rank_after):
            found.append(shift)
    return sorted(
        found,
        key=lambda one: (one.score_before == one.score_after, one.rank_before or 0, one.id),
    )


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
