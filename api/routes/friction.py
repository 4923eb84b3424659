"""`/v1/friction-points`: what to fix first."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from api.filters import ATTRIBUTE_PARAMETER, AnyFilters, AnyPaging, Known
from api.friction_list import FrictionSort, friction_answer
from api.problems import documented
from api.schemas.common import Page
from api.schemas.friction import FrictionPoint
from api.sessions import Reading, TheLabels, ThePopulations

router = APIRouter(prefix="/v1/friction-points", tags=["friction points"])


@router.get(
    "",
    summary="What to fix first, with its evidence",
    responses=documented(404, 422),
    openapi_extra=ATTRIBUTE_PARAMETER,
    dependencies=[Depends(Known(*Known.SHARED, "sort"))],
)
def list_friction(
    session: Reading,
    populations: ThePopulations,
    labels: TheLabels,
    filters: AnyFilters,
    paging: AnyPaging,
    *,
    sort: FrictionSort = None,
) -> Page[FrictionPoint]:
    """The backlog in one call: rank with its interval, reach, impact, causes, owner, three quotes.

    Without `since`, `until`, `kind` and segments these are the ranks the week published. With one
    of them, reach, impact and rank are computed anew over that part of the feedback, among all
    themes, and causes and quotes are of that part; `owner` and `stage` then choose from that
    ranking. Unranked themes (not enough data) come last.

    For example `?segment.plan=Pro&stage=onboarding&kind=survey&since=2026-W40&sort=-score`.
    """
    return friction_answer(session, populations, labels, filters, paging, sort=sort)
