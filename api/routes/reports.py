"""`/v1/reports/{week}`: the weekly report as data."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.filters import Known, check_week
from api.problems import documented
from api.scope import pick_week, published_report
from api.sessions import Reading
from report.document import WeekReport

router = APIRouter(prefix="/v1/reports", tags=["reports"])


@router.get(
    "/{week}",
    responses=documented(404, 422),
    dependencies=[Depends(Known(attributes=False))],
)
def get_report(
    week: Annotated[
        str, Path(description="A published ISO week, or `latest`.", examples=["2026-W46"])
    ],
    session: Reading,
) -> WeekReport:
    """The report of a week, as it was published."""
    wanted = None if week == "latest" else check_week("week", week)
    return published_report(session, pick_week(session, week=wanted))
