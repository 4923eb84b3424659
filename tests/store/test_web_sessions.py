from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from store.access_keys import create_key, revoke_key
from store.database import Session
from store.tables import WEB_SESSION
from store.web_sessions import LASTS, begin_session, end_session, find_session

NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def _count(session: Session) -> int:
    found: int = (
        session.connection().execute(select(func.count()).select_from(WEB_SESSION)).scalar_one()
    )
    return found


def test_a_cookie_finds_its_session_and_is_kept_nowhere(session: Session) -> None:
    key, _ = create_key(session, "x", scopes=["read"], now=NOW)
    cookie, begun = begin_session(session, key, now=NOW)
    assert find_session(session, cookie, now=NOW) == (begun, key)
    assert find_session(session, f"{cookie}x", now=NOW) is None
    assert find_session(session, "é\udcff", now=NOW) is None
    assert begun.csrf != cookie
    for row in session.connection().execute(WEB_SESSION.select()):
        assert cookie not in str(tuple(row))


def test_a_session_ends_after_twelve_hours(session: Session) -> None:
    key, _ = create_key(session, "x", scopes=["read"], now=NOW)
    cookie, begun = begin_session(session, key, now=NOW)
    ends = NOW + LASTS
    assert begun.expires_at == ends
    assert find_session(session, cookie, now=ends - SECOND) is not None
    assert find_session(session, cookie, now=ends) is None


def test_a_session_ends_with_its_key(session: Session) -> None:
    ends = NOW + dt.timedelta(hours=1)
    key, _ = create_key(session, "x", scopes=["read"], now=NOW, expires_at=ends)
    cookie, begun = begin_session(session, key, now=NOW)
    assert begun.expires_at == ends
    assert find_session(session, cookie, now=ends - SECOND) is not None
    assert find_session(session, cookie, now=ends) is None


def test_revoking_the_key_signs_its_browsers_out_and_no_others(session: Session) -> None:
    key, _ = create_key(session, "x", scopes=["read"], now=NOW)
    other, _ = create_key(session, "y", scopes=["read"], now=NOW)
    gone, _ = begin_session(session, key, now=NOW)
    kept, _ = begin_session(session, other, now=NOW)
    revoke_key(session, key.id, now=NOW)
    assert find_session(session, gone, now=NOW) is None
    assert find_session(session, kept, now=NOW) is not None
    assert _count(session) == 1


def test_signing_out_ends_one_session(session: Session) -> None:
    key, _ = create_key(session, "x", scopes=["read"], now=NOW)
    first, _ = begin_session(session, key, now=NOW)
    second, _ = begin_session(session, key, now=NOW)
    end_session(session, first)
    assert find_session(session, first, now=NOW) is None
    assert find_session(session, second, now=NOW) is not None


def test_sessions_that_are_over_are_forgotten(session: Session) -> None:
    key, _ = create_key(session, "x", scopes=["read"], now=NOW)
    begin_session(session, key, now=NOW)
    begin_session(session, key, now=NOW + LASTS - SECOND)
    assert _count(session) == 2
    begin_session(session, key, now=NOW + LASTS)
    assert _count(session) == 2
