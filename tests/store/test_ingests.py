from __future__ import annotations

import datetime as dt
from dataclasses import replace

from store.database import Session
from store.ingests import IngestCounts, list_ingests, record_ingest

FIRST = IngestCounts(
    id="b",
    started_at=dt.datetime(2026, 11, 23, tzinfo=dt.UTC),
    files=("b.csv", "a.csv"),
    rows_read=10,
    accepted=5,
    updated=2,
    unchanged=2,
    quarantined=1,
    redactions={"email": 3, "phone": 1},
)
SECOND = replace(
    FIRST, id="a", started_at=FIRST.started_at + dt.timedelta(seconds=1), redactions={}
)


def test_ingests_come_back_the_earliest_first(session: Session) -> None:
    record_ingest(session, SECOND)
    record_ingest(session, FIRST)
    assert list_ingests(session) == [FIRST, SECOND]


def test_an_ingest_recorded_again_is_replaced(session: Session) -> None:
    record_ingest(session, FIRST)
    record_ingest(session, replace(FIRST, accepted=6))
    assert list_ingests(session) == [replace(FIRST, accepted=6)]
