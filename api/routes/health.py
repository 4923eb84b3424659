"""`/healthz` and `/readyz`: is the process alive, and can it answer?"""

from __future__ import annotations

from fastapi import APIRouter

from api.problems import ProblemError, documented
from api.schemas.health import Health, Readiness
from api.sessions import TheEngine
from store.database import read_scope, schema_state
from store.snapshots import published_weeks

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> Health:
    """Alive; touches nothing."""
    return Health(status="ok")


@router.get("/readyz", responses=documented(503))
def readyz(engine: TheEngine) -> Readiness:
    """Ready: the database answers and its schema is the newest. Without a published week, too."""
    try:
        revision, head = schema_state(engine)
    except Exception as error:
        # Whatever the driver raises, its text may hold addresses and paths: it stays in the log.
        raise ProblemError(
            503, "database-unreachable", "the database does not answer; see the server's log"
        ) from error
    if revision != head:
        raise ProblemError(
            503,
            "database-not-migrated",
            f"the database is at {revision or 'no revision'}, the program needs {head}; "
            "`groundswell serve` and every other command bring it up to date",
        )
    with read_scope(engine) as session:
        weeks = published_weeks(session)
    return Readiness(status="ready", last_week=weeks[-1] if weeks else None)
