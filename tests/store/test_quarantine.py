from __future__ import annotations

from nlp.records import Rejected
from store.database import Session
from store.quarantine import add_quarantine, list_quarantine, release_quarantine

NO_DATE = Rejected("7", "read", "created_at is empty", "a.csv", 12, '{"id": "7", "source": "desk"}')
NO_ID = Rejected("", "read", "no id", "a.csv", 3, "{}")
NUL = Rejected("x", "clean", "undecodable text", "b.csv", 1, "nul \0 and \ud800 \\u0041 'q'")
ALL = [NO_ID, NO_DATE, NUL]


def test_rows_are_kept_once_and_sorted_by_file_and_line(session: Session) -> None:
    assert add_quarantine(session, [NUL, NO_DATE, NO_ID, NUL], ingest_id="i1") == 3
    assert add_quarantine(session, ALL, ingest_id="i2") == 0
    assert list_quarantine(session) == ALL


def test_another_reason_is_another_row(session: Session) -> None:
    other = Rejected("7", "read", "score out of range", "a.csv", 12, NO_DATE.raw)
    assert add_quarantine(session, [NO_DATE, other], ingest_id="i1") == 2


def test_rows_that_were_taken_after_all_leave(session: Session) -> None:
    add_quarantine(session, ALL, ingest_id="i1")
    assert release_quarantine(session, keys=["desk/7", "mail/x", "None/"]) == 1
    assert list_quarantine(session) == [NO_ID, NUL]
    assert release_quarantine(session, places=[("a.csv", 3), ("b.csv", 2)]) == 1
    assert list_quarantine(session) == [NUL]
    assert release_quarantine(session, places=[("b.csv", 1)]) == 1
    assert release_quarantine(session, places=[("b.csv", 1)]) == 0
    assert list_quarantine(session) == []


def test_the_same_id_of_another_source_stays(session: Session) -> None:
    add_quarantine(session, ALL, ingest_id="i1")
    assert release_quarantine(session, keys=["mail/7"]) == 0
    assert list_quarantine(session) == ALL


def test_naming_nothing_releases_nothing(session: Session) -> None:
    add_quarantine(session, ALL, ingest_id="i1")
    assert release_quarantine(session) == 0
    assert list_quarantine(session) == ALL
