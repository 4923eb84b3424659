"""`POST /v1/feedback`: rows in, through the same door as files."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter

from fastapi import APIRouter, Depends

from api.filters import Known
from api.problems import ProblemError, documented
from api.schemas.feedback import BatchResult, FeedbackBatch, RowResult
from api.sessions import TheEngine, TheSettings
from nlp.intake import IntakeConfig, Taken, take
from nlp.records import Feedback, Rejected
from store.database import Session, session_scope
from store.feedback import digest_of, upsert_feedback
from store.ingests import IngestCounts, record_ingest
from store.locks import Busy, run_lock
from store.quarantine import add_quarantine, release_quarantine

router = APIRouter(prefix="/v1/feedback", tags=["feedback"])

# Stands where a file's name would: quarantined rows of the API are found under it.
_FILE = "POST /v1/feedback"


@router.post(
    "",
    responses=documented(400, 409, 413, 422),
    dependencies=[Depends(Known(attributes=False))],
)
def post_feedback(batch: FeedbackBatch, engine: TheEngine, settings: TheSettings) -> BatchResult:
    """Store a batch, all of it or (on an error) nothing; says for each row what happened.

    Personal data is replaced before anything is stored. The same row twice changes nothing. A row
    that cannot be taken is quarantined with its reason and does not hold up the others.
    """
    config = IntakeConfig(
        kind=batch.kind,
        source=batch.source,
        zone=settings.zone,
        hash_secret=settings.hash_secret,
    )
    taken = [
        take(row, config=config, file=_FILE, line=number)
        for number, row in enumerate(batch.items, start=1)
    ]
    try:
        with (
            run_lock(settings.database_url, settings.home, wait_seconds=settings.busy_seconds),
            session_scope(engine) as session,
        ):
            results = _store(session, taken)
            _record(session, taken, results)
    except Busy as busy:
        raise ProblemError(
            409,
            "busy",
            "a run is at work on this database; send the batch again in a minute",
            headers={"retry-after": "60"},
        ) from busy
    tally = Counter(result.outcome for result in results)
    return BatchResult(
        rows_read=len(results),
        accepted=tally["accepted"],
        updated=tally["updated"],
        unchanged=tally["unchanged"],
        quarantined=tally["quarantined"],
        results=results,
    )


def _store(session: Session, taken: list[Taken]) -> list[RowResult]:
    """Row by row, so that each has its own outcome.

    A key that comes several times is stored in the order of (created_at, digest): the latest stays,
    whatever the order of the batch.
    """
    results: dict[int, RowResult] = {}
    messages: list[tuple[int, Feedback]] = []
    for index, row in enumerate(taken):
        if isinstance(row.outcome, Rejected):
            results[index] = RowResult(
                index=index, id=row.outcome.id, outcome="quarantined", reason=row.outcome.reason
            )
        else:
            messages.append((index, row.outcome))
    messages.sort(key=lambda pair: (pair[1].key, pair[1].created_at, digest_of(pair[1])))
    for index, message in messages:
        counts = upsert_feedback(session, [message])
        outcome = "accepted" if counts.accepted else "updated" if counts.updated else "unchanged"
        results[index] = RowResult(index=index, id=message.id, outcome=outcome)
    return [results[index] for index in sorted(results)]


def _record(session: Session, taken: list[Taken], results: list[RowResult]) -> None:
    """The batch as an ingest of its own; rows that came back mended leave the quarantine."""
    ingest_id = uuid.uuid4().hex
    redactions: Counter[str] = Counter()
    for row in taken:
        redactions.update(row.redactions)
    rejected = [row.outcome for row in taken if isinstance(row.outcome, Rejected)]
    release_quarantine(session, ids={item.id for item in results if item.reason is None})
    add_quarantine(session, rejected, ingest_id=ingest_id)
    tally = Counter(result.outcome for result in results)
    record_ingest(
        session,
        IngestCounts(
            id=ingest_id,
            started_at=dt.datetime.now(dt.UTC),
            files=(_FILE,),
            rows_read=len(taken),
            accepted=tally["accepted"],
            updated=tally["updated"],
            unchanged=tally["unchanged"],
            quarantined=tally["quarantined"],
            redactions=dict(redactions),
        ),
    )
