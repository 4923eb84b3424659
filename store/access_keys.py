"""API keys: made once and told once; only what proves them is kept.

A token is `gsk_<id>_<secret>`. The id, eight hex digits, is no secret: it finds the row and is what
people see. The secret has 256 random bits, so one SHA-256 of the token is as strong as a slow hash
of it would be: there is nothing to guess that a dictionary could hold.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal, get_args

from sqlalchemy import delete, func, or_, select, update

from store.database import Session
from store.rows import insert, read, to_row
from store.tables import ACCESS_KEY, WEB_SESSION

AccessScope = Literal["read", "correct", "ingest", "admin"]
SCOPES: tuple[AccessScope, ...] = get_args(AccessScope)

LONGEST_NAME = 100
_SECRET_BYTES = 32
_ID_BYTES = 4
_TOKEN = re.compile(r"gsk_([0-9a-f]{8})_[A-Za-z0-9_-]{43}")
# Compared with when there is no such key, so that its absence takes no less time.
_NO_DIGEST = "0" * 64
_LAST_USE_EVERY = dt.timedelta(minutes=1)


class AccessKeyError(ValueError):
    """A key that cannot be made or is not there; the message says what to do."""


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key as people see it. `expires_at`: from that moment on it is refused; None is never."""

    id: str
    name: str
    scopes: tuple[AccessScope, ...]
    created_at: dt.datetime
    expires_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    last_used_at: dt.datetime | None = None

    def active(self, now: dt.datetime) -> bool:
        """Whether it opens anything at this moment."""
        return self.state(now) == "active"

    def state(self, now: dt.datetime) -> Literal["active", "expired", "revoked"]:
        """What the key is at this moment; one that was revoked stays so whatever its expiry."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"


def create_key(
    session: Session,
    name: str,
    *,
    scopes: Collection[str],
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
) -> tuple[AccessKey, str]:
    """Make a key; the second of the pair is its token, which is not to be had again.

    Raises:
        AccessKeyError: no name or one that would not fit a line, no scope or an unknown one, an
            expiry that is past.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise AccessKeyError(
            f"a key's name is a line of 1 to {LONGEST_NAME} characters that says who uses it"
        )
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        wrong = f"{', '.join(map(repr, unknown))}: no such scope" if unknown else "no scope given"
        raise AccessKeyError(f"{wrong}; a key may have {', '.join(SCOPES)}")
    if expires_at is not None and expires_at <= now:
        raise AccessKeyError(f"the key would have expired at {expires_at.isoformat()} already")
    key = AccessKey(
        id=_free_id(session),
        name=name,
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        created_at=now,
        expires_at=expires_at,
    )
    token = f"gsk_{key.id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    insert(session, ACCESS_KEY, [to_row(key, digest=_digest(token))])
    return key, token


def list_keys(session: Session) -> list[AccessKey]:
    """All keys there ever were, the oldest first."""
    return read(
        session,
        AccessKey,
        ACCESS_KEY,
        order=[ACCESS_KEY.c.created_at, ACCESS_KEY.c.id],
    )


def key_by_id(session: Session, key_id: str) -> AccessKey | None:
    """The key with this id, whatever its state."""
    found = read(session, AccessKey, ACCESS_KEY, ACCESS_KEY.c.id == key_id, order=[])
    return found[0] if found else None


def find_key(session: Session, token: str, *, now: dt.datetime) -> AccessKey | None:
    """The key a token proves; None when it proves none, or none that is active."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    wanted = select(ACCESS_KEY.c.digest).where(ACCESS_KEY.c.id == match[1])
    kept = session.connection().execute(wanted).scalar_one_or_none()
    proved = secrets.compare_digest(_digest(token), kept or _NO_DIGEST)
    key = key_by_id(session, match[1]) if proved else None
    return key if key is not None and key.active(now) else None


def revoke_key(session: Session, key_id: str, *, now: dt.datetime) -> AccessKey:
    """Refuse a key from now on, and with it every browser that signed in with it.

    Raises:
        AccessKeyError: there is no such key.
    """
    key = key_by_id(session, key_id)
    if key is None:
        raise AccessKeyError(f"there is no key {key_id!r}; ids are in: groundswell keys list")
    connection = session.connection()
    connection.execute(delete(WEB_SESSION).where(WEB_SESSION.c.key_id == key_id))
    if key.revoked_at is not None:
        return key
    connection.execute(update(ACCESS_KEY).where(ACCESS_KEY.c.id == key_id).values(revoked_at=now))
    return replace(key, revoked_at=now)


def touch_key(session: Session, key_id: str, *, now: dt.datetime) -> bool:
    """Note that a key was used; False when that was noted within the last minute."""
    used = ACCESS_KEY.c.last_used_at
    done = session.connection().execute(
        update(ACCESS_KEY)
        .where(ACCESS_KEY.c.id == key_id, or_(used.is_(None), used <= now - _LAST_USE_EVERY))
        .values(last_used_at=now)
    )
    return done.rowcount > 0


def touch_is_due(key: AccessKey, now: dt.datetime) -> bool:
    """Whether `touch_key` would note this use."""
    return key.last_used_at is None or key.last_used_at <= now - _LAST_USE_EVERY


def guarded(session: Session) -> bool:
    """Whether a key is asked for: there is one that was not revoked.

    One that has expired still counts. Otherwise a server would open itself at the moment when its
    last key runs out, to everybody who reaches it over a proxy on its own machine.
    """
    wanted = select(func.count()).where(ACCESS_KEY.c.revoked_at.is_(None))
    return bool(session.connection().execute(wanted).scalar_one())


def _free_id(session: Session) -> str:
    while True:
        key_id = secrets.token_hex(_ID_BYTES)
        if key_by_id(session, key_id) is None:
            return key_id


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("ascii")).hexdigest()
