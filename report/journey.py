"""The journey map: where on the customer's way this week's problems lie, and how scores are there.

A problem is one customer speaking of one theme in the week: whoever says it three times counts
once, so that a heated thread does not move the map. Praise is left out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm as normal
from scipy.stats import t as student

from labels.references import UNPLACED
from nlp.rank import PRAISE
from nlp.records import Feedback, Friction
from nlp.weeks import shift
from report import wording
from report.document import JourneyMap, JourneyStage
from report.scene import Scene

_UNPLACED_NAME = "Not placed"


@dataclass(frozen=True, slots=True)
class MapConfig:
    """From where on the map's numbers say anything.

    least_problems: under twenty, one more customer moves a share by five points or more.
    least_scored: as for impact: under ten scored messages a mean is known to 20 points at best.
    level: of the interval around a mean score, and of the statement that a share changed, for all
    stages of a map together.
    """

    least_problems: int = 20
    least_scored: int = 10
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class _Told:
    """One statement of a week in a theme that is no praise."""

    stage_id: str
    theme_id: str
    customer: str
    message: Feedback


def journey_map(
    scene: Scene,
    friction: Iterable[Friction],
    order: Sequence[tuple[str, str]],
    *,
    score_weeks: int,
    config: MapConfig | None = None,
) -> JourneyMap:
    """The week's problems by stage, in the order of the journey.

    A statement stands in the stage of its theme; where it is in a broad theme only, in that one's.

    Args:
        friction: the week's ranking; its notes tell which themes are praise.
        order: (id, name) of the stages, first to last; stages beyond it follow by name, themes
            without a stage last.
        score_weeks: the weeks up to this one that mean scores are of; in one week hardly any
            stage has enough scored messages.
    """
    config = config or MapConfig()
    praise = {item.theme_id for item in friction if item.note == PRAISE}
    told, praised = _told(scene, praise)
    before, _ = _told(scene, praise, back=1)
    longer, _ = _told(scene, praise, weeks=score_weeks)
    earlier = _problems(before)
    problems = _problems(told)
    all_now, all_before = sum(problems.values()), sum(earlier.values())
    stages: list[JourneyStage] = []
    ordered = _ordered(scene, order, {item.stage_id for item in told})
    people = len({item.customer for item in told}), len({item.customer for item in before})
    for stage_id, name in ordered:
        here = [item for item in told if item.stage_id == stage_id]
        messages = {item.message.key: item.message for item in longer if item.stage_id == stage_id}
        score = _mean_score(messages, config)
        top = _largest(here)
        share = _share(problems[stage_id], all_now, config)
        share_before = _share(earlier[stage_id], all_before, config)
        stages.append(
            JourneyStage(
                stage_id=stage_id,
                name=name,
                problems=problems[stage_id],
                customers=len({item.customer for item in here}),
                statements=len(here),
                share=share,
                share_before=share_before,
                score=score[0] if score else None,
                score_low=score[1] if score else None,
                score_high=score[2] if score else None,
                scored=sum(item.unit_score is not None for item in messages.values()),
                theme_id=top,
                label=scene.label(top, top) if top else "",
                share_apart=_apart(share, share_before, people, config, compared=len(ordered)),
            )
        )
    return JourneyMap(
        stages=tuple(stages),
        score_weeks=score_weeks,
        problems=all_now,
        customers=len({item.customer for item in told}),
        statements=len(told),
        praise=praised,
        least_problems=config.least_problems,
        least_scored=config.least_scored,
        lead=journey_lead(stages, all_now, least=config.least_problems),
    )


def journey_lead(stages: Sequence[JourneyStage], problems: int, *, least: int) -> str:
    """The map in one sentence; what is missing where there is not enough data.

    "38% of this week's problems are in “Set up” (30 of 79; 31% the week before, within chance)".
    """
    placed = [stage for stage in stages if stage.stage_id != UNPLACED and stage.problems]
    if problems < least:
        return (
            f"not enough data for shares: {wording.count(problems, 'problem')} this week, "
            f"{least:,} are needed"
        )
    if not placed:
        told = wording.count(problems, "problem")
        return f"none of this week's {told} has a place on the journey"
    top = max(placed, key=lambda stage: stage.problems)
    assert top.share is not None, "shares are told from `least` problems on"
    text = (
        f"{wording.percent(top.share)} of this week's problems are in {wording.name(top.name)} "
        f"({top.problems:,} of {problems:,}"
    )
    if top.share_before is not None:
        change = f", {wording.share_change(top)}" if top.share_apart is not None else ""
        text += f"; {wording.percent(top.share_before)} the week before{change}"
    return f"{text})"


def _told(
    scene: Scene, praise: set[str], *, weeks: int = 1, back: int = 0
) -> tuple[list[_Told], int]:
    """Some weeks' statements in themes, by statement id; and how many more are praise.

    The weeks end `back` weeks before the one reported.
    """
    last = shift(scene.week, -back)
    first = shift(last, 1 - weeks)
    messages = {
        message.key: message
        for message, name in zip(scene.population.feedback, scene.population.weeks, strict=True)
        if first <= name <= last
    }
    found: list[_Told] = []
    praised = 0
    for statement_id in sorted(scene.statements):
        statement = scene.statements[statement_id]
        message = messages.get(statement.feedback_key)
        placed = scene.assignments.get(statement_id)
        theme_id = (placed.theme_id or placed.parent_theme_id) if placed else None
        if message is None or theme_id is None:
            continue
        if theme_id in praise:
            praised += 1
            continue
        match = scene.stages.get(theme_id)
        stage_id = match.stage_id if match else UNPLACED
        found.append(_Told(stage_id, theme_id, message.customer, message))
    return found, praised


def _problems(told: Iterable[_Told]) -> Counter[str]:
    """Stage id -> different (customer, theme) pairs."""
    return Counter(
        stage for stage, _, _ in {(item.stage_id, item.theme_id, item.customer) for item in told}
    )


def _ordered(
    scene: Scene, order: Sequence[tuple[str, str]], spoken: set[str]
) -> list[tuple[str, str]]:
    names = dict(order)
    more = {
        match.stage_id: match.stage_name
        for match in scene.stages.values()
        if match.stage_id not in names and match.stage_id != UNPLACED
    }
    last = [(UNPLACED, _UNPLACED_NAME)] if UNPLACED in spoken else []
    return [*order, *sorted(more.items(), key=lambda pair: (pair[1], pair[0])), *last]


def _largest(told: Sequence[_Told]) -> str:
    """The theme most customers of a stage spoke of; "" where nobody did."""
    pairs = {(item.theme_id, item.customer) for item in told}
    customers = Counter(theme_id for theme_id, _ in pairs)
    return min(customers, key=lambda theme_id: (-customers[theme_id], theme_id), default="")


def _share(part: int, whole: int, config: MapConfig) -> float | None:
    return round(part / whole, 6) if whole >= config.least_problems else None


def _apart(
    now: float | None,
    before: float | None,
    people: tuple[int, int],
    config: MapConfig,
    *,
    compared: int,
) -> bool | None:
    """Whether two shares differ by more than chance; None where one is missing.

    Two proportions with pooled variance, p (1 - p) (1/n + 1/m), as if each of the `people` of the
    two weeks had one problem: the several of one customer are alike, and prove no more. The level
    holds for the `compared` stages together (Bonferroni).
    """
    if now is None or before is None:
        return None
    number, number_before = people
    pooled = (now * number + before * number_before) / (number + number_before)
    error = math.sqrt(pooled * (1.0 - pooled) * (1.0 / number + 1.0 / number_before))
    least = float(normal.ppf(1.0 - (1.0 - config.level) / (2 * compared)))
    return abs(now - before) > least * error


def _mean_score(
    messages: Mapping[str, Feedback], config: MapConfig
) -> tuple[float, float, float] | None:
    """Mean score of messages on 0..100 with its interval; None where there are too few.

    Ratio estimator over customers as clusters, since answers of one customer are alike:
    variance = C / (C - 1) * sum over customers of (sum of deviations)^2 / n^2, Student's t with
    C - 1 degrees of freedom (Cochran, Sampling Techniques, 1977, chapter 9).
    """
    scores: dict[str, list[float]] = {}
    for key in sorted(messages):
        score = messages[key].unit_score
        if score is not None:
            scores.setdefault(messages[key].customer, []).append(100 * score)
    number = sum(map(len, scores.values()))
    clusters = len(scores)
    if number < config.least_scored or clusters < 2:
        return None
    mean = sum(sum(scores[name]) for name in sorted(scores)) / number
    off = np.array([sum(values) - len(values) * mean for _, values in sorted(scores.items())])
    error = float(np.sqrt(clusters / (clusters - 1) * float((off**2).sum()))) / number
    half = float(student.ppf(0.5 + config.level / 2, clusters - 1)) * error
    # Rounded, so that the order of additions cannot show in the last bit.
    return round(mean, 6), round(max(0.0, mean - half), 6), round(min(100.0, mean + half), 6)
