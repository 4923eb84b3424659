"""How often one caller may ask: a token bucket each, before anything is read.

A key, or a browser signed in with it, has a bucket of its own from the first request on that it
opened something with; whoever brings what is not known to open anything is counted by address. So
neither made-up keys nor many browsers buy more requests.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import caller_in
from api.authentication import COOKIE
from api.problems import Problem
from api.refusals import refuse

_WINDOW = 60.0  # seconds; limits are told as requests a minute
_PROBES = frozenset({"/healthz", "/readyz"})


@dataclass(frozen=True, slots=True)
class LimitConfig:
    """Limits. A bucket holds a minute's requests, so that a page and all it loads is no burst.

    requests: a minute, for one key or address; 0 is no limit.
    sign_ins: a minute, for one address, also where requests have no limit. A person needs one or
        two; keys cannot be guessed anyway, but the log of somebody who tries stays short.
    most_buckets: callers at a time; the one that asked longest ago is forgotten first. A bucket is
        about 200 bytes.
    """

    requests: int = 1200
    sign_ins: int = 10
    most_buckets: int = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may go on. `left`: how many more may follow at once.

    `wait`: seconds until there is one more if there is none, else until the bucket is full.
    """

    allowed: bool
    left: int
    wait: int


class Buckets:
    """Token buckets by name, each refilled evenly to `quota` a minute; bounded in number."""

    def __init__(
        self, quota: int, *, most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.quota = quota
        self._most = most
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, name: str) -> Verdict:
        """Take one request out of a bucket; a refused one costs nothing."""
        now, rate = self._clock(), self.quota / _WINDOW
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = _Bucket(float(self.quota), now)
            while len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(name)
        bucket.left = min(float(self.quota), bucket.left + (now - bucket.at) * rate)
        bucket.at = now
        if bucket.left < 1:
            return Verdict(allowed=False, left=0, wait=max(1, math.ceil((1 - bucket.left) / rate)))
        bucket.left -= 1
        full = math.ceil((self.quota - bucket.left) / rate)
        return Verdict(allowed=True, left=int(bucket.left), wait=full)


class RateLimits:
    """Answers 429 with Retry-After to who asks too often; tells everybody what is left.

    Everything happens on the event loop's thread, so nothing is locked.
    """

    def __init__(
        self, app: ASGIApp, *, config: LimitConfig, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.app = app
        most = config.most_buckets
        self.requests = Buckets(config.requests, most=most, clock=clock)
        self.sign_ins = Buckets(config.sign_ins, most=most, clock=clock)
        self._key_ids: OrderedDict[bytes, str] = OrderedDict()
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["path"] in _PROBES:
            await self.app(scope, receive, send)
            return
        signs_in = scope["method"] == "POST" and scope["path"] == "/sign-in"
        if not signs_in and not self.requests.quota:
            await self.app(scope, receive, send)
            return
        brought = _brought(scope)
        address = f"address {scope['client'][0]}" if scope.get("client") else "address"
        if signs_in:
            buckets, policy, name = self.sign_ins, "sign-ins", address
        else:
            buckets, policy, name = self.requests, "requests", address
            if brought is not None and brought in self._key_ids:
                name = f"key {self._key_ids[brought]}"
        verdict = buckets.take(name)
        told = {
            "ratelimit-policy": f'"{policy}";q={buckets.quota};w={int(_WINDOW)}',
            "ratelimit": f'"{policy}";r={verdict.left};t={verdict.wait}',
        }
        if not verdict.allowed:
            problem = Problem(
                type="urn:groundswell:problem:too-many-requests",
                title="Too many requests",
                status=429,
                detail=f"at most {buckets.quota:,} {policy} a minute; "
                f"try again in {verdict.wait} s",
            )
            answer = refuse(scope, problem, {**told, "retry-after": str(verdict.wait)})
            await answer(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
            await send(message)

        await self.app(scope, receive, send_with_headers)
        if brought is not None and (key_id := caller_in(scope).key_id):
            self._learn(brought, key_id)

    def _learn(self, brought: bytes, key_id: str) -> None:
        self._key_ids[brought] = key_id
        self._key_ids.move_to_end(brought)
        while len(self._key_ids) > self._most:
            self._key_ids.popitem(last=False)


def _brought(scope: Scope) -> bytes | None:
    """A digest of the key or cookie that a request brings, whatever it opens."""
    headers = Headers(scope=scope)
    given = headers.get("authorization") or cookie_parser(headers.get("cookie", "")).get(COOKIE)
    return hashlib.sha256(given.encode("utf-8", "surrogateescape")).digest() if given else None
