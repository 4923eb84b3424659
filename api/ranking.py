"""The backlog over a part of the feedback: the same ranking the weekly run makes, made anew."""

from __future__ import annotations

from api.filters import Filters
from api.scope import NEVER, Snapshot, Workbench
from labels.schema import Labels
from nlp.columns import columns_of
from nlp.part import Part
from nlp.rank import Known, known_of
from nlp.records import Friction
from nlp.score import ScoringConfig
from nlp.scoring import scoring_config
from nlp.weeks import shift


def ranked_within(
    part: Part, *, snapshot: Snapshot, labels: Labels, filters: Filters
) -> tuple[Friction, ...]:
    """Friction points over `part`, the feedback that `filters` let through.

    Without `since` the weeks of the published ranking are used: reach over the labels' friction
    window, impact over its longer cause window. With it, both are taken over all that is asked for.
    Confidence and efforts are those of the published week. A ranking takes a tenth of a second and
    more where there are hundreds of themes, and is kept.
    """
    bench: Workbench = part.shared

    def make() -> tuple[Friction, ...]:
        return _ranked(part, bench, snapshot=snapshot, labels=labels, filters=filters)

    if snapshot.mark is None:
        return make()
    return bench.rankings.of((snapshot.week, filters.part, snapshot.mark), make)


def _ranked(
    part: Part, bench: Workbench, *, snapshot: Snapshot, labels: Labels, filters: Filters
) -> tuple[Friction, ...]:
    efforts = {item.theme_id: item.effort for item in snapshot.friction}
    scoring = scoring_config(labels.scoring).with_efforts(efforts)
    window = labels.scoring.window
    last = filters.last_week(snapshot.week)
    leaves = [theme.id for theme in snapshot.themes.values() if theme.level == "leaf"]
    reach = cost = part
    if not filters.since:
        reach = _since(part, shift(last, 1 - window.friction_weeks))
        cost = _since(part, shift(last, 1 - window.cause_weeks))
    return bench.ranker.rank(
        columns_of(reach, leaves),
        columns_of(cost, leaves),
        known=_known(bench, snapshot, leaves, scoring),
        scoring=scoring,
    )


def _known(
    bench: Workbench, snapshot: Snapshot, leaves: list[str], scoring: ScoringConfig
) -> dict[str, Known]:
    """What the week published of its themes, for all rankings of it."""

    def make() -> dict[str, Known]:
        return known_of(
            leaves,
            labels_of={theme.id: theme.label for theme in snapshot.themes.values()},
            owners=snapshot.owners,
            stages=snapshot.stages,
            causes=snapshot.causes,
            root_causes=snapshot.root_causes,
            scoring=scoring,
        )

    if snapshot.mark is None:
        return make()
    return bench.known.of((snapshot.week, snapshot.mark), make)


def _since(part: Part, first: str) -> Part:
    return part.kept(part.in_weeks(first, NEVER))
