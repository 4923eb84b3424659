"""`/v1/events`: dated events, beside which onsets are named."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from api.filters import Known
from api.problems import ProblemError, documented
from api.schemas.events import EventBatch, Events, EventsKept, event
from api.sessions import Reading, TheEngine, TheSettings, writing
from store.events import load_events, upsert_events
from store.locks import Busy, run_lock

router = APIRouter(prefix="/v1/events", tags=["events"])


@router.get("", responses=documented(422), dependencies=[Depends(Known(attributes=False))])
def list_events(session: Reading) -> Events:
    """All dated events, the earliest first."""
    return Events(items=[event(one) for one in load_events(session)])


@router.post(
    "",
    responses=documented(400, 409, 413, 422, 503),
    dependencies=[Depends(Known(attributes=False))],
)
def post_events(batch: EventBatch, engine: TheEngine, settings: TheSettings) -> EventsKept:
    """Keep events, all of them or (on an error) none; sent again they change nothing.

    An event is known by day, kind and name; another detail is an update. `date` may be written for
    `day`. Onsets are set beside events by the next run.
    """
    events = [one.to_record() for one in batch.items]
    try:
        with (
            run_lock(settings.database_url, settings.home, wait_seconds=settings.busy_seconds),
            writing(engine) as session,
        ):
            kept = upsert_events(session, events)
    except Busy as busy:
        raise ProblemError(
            409,
            "busy",
            "a run is at work on this database; send the events again in a minute",
            headers={"retry-after": "60"},
        ) from busy
    return EventsKept(accepted=kept.accepted, updated=kept.updated, unchanged=kept.unchanged)
