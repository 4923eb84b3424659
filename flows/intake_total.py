"""What the door took over all ingests, for the report's data health."""

from __future__ import annotations

from collections import Counter

from report.document import Intake
from store.database import Session
from store.ingests import list_ingests
from store.quarantine import list_quarantine


def intake_total(session: Session) -> Intake:
    """Rows of all ingests so far by outcome, with the reasons of what is in quarantine now."""
    ingests = list_ingests(session)
    reasons = Counter(item.reason for item in list_quarantine(session))
    redactions: Counter[str] = Counter()
    for ingest in ingests:
        redactions.update(dict(ingest.redactions))
    return Intake(
        rows_read=sum(ingest.rows_read for ingest in ingests),
        accepted=sum(ingest.accepted for ingest in ingests),
        updated=sum(ingest.updated for ingest in ingests),
        unchanged=sum(ingest.unchanged for ingest in ingests),
        quarantined=sum(ingest.quarantined for ingest in ingests),
        reasons=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        redactions=tuple(sorted(redactions.items())),
    )
