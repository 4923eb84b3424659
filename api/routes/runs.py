"""`/v1/runs`, `/v1/ingests`, `/v1/quarantine`: what was run, what came in, what could not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Path, Query

from api.cursors import Cursor, Key, encode, not_ours, question_of, same_question
from api.filters import AnyPaging, Known, check_week
from api.problems import ProblemError, documented
from api.schemas.common import Listing
from api.schemas.runs import (
    IngestOut,
    QuarantineList,
    RunOut,
    ingest_out,
    quarantined_out,
    reason_out,
    run_out,
)
from api.sessions import Reading
from store.ingests import page_ingests
from store.quarantine import page_quarantine, quarantine_reasons
from store.runs import RunStatus, find_run, page_runs

router = APIRouter(prefix="/v1", tags=["data"])

Row = TypeVar("Row")

OfWeek = Annotated[
    str | None, Query(description="Only runs of this ISO week.", examples=["2026-W46"])
]
OfStatus = Annotated[RunStatus | None, Query(description="Only runs with this status.")]
OfReason = Annotated[
    str | None,
    Query(
        max_length=2000,
        description="Only rows with exactly this reason, as `reasons` has it.",
        examples=["created_at: no date"],
    ),
]
RunId = Annotated[
    str, Path(description="A run's id.", examples=["48fd63c7c271405dbf2911c9a7ce9c2f"])
]


@router.get(
    "/runs",
    summary="Runs, the last started first",
    responses=documented(422),
    dependencies=[Depends(Known("week", "status", "limit", "cursor", attributes=False))],
)
def list_runs(
    session: Reading, paging: AnyPaging, *, week: OfWeek = None, status: OfStatus = None
) -> Listing[RunOut]:
    """What was run: which week, with which models, what it found, how long it took, or why not."""
    asked = question_of(("runs", check_week("week", week), status))
    before = _moment(paging.cursor, asked)
    found = page_runs(session, limit=paging.limit + 1, week=week, status=status, before=before)
    rows, cursor = _cut(found, paging.limit, asked, lambda run: _started(run.started_at, run.id))
    return Listing[RunOut](items=[run_out(run) for run in rows], next_cursor=cursor)


@router.get(
    "/runs/{run_id}",
    summary="One run",
    responses=documented(404, 422),
    dependencies=[Depends(Known(attributes=False))],
)
def get_run(run_id: RunId, session: Reading) -> RunOut:
    """One run with its counts, timings, model digests and error."""
    found = find_run(session, run_id)
    if found is None:
        raise ProblemError(404, "unknown-run", f"there is no run {run_id!r}")
    return run_out(found)


@router.get(
    "/ingests",
    summary="Ingests, the last first",
    responses=documented(422),
    dependencies=[Depends(Known("limit", "cursor", attributes=False))],
)
def list_ingests(session: Reading, paging: AnyPaging) -> Listing[IngestOut]:
    """What came in, from files and by `POST /v1/feedback`, and what became of its rows."""
    asked = question_of(("ingests",))
    before = _moment(paging.cursor, asked)
    found = page_ingests(session, limit=paging.limit + 1, before=before)
    rows, cursor = _cut(found, paging.limit, asked, lambda one: _started(one.started_at, one.id))
    return Listing[IngestOut](items=[ingest_out(one) for one in rows], next_cursor=cursor)


@router.get(
    "/quarantine",
    summary="Rows that could not be taken",
    responses=documented(422),
    dependencies=[Depends(Known("reason", "limit", "cursor", attributes=False))],
)
def list_quarantine(
    session: Reading, paging: AnyPaging, *, reason: OfReason = None
) -> QuarantineList:
    """What waits for repair, by file and line, each row with its reason.

    Rows are shown as they are stored: personal data was replaced before. Mend them with
    `groundswell quarantine export` and `feed`, or send them again: what is taken leaves the list.
    """
    asked = question_of(("quarantine", reason))
    reasons = quarantine_reasons(session)
    found = page_quarantine(
        session, limit=paging.limit + 1, reason=reason, after=_place(paging.cursor, asked)
    )
    rows, cursor = _cut(found, paging.limit, asked, lambda one: (one[1].file, one[1].line, one[0]))
    return QuarantineList(
        items=[quarantined_out(digest, row) for digest, row in rows],
        next_cursor=cursor,
        rows=sum(count for _, count in reasons),
        reasons=[reason_out(told, count) for told, count in reasons],
    )


def _cut(
    found: Sequence[Row], limit: int, asked: str, key: Callable[[Row], Key]
) -> tuple[Sequence[Row], str | None]:
    """The rows of a page out of one row more, and the cursor to the next page."""
    rows = found[:limit]
    more = len(found) > limit
    return rows, encode(Cursor("", key(rows[-1]), asked)) if more else None


def _started(moment: dt.datetime, name: str) -> Key:
    return (moment.isoformat(), name)


def _moment(cursor: Cursor | None, asked: str) -> tuple[dt.datetime, str] | None:
    if cursor is None:
        return None
    same_question(cursor, asked)
    match cursor.after:
        case (str(moment), str(name)):
            try:
                read = dt.datetime.fromisoformat(moment)
                # The year of a moment near the calendar's ends may lie beyond them in UTC.
                if read.tzinfo is not None:
                    return read.astimezone(dt.UTC), name
            except (ValueError, OverflowError) as error:
                raise not_ours() from error
    raise not_ours()


def _place(cursor: Cursor | None, asked: str) -> tuple[str, int, str] | None:
    if cursor is None:
        return None
    same_question(cursor, asked)
    match cursor.after:
        case (str(file), int(line), str(digest)) if 0 <= line < 2**63:
            return file, line, digest
    raise not_ours()
