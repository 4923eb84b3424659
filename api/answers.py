"""Answers that are kept as long as they hold, with ETags: plain ASGI, next to the app itself.

What was answered at one revision of the store is answered again at the same revision, byte for
byte, without being made again. Pages are kept as they are drawn, with marks where each caller's own
is filled in further out (`api.marks`).

An answer of `/v1` has a strong ETag, the digest of its bytes; who brings it back gets 304 and no
body. A week that stays as it was published keeps its tag, whatever else changes.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import caller_in
from store.database import Engine
from store.revision import current_revision

# Addresses whose answers depend on more than the store's revision: on what is being counted right
# now, on bookkeeping that is no change of an answer (last uses, deliveries), on the clock.
_NEVER = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/static/",
    "/sign-in",
    "/sign-out",
    "/health",
    "/v1/health",
    "/v1/keys",
    "/v1/deliveries",
    "/v1/exports",
    "/exports",
    "/openapi.json",
)
_FORM = "/correct"  # forms that note when they were opened
_API = "/v1/"
Name = tuple[str, str, str, str, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of status 200. `headers` as they came from the app, with the ETag."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers) + 500


class Answers:
    """Answers by name, bounded by their bytes: the one asked for longest ago goes first.

    Args:
        most: bytes of all answers together.
        largest: bytes of a single one; a larger one would drive out a hundred others.
    """

    def __init__(self, *, most: int = 64 * 2**20, largest: int = 2**20) -> None:
        self.most = most
        self.largest = largest
        self.size = 0
        self._kept: OrderedDict[Name, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, name: Name) -> Answer | None:
        """The answer of that name, if it is there."""
        with self._lock:
            found = self._kept.get(name)
            if found is not None:
                self._kept.move_to_end(name)
            return found

    def keep(self, name: Name, answer: Answer) -> None:
        """Keep an answer, unless it is too large."""
        if answer.size > self.largest:
            return
        with self._lock:
            before = self._kept.pop(name, None)
            self.size += answer.size - (before.size if before else 0)
            self._kept[name] = answer
            while self.size > self.most:
                _, gone = self._kept.popitem(last=False)
                self.size -= gone.size


class KeptAnswers:
    """Answers GETs from `Answers` where it can; adds ETags to `/v1` and answers 304."""

    def __init__(self, app: ASGIApp, *, engine: Engine, answers: Answers | None = None) -> None:
        self.app = app
        self.engine = engine
        self.answers = answers if answers is not None else Answers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not may_keep(scope["path"]):
            await self.app(scope, receive, send)
            return
        name = name_of(scope, await run_in_threadpool(current_revision, self.engine))
        found = self.answers.get(name)
        if found is None:
            making = _Making(send, tagged=scope["path"].startswith(_API))
            await self.app(scope, receive, making.send)
            found = making.answer
            if found is None:  # it went out as it came
                return
            self.answers.keep(name, found)
        await _send(found, Headers(scope=scope).get("if-none-match", ""), send)


def may_keep(path: str) -> bool:
    """Whether an address's answers follow from the store alone."""
    return not path.endswith(_FORM) and not any(
        path == name or path.startswith(f"{name.rstrip('/')}/") for name in _NEVER
    )


def name_of(scope: Scope, number: int) -> Name:
    """What tells an answer from all others: who asks for what, and at which revision.

    The order of a query's parts makes no other question.
    """
    query = "&".join(sorted(scope.get("query_string", b"").decode("latin-1").split("&")))
    accept = Headers(scope=scope).get("accept", "")
    return (scope["path"], query, accept, caller_in(scope).key_id, number)


def matches(asked: str, etag: str) -> bool:
    """Whether an If-None-Match names this ETag, be it weak or strong (RFC 9110, 13.1.2)."""
    if not asked or not etag:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in asked.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags


class _Making:
    """An answer on its way out: held back until it is whole if it may be kept.

    What is streamed (no content-length), is not a 200, sets a cookie or asks not to be stored goes
    out as it comes.
    """

    def __init__(self, send: Send, *, tagged: bool) -> None:
        self.answer: Answer | None = None
        self._out = send
        self._tagged = tagged
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def send(self, message: Message) -> None:
        """One message of the answer."""
        if message["type"] == "http.response.start" and _whole(message):
            self._start = message
        elif self._start is None or message["type"] != "http.response.body":
            await self._out(message)
        else:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                self.answer = self._finished(self._start)

    def _finished(self, start: Message) -> Answer:
        body = b"".join(self._parts)
        headers = MutableHeaders(scope={"headers": list(start["headers"])})
        if self._tagged:
            headers.setdefault("etag", f'"{hashlib.sha256(body).hexdigest()[:32]}"')
            # Customers' words: nobody in between keeps them, and who does asks whether they hold.
            headers.setdefault("cache-control", "private, no-cache")
        headers.add_vary_header("Accept")
        headers.add_vary_header("Authorization")
        headers.add_vary_header("Cookie")
        return Answer(tuple(headers.raw), body)


def _whole(start: Message) -> bool:
    headers = Headers(raw=list(start["headers"]))
    return (
        start["status"] == 200
        and "content-length" in headers
        and "set-cookie" not in headers
        and "no-store" not in headers.get("cache-control", "")
    )


async def _send(answer: Answer, asked: str, send: Send) -> None:
    headers = Headers(raw=list(answer.headers))
    if matches(asked, headers.get("etag", "")):
        told = [
            (name, value)
            for name, value in answer.headers
            if name not in {b"content-length", b"content-type"}
        ]
        await send({"type": "http.response.start", "status": 304, "headers": told})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    await send({"type": "http.response.start", "status": 200, "headers": list(answer.headers)})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
