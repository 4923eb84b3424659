"""The health of the data and its volumes, with what is dear to read of it from the shelf."""

from __future__ import annotations

from collections.abc import Mapping

from api.scope import SHELF, Shelf
from labels.schema import Labels
from service.data_health import HealthOfData, coverage_weeks, data_health
from store.database import Session
from store.feedback import feedback_weeks


def shelved_health(session: Session, labels: Labels) -> HealthOfData:
    """`data_health` as of now; reports and counts are read again when there are new ones."""
    shelf = session.info.get(SHELF)
    if not isinstance(shelf, Shelf):
        return data_health(session, labels_digest=labels.digest)
    published = Shelf.revision(session, "published")
    return data_health(
        session,
        labels_digest=labels.digest,
        weeks=shelf.part(published, "", "coverage", lambda: coverage_weeks(session)),
        volumes=volumes(session),
    )


def volumes(session: Session) -> Mapping[str, int]:
    """`feedback_weeks`, counted again when anything was said."""
    shelf = session.info.get(SHELF)
    if not isinstance(shelf, Shelf):
        return feedback_weeks(session)
    said = Shelf.revision(session, "said")
    return shelf.part(said, "", "volumes", lambda: feedback_weeks(session))
