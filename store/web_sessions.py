"""Browsers that are signed in with a key: of their cookie, only a digest is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete

from store.access_keys import AccessKey, key_by_id
from store.database import Session
from store.rows import insert, read, to_row
from store.tables import WEB_SESSION

LASTS = dt.timedelta(hours=12)  # a working day; the next one begins with the key again
_BYTES = 32


@dataclass(frozen=True, slots=True)
class WebSession:
    """A signed-in browser. `csrf`: what its forms have to bring."""

    key_id: str
    csrf: str
    created_at: dt.datetime
    expires_at: dt.datetime


def begin_session(session: Session, key: AccessKey, *, now: dt.datetime) -> tuple[str, WebSession]:
    """Sign a browser in: its cookie, which is not to be had again, and the session.

    It ends after twelve hours, or with the key. Sessions that are over are forgotten here.
    """
    cookie = secrets.token_urlsafe(_BYTES)
    ends = now + LASTS
    begun = WebSession(
        key_id=key.id,
        csrf=secrets.token_urlsafe(_BYTES),
        created_at=now,
        expires_at=min(ends, key.expires_at) if key.expires_at else ends,
    )
    session.connection().execute(delete(WEB_SESSION).where(WEB_SESSION.c.expires_at <= now))
    insert(session, WEB_SESSION, [to_row(begun, digest=_digest(cookie))])
    return cookie, begun


def find_session(
    session: Session, cookie: str, *, now: dt.datetime
) -> tuple[WebSession, AccessKey] | None:
    """The session of a cookie and its key; None when either is over."""
    found = read(
        session, WebSession, WEB_SESSION, WEB_SESSION.c.digest == _digest(cookie), order=[]
    )
    if not found or found[0].expires_at <= now:
        return None
    key = key_by_id(session, found[0].key_id)
    return (found[0], key) if key is not None and key.active(now) else None


def end_session(session: Session, cookie: str) -> None:
    """Sign a browser out."""
    session.connection().execute(delete(WEB_SESSION).where(WEB_SESSION.c.digest == _digest(cookie)))


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "surrogateescape")).hexdigest()
