"""The backlog over a part of the feedback: the same ranking the weekly run makes, made anew."""

from __future__ import annotations

from api.filters import Filters
from api.kept import Kept
from api.scope import NEVER, Rankings, Snapshot
from labels.schema import Labels
from nlp.impact import measure_impacts
from nlp.part import Part
from nlp.population import Population, restrict
from nlp.rank import rank_friction
from nlp.records import Friction
from nlp.scoring import scoring_config
from nlp.weeks import shift


def ranked_within(
    part: Population, *, snapshot: Snapshot, labels: Labels, filters: Filters
) -> tuple[Friction, ...]:
    """Friction points over `part`, the feedback that `filters` let through.

    Without `since` the weeks of the published ranking are used: reach over the labels' friction
    window, impact over its longer cause window. With it, both are taken over all that is asked for.
    Confidence and efforts are those of the published week. A ranking takes seconds where there are
    hundreds of themes, and is kept.
    """
    mark = snapshot.mark
    if mark is None or not isinstance(part, Part) or not isinstance(part.shared, Kept):
        return _ranked(part, snapshot=snapshot, labels=labels, filters=filters)
    asked = (filters.since, filters.until, filters.kind, filters.attributes)
    rankings: Rankings = part.shared
    return rankings.of(
        (snapshot.week, asked, mark),
        lambda: _ranked(part, snapshot=snapshot, labels=labels, filters=filters),
    )


def _ranked(
    part: Population, *, snapshot: Snapshot, labels: Labels, filters: Filters
) -> tuple[Friction, ...]:
    efforts = {item.theme_id: item.effort for item in snapshot.friction}
    scoring = scoring_config(labels.scoring).with_efforts(efforts)
    window = labels.scoring.window
    last = filters.last_week(snapshot.week)
    leaves = sorted(theme.id for theme in snapshot.themes.values() if theme.level == "leaf")
    reach, cost = (
        (part, part)
        if filters.since
        else (
            _since(part, shift(last, 1 - window.friction_weeks)),
            _since(part, shift(last, 1 - window.cause_weeks)),
        )
    )
    return rank_friction(
        reach,
        week=last,
        themes=leaves,
        labels_of={theme.id: theme.label for theme in snapshot.themes.values()},
        owners=snapshot.owners,
        stages=snapshot.stages,
        causes=snapshot.causes,
        root_causes=snapshot.root_causes,
        impacts=measure_impacts(cost, themes=leaves, config=scoring.impact),
        scoring=scoring,
    )


def _since(part: Population, first: str) -> Population:
    return restrict(part, part.in_weeks(first, NEVER))
