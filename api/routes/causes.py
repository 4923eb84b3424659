"""`/v1/root-causes`: all causes of a published week."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.cursors import paginate
from api.filters import ATTRIBUTE_PARAMETER, AnyFilters, AnyPaging, Known, question
from api.problems import documented
from api.schemas.causes import RootCause
from api.schemas.common import Page
from api.scope import load_snapshot, pick_week, restricted
from api.sessions import Reading, ThePopulations
from api.views import cause_rows
from nlp.records import CauseKind

router = APIRouter(prefix="/v1/root-causes", tags=["root causes"])

OnlyCauseKind = Annotated[CauseKind | None, Query(description="Only causes of this kind.")]


@router.get(
    "",
    responses=documented(404, 422),
    openapi_extra=ATTRIBUTE_PARAMETER,
    dependencies=[Depends(Known(*Known.SHARED, "cause_kind"))],
)
def list_causes(
    session: Reading,
    populations: ThePopulations,
    filters: AnyFilters,
    paging: AnyPaging,
    cause_kind: OnlyCauseKind = None,
) -> Page[RootCause]:
    """Root causes, by the rank of their evidence.

    With `since`, `until`, `kind` or an attribute, customers and statements are counted in that part
    of the feedback, causes without evidence there are left out, and lift, q-value and rank stay as
    they were published.
    """
    pinned = paging.cursor.week if paging.cursor else filters.week
    snapshot = load_snapshot(session, pick_week(session, week=pinned, until=filters.until))
    population = populations.of(session, snapshot.week)
    rows = cause_rows(
        snapshot, population, restricted(population, filters), snapshot.chosen(filters)
    )
    found = paginate(
        [row for row in rows if cause_kind is None or row.kind == cause_kind],
        key=lambda row: (row.rank is None, row.rank or 0, -row.customers, row.theme_id, row.id),
        limit=paging.limit,
        week=snapshot.week,
        question=question("root causes", filters, cause_kind),
        cursor=paging.cursor,
    )
    return Page(week=snapshot.week, items=list(found.rows), next_cursor=found.next_cursor)
