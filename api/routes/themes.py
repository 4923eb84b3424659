"""`/v1/themes`: the registry as of a published week."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.cursors import paginate
from api.filters import ATTRIBUTE_PARAMETER, AnyFilters, AnyPaging, Known, question
from api.lives import theme_life
from api.problems import documented
from api.schemas.causes import RootCause
from api.schemas.common import Page
from api.schemas.themes import (
    History,
    StatementOut,
    ThemeDetail,
    ThemeOut,
    history,
    statement_out,
    theme_detail,
    theme_out,
)
from api.scope import load_snapshot, pick_week, restricted
from api.sessions import Reading, TheLabels, ThePopulations
from api.shelf import registry
from api.sorting import Value, order_of, sort_query
from api.statement_filters import chosen_mentions
from api.views import (
    COPY_WEEKS,
    cause_order,
    copies_in,
    mention_count,
    root_cause_rows,
    statement_records,
    typical_texts,
)
from nlp.records import Friction, Theme, Trend
from nlp.weeks import monday
from store.snapshots import load_trends
from store.themes import theme_events

router = APIRouter(prefix="/v1/themes", tags=["themes"])


@dataclass(frozen=True, slots=True)
class _Counted:
    """A theme with what the list can be sorted by; customers and statements of the part asked."""

    theme: Theme
    customers: int
    statements: int
    trend: Trend | None
    friction: Friction | None


ThemeId = Annotated[str, Path(description="A theme's id.", examples=["T-4f2a91c07b"])]
Words = Annotated[
    str,
    Query(
        max_length=400,
        description="Only statements that hold all these words; a phrase in quotes in one piece.",
        examples=["refund"],
    ),
]
_SORTS: Mapping[str, Callable[[_Counted], Value]] = {
    "customers": lambda row: row.customers,
    "statements": lambda row: row.statements,
    "label": lambda row: row.theme.label.casefold(),
    "born_week": lambda row: monday(row.theme.born_week).toordinal(),
    "rank": lambda row: row.friction.rank if row.friction else None,
    "score": lambda row: row.friction.score if row.friction else None,
    "this_week": lambda row: row.trend.customers if row.trend else None,
    "change": lambda row: row.trend.rate_ratio if row.trend else None,
}
Sort = Annotated[str | None, sort_query(_SORTS, default="-customers", example="-change")]
_PAGED = ("week", "since", "until", "kind", "limit", "cursor")


@router.get(
    "",
    responses=documented(404, 422),
    openapi_extra=ATTRIBUTE_PARAMETER,
    dependencies=[Depends(Known(*Known.SHARED, "sort"))],
)
def list_themes(
    session: Reading,
    populations: ThePopulations,
    filters: AnyFilters,
    paging: AnyPaging,
    *,
    sort: Sort = None,
) -> Page[ThemeOut]:
    """Living themes, those with most customers first unless `sort` says otherwise.

    With `since`, `until`, `kind` or an attribute, customers and statements are counted in that part
    of the feedback, and themes nobody there speaks of are left out. Trend, rank and score, which
    `this_week`, `change`, `rank` and `score` sort by, are those of all feedback.
    """
    order = order_of(sort, _SORTS, default="-customers", tie=lambda row: (row.theme.id,))
    pinned = paging.cursor.week if paging.cursor else filters.week
    snapshot = load_snapshot(session, pick_week(session, week=pinned))
    population = restricted(populations.of(session, snapshot.week), filters)
    chosen = snapshot.chosen(filters)
    rows = [
        _Counted(
            theme,
            *mention_count(population, theme.id),
            trend=snapshot.trends.get(theme.id),
            friction=snapshot.friction_of.get(theme.id),
        )
        for theme in snapshot.themes.values()
        if theme.id in chosen
    ]
    found = paginate(
        [row for row in rows if row.customers > 0 or not filters.restricts],
        key=order.key,
        descending=order.descending,
        limit=paging.limit,
        week=snapshot.week,
        question=question("themes", filters, order.name),
        cursor=paging.cursor,
    )
    return Page(
        week=snapshot.week,
        items=[
            theme_out(
                row.theme, snapshot=snapshot, customers=row.customers, statements=row.statements
            )
            for row in found.rows
        ],
        next_cursor=found.next_cursor,
    )


@router.get(
    "/{theme_id}",
    responses=documented(404, 422),
    openapi_extra=ATTRIBUTE_PARAMETER,
    dependencies=[Depends(Known("week", "since", "until", "kind"))],
)
def get_theme(
    theme_id: ThemeId,
    session: Reading,
    populations: ThePopulations,
    labels: TheLabels,
    filters: AnyFilters,
) -> ThemeDetail:
    """One theme.

    With `since`, `until`, `kind` or a segment, customers, statements and copies are counted in that
    part of the feedback.
    """
    snapshot = load_snapshot(session, pick_week(session, week=filters.week))
    theme = snapshot.theme(theme_id)
    population = restricted(populations.of(session, snapshot.week), filters)
    customers, statements = mention_count(population, theme_id)
    return theme_detail(
        theme,
        snapshot=snapshot,
        customers=customers,
        statements=statements,
        typical=typical_texts(session, theme, labels),
        copies=copies_in(session, population, theme_id, week=snapshot.week),
        weeks=COPY_WEEKS,
    )


@router.get(
    "/{theme_id}/statements",
    responses=documented(404, 422),
    openapi_extra=ATTRIBUTE_PARAMETER,
    dependencies=[Depends(Known(*_PAGED, "words"))],
)
def list_statements(
    theme_id: ThemeId,
    session: Reading,
    populations: ThePopulations,
    filters: AnyFilters,
    paging: AnyPaging,
    *,
    words: Words = "",
) -> Page[StatementOut]:
    """What customers said of a theme, the latest week first."""
    pinned = paging.cursor.week if paging.cursor else filters.week
    snapshot = load_snapshot(session, pick_week(session, week=pinned))
    snapshot.theme(theme_id)
    population = restricted(populations.of(session, snapshot.week), filters)
    found = paginate(
        chosen_mentions(session, population, theme_id, words=words),
        key=lambda row: (-monday(row.week).toordinal(), row.statement_id),
        limit=paging.limit,
        week=snapshot.week,
        question=question(f"statements {theme_id}", filters, words),
        cursor=paging.cursor,
    )
    records = statement_records(session, snapshot.week, [row.statement_id for row in found.rows])
    return Page(
        week=snapshot.week,
        items=[
            statement_out(record.statement, feedback=record.feedback, assignment=record.assignment)
            for record in records
        ],
        next_cursor=found.next_cursor,
    )


@router.get(
    "/{theme_id}/causes",
    responses=documented(404, 422),
    openapi_extra=ATTRIBUTE_PARAMETER,
    dependencies=[Depends(Known(*_PAGED))],
)
def list_theme_causes(
    theme_id: ThemeId,
    session: Reading,
    populations: ThePopulations,
    filters: AnyFilters,
    paging: AnyPaging,
) -> Page[RootCause]:
    """Why a theme happens, the best evidence first; filters as in `/v1/root-causes`."""
    pinned = paging.cursor.week if paging.cursor else filters.week
    snapshot = load_snapshot(session, pick_week(session, week=pinned))
    snapshot.theme(theme_id)
    population = populations.of(session, snapshot.week)
    found = paginate(
        root_cause_rows(
            snapshot.of_theme(theme_id), population, restricted(population, filters), {theme_id}
        ),
        key=cause_order,
        limit=paging.limit,
        week=snapshot.week,
        question=question(f"causes {theme_id}", filters),
        cursor=paging.cursor,
    )
    return Page(week=snapshot.week, items=list(found.rows), next_cursor=found.next_cursor)


@router.get(
    "/{theme_id}/history",
    responses=documented(404, 422),
    dependencies=[Depends(Known("week", attributes=False))],
)
def get_history(theme_id: ThemeId, session: Reading, filters: AnyFilters) -> History:
    """A theme's life up to a published week, and its weeks.

    It is born or seeded, may be described anew, renamed, adopted by a broader theme or founded as
    one (family), moved, merged, split, pinned, retired and revived; `life` says so in words, with
    who decided it and why. Ended themes keep theirs.
    """
    snapshot = load_snapshot(session, pick_week(session, week=filters.week))
    themes = registry(session, snapshot.week)
    if theme_id not in themes:
        snapshot.theme(theme_id)
    published = [
        trend for trend in load_trends(session, theme_id=theme_id) if trend.week <= snapshot.week
    ]
    return history(
        theme_id,
        theme_events(session, theme_id=theme_id, until_week=snapshot.week),
        published,
        theme_life(
            session, themes[theme_id], themes=themes, published=published, week=snapshot.week
        ),
    )
