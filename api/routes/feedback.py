"""`POST /v1/feedback`: rows in, through the same door as files."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections import Counter

from fastapi import APIRouter, Depends, Request, Response

from api.access import caller_of
from api.filters import Known
from api.problems import ProblemError, documented
from api.repeats import (
    IDEMPOTENCY_KEY,
    REPLAYED,
    REPLAYED_HEADER,
    IdempotencyKey,
    repeat_of,
)
from api.schemas.feedback import BatchResult, FeedbackBatch, Outcome, RowResult
from api.sessions import TheEngine, TheSettings, writing
from nlp.intake import IntakeConfig, Taken, take
from nlp.person_names import redact_config
from nlp.records import Feedback, Rejected
from nlp.repeats import Placed, settle_repeats
from service.ways_out import for_sender
from store.database import Session, read_scope
from store.feedback import upsert_feedback
from store.ingests import IngestCounts, record_ingest
from store.locks import Busy, run_lock
from store.quarantine import add_quarantine, release_quarantine

router = APIRouter(prefix="/v1/feedback", tags=["feedback"])

# Stands where a file's name would: quarantined rows of the API are found under what begins so.
_FILE = "POST /v1/feedback"


@router.post(
    "",
    summary="Send feedback in a batch",
    responses=REPLAYED_HEADER | documented(400, 409, 413, 422, 503),
    dependencies=[Depends(Known(attributes=False))],
)
def post_feedback(
    batch: FeedbackBatch,
    request: Request,
    response: Response,
    engine: TheEngine,
    settings: TheSettings,
    *,
    idempotency_key: IdempotencyKey = None,
) -> BatchResult:
    """Store a batch, all of it or (on an error) nothing; says for each row what happened.

    Personal data is replaced before anything is stored. The same row twice changes nothing. A row
    that cannot be taken is quarantined with its reason and does not hold up the others; so is one
    of two different rows with the same id, of which the later stays.

    With an `Idempotency-Key` a batch whose answer was lost can be sent again: it is not taken
    twice, and is answered as it was the first time.
    """
    if len(request.headers.getlist(IDEMPOTENCY_KEY)) > 1:
        raise ProblemError(
            422, "two-idempotency-keys", "a batch has one Idempotency-Key; this one has several"
        )
    repeat = (
        repeat_of(caller_of(request).key_id, idempotency_key, batch) if idempotency_key else None
    )
    if repeat is not None:
        with read_scope(engine) as session:
            given = repeat.before(session)
        if given is not None:
            return _again(given, response)
    config = IntakeConfig(
        kind=batch.kind,
        source=batch.source,
        zone=settings.zone,
        hash_secret=settings.hash_secret,
        redact=redact_config(names=settings.redact_names),
    )
    taken, file = _take(batch, config)
    try:
        with (
            run_lock(settings.database_url, settings.home, wait_seconds=settings.busy_seconds),
            writing(engine) as session,
        ):
            # Looked up again: the same batch may have been waiting for the lock before this one.
            given = repeat.before(session) if repeat is not None else None
            if given is not None:
                return _again(given, response)
            answer = _keep(session, taken, file)
            if repeat is not None:
                repeat.keep(session, answer.model_dump_json())
    except Busy as busy:
        raise ProblemError(
            409,
            "busy",
            "a run is at work on this database; send the batch again in a minute",
            headers={"retry-after": "60"},
        ) from busy
    return answer


def _again(given: str, response: Response) -> BatchResult:
    response.headers[REPLAYED] = "true"
    return BatchResult.model_validate_json(given)


def _keep(session: Session, taken: list[Taken], file: str) -> BatchResult:
    results, rejected = _store(session, taken, file)
    counts = _counts(taken, results)
    add_quarantine(session, rejected, ingest_id=counts.id)
    record_ingest(session, counts)
    return BatchResult(
        rows_read=counts.rows_read,
        accepted=counts.accepted,
        updated=counts.updated,
        unchanged=counts.unchanged,
        quarantined=counts.quarantined,
        results=results,
    )


def _take(batch: FeedbackBatch, config: IntakeConfig) -> tuple[list[Taken], str]:
    """The rows after intake, and what stands for their file's name in the quarantine.

    The name holds a digest of what was taken, so that a batch sent twice is quarantined once, and
    mending row 3 of one batch does not release row 3 of another. It is made of redacted rows: a
    digest of personal data could be tested for it.
    """

    def at(file: str, number: int) -> Taken:
        return take(batch.items[number - 1], config=config, file=file, line=number)

    taken = [at(_FILE, number) for number in range(1, len(batch.items) + 1)]
    content = repr([row.outcome for row in taken]).encode("utf-8", "backslashreplace")
    file = f"{_FILE} {hashlib.sha256(content).hexdigest()[:12]}"
    return [
        at(file, number) if isinstance(row.outcome, Rejected) else row
        for number, row in enumerate(taken, start=1)
    ], file


def _store(
    session: Session, taken: list[Taken], file: str
) -> tuple[list[RowResult], tuple[Rejected, ...]]:
    """Each row's outcome, in the order of the batch, and the rows for the quarantine.

    Of different rows with one key the latest is stored and the others are quarantined, whatever
    their order (see `settle_repeats`); of equal ones the first counts, the others are unchanged.
    """
    rejected = [row.outcome for row in taken if isinstance(row.outcome, Rejected)]
    settled = settle_repeats(
        Placed(row.outcome, file, line)
        for line, row in enumerate(taken, start=1)
        if isinstance(row.outcome, Feedback)
    )
    rejected += settled.rejected
    stored: dict[str, Outcome] = {}
    for message in settled.kept:
        counts = upsert_feedback(session, [message])
        stored[message.key] = (
            "accepted" if counts.accepted else "updated" if counts.updated else "unchanged"
        )
    release_quarantine(session, keys=stored.keys())
    reasons = {row.line: row.reason for row in rejected}
    results: list[RowResult] = []
    for index, row in enumerate(taken):
        reason = reasons.get(index + 1)
        outcome: Outcome = "quarantined"
        if isinstance(row.outcome, Feedback) and reason is None:
            outcome = stored.pop(row.outcome.key, "unchanged")
        told = None if reason is None else for_sender(reason)
        results.append(RowResult(index=index, id=row.outcome.id, outcome=outcome, reason=told))
    return results, tuple(rejected)


def _counts(taken: list[Taken], results: list[RowResult]) -> IngestCounts:
    """The batch as an ingest of its own."""
    tally = Counter(result.outcome for result in results)
    redactions: Counter[str] = Counter()
    for row in taken:
        redactions.update(row.redactions)
    return IngestCounts(
        id=uuid.uuid4().hex,
        started_at=dt.datetime.now(dt.UTC),
        files=(_FILE,),
        rows_read=len(taken),
        accepted=tally["accepted"],
        updated=tally["updated"],
        unchanged=tally["unchanged"],
        quarantined=tally["quarantined"],
        redactions=dict(sorted(redactions.items())),
    )
