"""`/v1/reports`, `/v1/outcomes`, `/v1/deliveries`: what travels, as files, and where it went."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from api.filters import Known, check_week
from api.problems import ProblemError, documented
from api.schemas.common import Listing
from api.schemas.documents import (
    DeliveryOut,
    OutcomeOut,
    ReportOut,
    delivery_out,
    outcome_out,
    report_out,
)
from api.scope import pick_week
from api.sessions import Reading, TheEngine, TheLabels, ThePopulations, TheSettings
from api.shelf import RUN_AGAIN
from nlp.months import weeks_of
from service.documents import Document, Documents, Drawing
from service.exporting import NothingPublishedError, WeekRunAnewError
from service.outcome import outcome_months
from service.stored_report import OtherVersionError
from store.deliveries import load_deliveries
from store.snapshots import published_weeks

router = APIRouter(prefix="/v1", tags=["reports"])

_MEDIA: dict[Drawing, str] = {
    "html": "text/html; charset=utf-8",
    "mail": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "json": "application/json",
}
_SUFFIX: dict[Drawing, str] = {
    "html": "html",
    "mail": "mail.html",
    "md": "md",
    "text": "txt",
    "json": "json",
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The document as a file",
        "headers": {
            "content-disposition": {
                "description": "The file's name, as `report-2026-W46.html`.",
                "schema": {"type": "string"},
            }
        },
        "content": {
            "text/html": {"schema": {"type": "string"}},
            "text/markdown": {"schema": {"type": "string"}},
            "text/plain": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "object"}},
        },
    }
}
Format = Annotated[
    Drawing,
    Query(
        alias="format",
        description="`html`: one self-contained page; `mail`: the same for mail clients, with "
        "tables and inline styles; `md`, `text`, `json`.",
    ),
]
OfOwner = Annotated[
    str | None, Query(description="Only this owner's part of it.", examples=["billing"])
]
OfPeriod = Annotated[
    str | None, Query(description="Only of this ISO week or month.", examples=["2026-W46"])
]


@router.get(
    "/reports",
    summary="Published weeks, the last first",
    responses=documented(422),
    dependencies=[Depends(Known(attributes=False))],
)
def list_reports(session: Reading) -> Listing[ReportOut]:
    """Every week that was published: each has a report."""
    weeks = published_weeks(session)
    return Listing[ReportOut](items=[report_out(week) for week in reversed(weeks)])


@router.get(
    "/reports/{week}/document",
    summary="A week's report as a file",
    responses=_FILE | documented(404, 409, 422),
    response_class=Response,
    dependencies=[Depends(Known("format", "owner", attributes=False))],
)
def get_report_document(
    week: Annotated[
        str, Path(description="A published ISO week, or `latest`.", examples=["2026-W46"])
    ],
    session: Reading,
    engine: TheEngine,
    labels: TheLabels,
    *,
    settings: TheSettings,
    populations: ThePopulations,
    how: Format = "html",
    owner: OfOwner = None,
) -> Response:
    """The report that is mailed, or one owner's part of it, as it was published."""
    wanted = None if week == "latest" else check_week("week", week)
    found = pick_week(session, week=wanted)
    known = sorted(one.id for one in labels.owners)
    if owner is not None and owner not in known:
        raise ProblemError(422, "unknown-owner", f"there is no owner {owner!r}", known=known)
    documents = Documents(
        engine, labels=labels, zone=ZoneInfo(settings.zone), laid_out=populations.of
    )
    document: Document = "week" if owner is None else "owner"
    name = f"report-{found}" if owner is None else f"report-{found}-{owner}"
    return _file(documents, document, found, owner or "", how, name, settings.server_url)


@router.get(
    "/outcomes",
    summary="Months with an outcome pack, the last first",
    responses=documented(422),
    dependencies=[Depends(Known(attributes=False))],
)
def list_outcomes(session: Reading) -> Listing[OutcomeOut]:
    """Every month with a published week."""
    weeks = published_weeks(session)
    months = outcome_months(session)
    return Listing[OutcomeOut](items=[outcome_out(month, weeks) for month in reversed(months)])


@router.get(
    "/outcomes/{month}",
    summary="A month's outcome pack",
    responses=_FILE | documented(404, 409, 422),
    response_class=Response,
    dependencies=[Depends(Known("format", attributes=False))],
)
def get_outcome(
    month: Annotated[str, Path(description="Like 2026-10.", examples=["2026-10"])],
    engine: TheEngine,
    labels: TheLabels,
    settings: TheSettings,
    populations: ThePopulations,
    *,
    how: Format = "json",
) -> Response:
    """What was said in a month, what drives it, what was decided and what became of it."""
    try:
        weeks_of(month)
    except (ValueError, OverflowError) as error:
        raise ProblemError(422, "bad-month", f"{month!r} is no month like 2026-10") from error
    documents = Documents(
        engine, labels=labels, zone=ZoneInfo(settings.zone), laid_out=populations.of
    )
    return _file(documents, "outcome", month, "", how, f"outcome-{month}", settings.server_url)


@router.get(
    "/deliveries",
    summary="What was sent to whom, the last tried first",
    responses=documented(422),
    dependencies=[Depends(Known("period", "limit", attributes=False))],
)
def list_deliveries(
    session: Reading,
    response: Response,
    *,
    period: OfPeriod = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
) -> Listing[DeliveryOut]:
    """The record of deliveries; addresses are told without their secrets."""
    # It changes without a change of what is published.
    response.headers["cache-control"] = "no-store"
    rows = load_deliveries(session, period=period, limit=limit)
    return Listing[DeliveryOut](items=[delivery_out(row) for row in rows])


def _file(  # noqa: PLR0917
    documents: Documents,
    document: Document,
    period: str,
    owner_id: str,
    how: Drawing,
    name: str,
    server: str,
) -> Response:
    try:
        package = documents.package(document, period, owner_id)
    except WeekRunAnewError as error:
        raise ProblemError(503, "week-run-anew", str(error), headers=RUN_AGAIN) from error
    except NothingPublishedError as error:
        raise ProblemError(404, "week-not-published", str(error)) from error
    except OtherVersionError as error:
        raise ProblemError(409, "other-version", str(error)) from error
    if package is None:
        raise ProblemError(404, "nothing-owned", f"{owner_id} owned no theme in {period}")
    return Response(
        package.drawn(how, server=server),
        media_type=_MEDIA[how],
        # Shown in place, its inline styles would be refused by the policy of these pages.
        headers={"content-disposition": f'attachment; filename="{name}.{_SUFFIX[how]}"'},
    )
