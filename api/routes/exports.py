"""`/v1/exports`: everything as a file, in pieces, with the columns of `groundswell export`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import StreamingResponse

from api.bodies import HEADERS_ONLY
from api.filters import ATTRIBUTE_PARAMETER, LAST_WEEK, AnyFilters, Known
from api.problems import ProblemError, documented
from api.schemas.exports import Exports, exports_out
from api.scope import restricted
from api.sessions import TheEngine, ThePopulations
from api.shelf import RUN_AGAIN
from service.exporting import NothingPublishedError, Spooled, WeekRunAnewError, as_of, spool
from service.exports.columns import Noun
from service.exports.files import Format
from service.exports.rows import OF_MESSAGES
from store.database import Session

router = APIRouter(prefix="/v1/exports", tags=["exports"])

_MEDIA: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8; header=present",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "headers": {
            "content-disposition": {
                "description": "The file's name, as `friction-2026-W46.csv`.",
                "schema": {"type": "string"},
            }
        },
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "rank,theme_id,label\n1,T-4f2a91c07b,signed out again and again\n",
            },
            "application/jsonl": {
                "schema": {"type": "string"},
                "example": '{"rank":1,"theme_id":"T-4f2a91c07b"}\n',
            },
            "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.get(
    "",
    summary="What can be exported",
    responses=documented(422),
    dependencies=[Depends(Known(attributes=False))],
)
def list_exports() -> Exports:
    """Every export with its columns: the contract, word for word that of EXPORTS.md."""
    return exports_out()


@router.get(
    "/{noun}",
    summary="One export as a file",
    responses=_FILE | documented(404, 422),
    response_class=StreamingResponse,
    openapi_extra=ATTRIBUTE_PARAMETER,
    dependencies=[Depends(Known("format", "week", "since", "until", "kind"))],
)
def get_export(
    noun: Annotated[Noun, Path(description="What to export.", examples=["friction"])],
    request: Request,
    engine: TheEngine,
    populations: ThePopulations,
    filters: AnyFilters,
    *,
    kind_of_file: Annotated[Format, Query(alias="format", description="Kind of file.")] = "csv",
) -> StreamingResponse:
    """The same bytes as `groundswell export`: the same rows in the same order.

    The state is that of the last published week or of `week`; without `week`, `feedback`,
    `statements` and `quarantine` hold everything stored. In CSV a text that a spreadsheet would run
    as a formula gets a leading `'`; JSONL and Parquet carry texts unchanged.

    With `since`, `until`, `kind` or a segment, `feedback`, `statements`, `assignments` and `themes`
    are of that part of the feedback only; the other exports are of all of it and refuse filters.
    HEAD makes no file and so does not tell its length.
    """
    if filters.restricts and noun not in OF_MESSAGES:
        raise ProblemError(
            422,
            "unknown-filter",
            f"{noun} is exported of all feedback only; filters are for {', '.join(OF_MESSAGES)}",
            known=["format", "week"],
        )

    def chosen(session: Session, week: str | None) -> frozenset[str]:
        part = restricted(populations.of(session, week or LAST_WEEK), filters)
        return frozenset(item.key for item in part.feedback)

    choose = chosen if filters.restricts else None
    found: Spooled | None = None
    try:
        if request.scope.get(HEADERS_ONLY):
            week = as_of(engine, noun, week=filters.week, choose=choose)
        else:
            found = spool(engine, noun, format=kind_of_file, week=filters.week, choose=choose)
            week = found.week
    except WeekRunAnewError as error:
        raise ProblemError(503, "week-run-anew", str(error), headers=RUN_AGAIN) from error
    except NothingPublishedError as error:
        raise ProblemError(404, "week-not-published", str(error)) from error
    name = f"{noun}-{week}" if week else noun
    if filters.restricts:
        name += "-part"
    return StreamingResponse(
        found.pieces() if found else iter(()),
        media_type=_MEDIA[kind_of_file],
        headers={
            "content-disposition": f'attachment; filename="{name}.{kind_of_file}"',
            # A file of feedback has no business in a browser's cache.
            "cache-control": "no-store",
            **({"content-length": str(found.size)} if found else {}),
        },
    )
