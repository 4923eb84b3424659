"""`/v1/friction-points`: what to fix first."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from api.cursors import paginate
from api.filters import ATTRIBUTE_PARAMETER, AnyFilters, AnyPaging, Known, question
from api.problems import documented
from api.ranking import ranked_within
from api.schemas.causes import RootCause
from api.schemas.common import Page
from api.schemas.friction import FrictionPoint, friction_point
from api.scope import load_snapshot, pick_week, restricted
from api.sessions import Reading, TheLabels, ThePopulations
from api.views import cause_order, root_cause_rows

router = APIRouter(prefix="/v1/friction-points", tags=["friction points"])

_CAUSES = 3


@router.get(
    "",
    responses=documented(404, 422),
    openapi_extra=ATTRIBUTE_PARAMETER,
    dependencies=[Depends(Known(*Known.SHARED))],
)
def list_friction(
    session: Reading,
    populations: ThePopulations,
    labels: TheLabels,
    filters: AnyFilters,
    paging: AnyPaging,
) -> Page[FrictionPoint]:
    """The backlog, costliest first; unranked themes (not enough data) come last.

    Without `since`, `until`, `kind` and attributes these are the ranks the week published. With one
    of them, reach, impact and rank are computed anew over that part of the feedback, among all
    themes; `owner` and `stage` then choose from that ranking.
    """
    pinned = paging.cursor.week if paging.cursor else filters.week
    snapshot = load_snapshot(session, pick_week(session, week=pinned, until=filters.until))
    chosen = snapshot.chosen(filters)
    population = populations.of(session, snapshot.week)
    part = restricted(population, filters)
    ranking = (
        ranked_within(part, snapshot=snapshot, labels=labels, filters=filters)
        if filters.restricts
        else snapshot.friction
    )
    found = paginate(
        [item for item in ranking if item.theme_id in chosen],
        key=lambda item: (item.rank is None, item.rank or 0, -item.reach, item.theme_id),
        limit=paging.limit,
        week=snapshot.week,
        question=question("friction points", filters),
        cursor=paging.cursor,
    )
    shown = {item.theme_id for item in found.rows}
    by_theme: dict[str, list[RootCause]] = {}
    for cause in root_cause_rows(snapshot, population, part, shown):
        by_theme.setdefault(cause.theme_id, []).append(cause)
    return Page(
        week=snapshot.week,
        items=[
            friction_point(item, snapshot=snapshot, causes=_best(by_theme.get(item.theme_id, [])))
            for item in found.rows
        ],
        next_cursor=found.next_cursor,
    )


def _best(causes: list[RootCause]) -> list[RootCause]:
    return sorted((one for one in causes if one.state != "rejected"), key=cause_order)[:_CAUSES]
