"""`/v1/root-causes`: the causes of a published week, and one with all its evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.cursors import paginate
from api.filters import ATTRIBUTE_PARAMETER, AnyFilters, AnyPaging, Known, question
from api.problems import ProblemError, documented
from api.schemas.causes import RootCause, RootCauseDetail, root_cause_detail
from api.schemas.common import Page
from api.scope import load_snapshot, pick_week, restricted
from api.sessions import Reading, ThePopulations
from api.shelf import check_settled
from api.sorting import Value, order_of, sort_query
from api.views import cause_order, root_cause_row, told_within, with_ids
from nlp.records import CauseKind, CauseState
from nlp.records import RootCause as Record
from nlp.weeks import monday
from store.root_causes import RootCauseFile, root_cause_file

router = APIRouter(prefix="/v1/root-causes", tags=["root causes"])

OnlyCauseKind = Annotated[
    CauseKind | None, Query(description="Only causes with evidence of this kind.")
]
OnlyState = Annotated[CauseState | None, Query(description="Only causes in this state.")]
_SORTS: Mapping[str, Callable[[Record], Value]] = {
    "rank": lambda cause: cause.rank,
    "score": lambda cause: cause.score,
    "customers": lambda cause: cause.customers,
    "statements": lambda cause: cause.statements,
    "share_of_theme": lambda cause: cause.share_of_theme,
    "change": lambda cause: cause.trend_ratio,
    "first_week": lambda cause: monday(cause.first_week).toordinal(),
}
Sort = Annotated[str | None, sort_query(_SORTS, default="rank", example="-customers")]
CauseId = Annotated[str, Path(description="A root cause's id.", examples=["R-51c7a0be42"])]


@router.get(
    "",
    responses=documented(404, 422),
    openapi_extra=ATTRIBUTE_PARAMETER,
    dependencies=[Depends(Known(*Known.SHARED, "cause_kind", "state", "sort"))],
)
def list_causes(
    session: Reading,
    populations: ThePopulations,
    filters: AnyFilters,
    paging: AnyPaging,
    *,
    cause_kind: OnlyCauseKind = None,
    state: OnlyState = None,
    sort: Sort = None,
) -> Page[RootCause]:
    """Root causes, by rank unless `sort` says otherwise; those without a rank come last.

    A rejected cause and one with too little data have none.

    With `since`, `until`, `kind` or an attribute, customers and statements are counted in that part
    of the feedback, pieces and causes without evidence there are left out, and the sentence, lift,
    q-value, score and rank stay as they were published.
    """
    order = order_of(sort, _SORTS, default="rank", tie=cause_order)
    pinned = paging.cursor.week if paging.cursor else filters.week
    snapshot = load_snapshot(session, pick_week(session, week=pinned))
    population = populations.of(session, snapshot.week)
    part = restricted(population, filters)
    found = paginate(
        [
            cause
            for cause in told_within(
                snapshot, population, part, snapshot.chosen(filters), ids=False
            )
            if (cause_kind is None or cause_kind in cause.kinds)
            and (state is None or cause.state == state)
        ],
        key=order.key,
        descending=order.descending,
        limit=paging.limit,
        week=snapshot.week,
        question=question("root causes", filters, cause_kind, state, order.name),
        cursor=paging.cursor,
    )
    rows = [with_ids(snapshot, population, part, cause) for cause in found.rows]
    items = [root_cause_row(snapshot, cause, population, part) for cause in rows]
    return Page(week=snapshot.week, items=items, next_cursor=found.next_cursor)


@router.get(
    "/{cause_id}",
    responses=documented(404, 422),
    dependencies=[Depends(Known("week", attributes=False))],
)
def get_cause(cause_id: CauseId, session: Reading, filters: AnyFilters) -> RootCauseDetail:
    """One root cause: every piece with its statements, the sum of its score, the verdict.

    Without `week`, as the last week that told it told it: a cause whose evidence is gone by now
    keeps its page, its id and its verdict.
    """
    week = pick_week(session, week=filters.week) if filters.week else None
    found = known_cause(root_cause_file(session, cause_id, week=week), cause_id, week)
    check_settled(session, found.week)
    return root_cause_detail(found)


def known_cause(found: RootCauseFile | None, cause_id: str, week: str | None) -> RootCauseFile:
    """The cause that was asked for.

    Raises:
        ProblemError: 404, when there is none.
    """
    if found is None:
        when = f" in {week}" if week else ""
        raise ProblemError(404, "unknown-root-cause", f"there is no root cause {cause_id!r}{when}")
    return found
