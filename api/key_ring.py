"""Whose key or cookie it is: asked of the store, and remembered for half a second.

So a server under load reads the keys twice a second instead of with each request, and a key that
is revoked opens nothing half a second later.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from api.access import Caller
from store.access_keys import AccessKey, find_key, guarded, touch_is_due, touch_key
from store.database import Engine, read_scope, session_scope
from store.web_sessions import find_session

REMEMBERED_SECONDS = 0.5
_MOST_REMEMBERED = 1024  # callers within half a second
_LOG = logging.getLogger("groundswell.api")

Proof = Literal["key", "session"]


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    until: float


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class KeyRing:
    """Finds callers by what they bring. Safe to use from several threads.

    Args:
        clock: seconds that never go back, for what is remembered.
        now: the moment against which keys and sessions expire.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], dt.datetime] = _now,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._callers: OrderedDict[tuple[Proof, bytes], _Remembered] = OrderedDict()
        self._guarded: tuple[bool, float] = (True, float("-inf"))
        # A weekly run may hold the database for seconds; no request waits for a note of last use.
        self._notes = ThreadPoolExecutor(max_workers=1, thread_name_prefix="last-use")
        self._noting: set[str] = set()

    def close(self) -> None:
        """Ends once last uses under way are noted."""
        self._notes.shutdown()

    def forget(self) -> None:
        """Ask the store again from now on."""
        with self._lock:
            self._callers.clear()
            self._guarded = (True, float("-inf"))

    def remembered_guard(self) -> bool | None:
        """`guarded()` if it is known without asking the store."""
        known, until = self._guarded
        return known if self._clock() < until else None

    def guarded(self) -> bool:
        """Whether a key is asked for: `store.access_keys.guarded`."""
        known = self.remembered_guard()
        if known is None:
            with read_scope(self._engine) as session:
                known = guarded(session)
            self._guarded = (known, self._clock() + REMEMBERED_SECONDS)
        return known

    def remembered(self, proof: Proof, secret: str) -> Caller | None:
        """The caller if it is known without asking the store."""
        with self._lock:
            found = self._callers.get((proof, _digest(secret)))
        return found.caller if found is not None and self._clock() < found.until else None

    def find(self, proof: Proof, secret: str) -> Caller | None:
        """Whoever brings this token or cookie; None when it opens nothing."""
        known = self.remembered(proof, secret)
        if known is not None:
            return known
        now = self._now()
        with read_scope(self._engine) as session:
            if proof == "key":
                key, csrf = find_key(session, secret, now=now), ""
            else:
                found = find_session(session, secret, now=now)
                key, csrf = (found[1], found[0].csrf) if found else (None, "")
        if key is None:
            return None
        caller = Caller(key.name, key.id, frozenset(key.scopes), csrf)
        self._remember((proof, _digest(secret)), caller)
        if touch_is_due(key, now):
            self._note_use(key, now)
        return caller

    def _remember(self, known_by: tuple[Proof, bytes], caller: Caller) -> None:
        with self._lock:
            self._callers[known_by] = _Remembered(caller, self._clock() + REMEMBERED_SECONDS)
            self._callers.move_to_end(known_by)
            while len(self._callers) > _MOST_REMEMBERED:
                self._callers.popitem(last=False)

    def _note_use(self, key: AccessKey, now: dt.datetime) -> None:
        with self._lock:
            if key.id in self._noting:
                return
            self._noting.add(key.id)

        def note() -> None:
            with session_scope(self._engine, changes_answers=False) as session:
                touch_key(session, key.id, now=now)

        def done(future: Future[None]) -> None:
            with self._lock:
                self._noting.discard(key.id)
            if error := future.exception():
                _LOG.warning("the last use of key %s was not noted: %s", key.id, error)

        self._notes.submit(note).add_done_callback(done)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
