"""`/v1/themes/{id}/series` and `/segments`: what a theme's page draws, as numbers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.filters import ATTRIBUTE_PARAMETER, AnyFilters, Known
from api.problems import documented
from api.schemas.theme_numbers import (
    Segments,
    Series,
    segment_out,
    series_mark,
    series_week,
)
from api.scope import load_snapshot, pick_week, restricted
from api.sessions import Reading, TheLabels, ThePopulations, TheWindows
from api.theme_numbers import segments_of, theme_marks
from api.windows import make_window
from nlp.theme_series import theme_series
from report.trend_chart import marked

router = APIRouter(prefix="/v1/themes", tags=["themes"])

ThemeId = Annotated[str, Path(description="A theme's id.", examples=["T-4f2a91c07b"])]


@router.get(
    "/{theme_id}/series",
    responses=documented(404, 422),
    openapi_extra=ATTRIBUTE_PARAMETER,
    dependencies=[Depends(Known("week", "since", "until", "kind"))],
)
def get_series(
    theme_id: ThemeId, session: Reading, populations: ThePopulations, filters: AnyFilters
) -> Series:
    """A theme week by week: customers, and their part of all customers who wrote.

    With a filter, both are counted in that part of the feedback. Onsets were found in all of it.
    """
    snapshot = load_snapshot(session, pick_week(session, week=filters.week))
    snapshot.theme(theme_id)
    part = restricted(populations.of(session, snapshot.week), filters)
    points = theme_series(part, theme_id, week=filters.last_week(snapshot.week))
    points = tuple(point for point in points if point.week >= (filters.since or ""))
    marks = marked(points, theme_marks(session, snapshot, theme_id))
    return Series(
        week=snapshot.week,
        theme_id=theme_id,
        weeks=[series_week(point) for point in points],
        onsets=[series_mark(mark) for mark in marks if mark.kind == "onset"],
        events=[series_mark(mark) for mark in marks if mark.kind == "event"],
    )


@router.get(
    "/{theme_id}/segments",
    responses=documented(404, 422),
    openapi_extra=ATTRIBUTE_PARAMETER,
    dependencies=[Depends(Known("week", "since", "until", "kind"))],
)
def get_segments(
    theme_id: ThemeId,
    session: Reading,
    *,
    populations: ThePopulations,
    windows: TheWindows,
    labels: TheLabels,
    filters: AnyFilters,
) -> Segments:
    """Who speaks of a theme: attribute values over- or under-represented, in its recent weeks.

    A description of this theme, value by value; causes are searched for over all combinations.
    """
    snapshot = load_snapshot(session, pick_week(session, week=filters.week))
    snapshot.theme(theme_id)
    population = populations.of(session, snapshot.week)
    weeks = labels.scoring.window.cause_weeks
    last = filters.last_week(snapshot.week)
    if filters.restricts:
        window = make_window(restricted(population, filters), week=last, weeks=weeks)
    else:
        window = windows.of(population, week=last, weeks=weeks)
    return Segments(
        week=snapshot.week,
        theme_id=theme_id,
        weeks=weeks,
        items=[segment_out(share) for share in segments_of(window, theme_id)],
    )
