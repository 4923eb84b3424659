"""The backlog over a part of the feedback: the same ranking the weekly run makes, made anew."""

from __future__ import annotations

import numpy as np

from api.filters import Filters
from api.scope import Snapshot
from labels.schema import Labels
from nlp.impact import measure_impacts
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
    Confidence and efforts are those of the published week.
    """
    efforts = {item.theme_id: item.effort for item in snapshot.friction}
    scoring = scoring_config(labels.scoring).with_efforts(efforts)
    window = labels.scoring.window
    last = filters.until or snapshot.week
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
    return restrict(part, np.array([week >= first for week in part.weeks], dtype=np.bool_))
