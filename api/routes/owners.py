"""`/v1/owners`: who owns what."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from api.cursors import paginate
from api.filters import AnyFilters, AnyPaging, Known, question
from api.problems import documented
from api.schemas.common import Page
from api.schemas.owners import OwnerOut, owners_out
from api.scope import load_snapshot, pick_week
from api.sessions import Reading, TheLabels
from store.verdicts import active_efforts, active_verdicts

router = APIRouter(prefix="/v1/owners", tags=["owners"])


@router.get(
    "",
    responses=documented(404, 422),
    dependencies=[Depends(Known("week", "limit", "cursor", attributes=False))],
)
def list_owners(
    session: Reading, labels: TheLabels, filters: AnyFilters, paging: AnyPaging
) -> Page[OwnerOut]:
    """Owners by id, with the themes they owned in a published week."""
    pinned = paging.cursor.week if paging.cursor else filters.week
    snapshot = load_snapshot(session, pick_week(session, week=pinned))
    found = paginate(
        owners_out(
            snapshot,
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
