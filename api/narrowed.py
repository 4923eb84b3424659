"""A published week seen from a part of the feedback: what is spoken of there, and how much."""

from __future__ import annotations

from api.filters import Filters
from api.ranking import ranked_within
from api.scope import Snapshot
from api.views import told_within
from labels.schema import Labels
from nlp.part import Part
from nlp.population import Population


def narrowed(
    snapshot: Snapshot,
    population: Population,
    part: Part,
    *,
    labels: Labels,
    filters: Filters,
) -> Snapshot:
    """The snapshot over `part`, what `filters` let through of `population`; itself without any.

    Themes nobody speaks of in the part and root causes without evidence there are gone. Customers
    of root causes and the backlog are counted in the part, as `/v1/root-causes` and
    `/v1/friction-points` do. Trends, owners, stages and pieces of evidence are those published.
    """
    if not filters.restricts:
        return snapshot
    spoken = {
        name: theme for name, theme in snapshot.themes.items() if part.mention_count(name)[0] > 0
    }
    ranking = ranked_within(part, snapshot=snapshot, labels=labels, filters=filters)
    return Snapshot(
        week=snapshot.week,
        themes=spoken,
        trends=snapshot.trends,
        causes=snapshot.causes,
        friction=ranking,
        owners=snapshot.owners,
        stages=snapshot.stages,
        root_causes=tuple(told_within(snapshot, population, part, spoken)),
    )
