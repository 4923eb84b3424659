"""`/v1/owners`: who owns what."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from api.cursors import paginate
from api.filters import ATTRIBUTE_PARAMETER, AnyFilters, AnyPaging, Known, question
from api.narrowed import narrowed
from api.problems import documented
from api.schemas.common import Page
from api.schemas.owners import OwnerOut, owners_out
from api.scope import load_snapshot, pick_week, restricted
from api.sessions import Reading, TheLabels, ThePopulations
from store.verdicts import active_efforts, active_verdicts

router = APIRouter(prefix="/v1/owners", tags=["owners"])


@router.get(
    "",
    responses=documented(404, 422),
    openapi_extra=ATTRIBUTE_PARAMETER,
    dependencies=[Depends(Known("week", "since", "until", "kind", "limit", "cursor"))],
)
def list_owners(
    session: Reading,
    populations: ThePopulations,
    labels: TheLabels,
    filters: AnyFilters,
    paging: AnyPaging,
) -> Page[OwnerOut]:
    """Owners by id, with the themes they owned in a published week.

    With `since`, `until`, `kind` or a segment, themes that nobody in that part of the feedback
    speaks of and causes without evidence there are left out, and `score` and `best_rank` are those
    of `/v1/friction-points` over that part. What rose or fell this week is told of all feedback.
    """
    pinned = paging.cursor.week if paging.cursor else filters.week
    snapshot = load_snapshot(session, pick_week(session, week=pinned))
    population = populations.of(session, snapshot.week)
    part = restricted(population, filters)
    found = paginate(
        owners_out(
            narrowed(snapshot, population, part, labels=labels, filters=filters),
            labels,
            efforts=active_efforts(session),
            verdicts=active_verdicts(session),
        ),
        key=lambda row: (row.id,),
        limit=paging.limit,
        week=snapshot.week,
        question=question("owners", filters),
        cursor=paging.cursor,
    )
    return Page(week=snapshot.week, items=list(found.rows), next_cursor=found.next_cursor)
