"""Each request has an id, a line in the log and a place in the metrics: plain ASGI.

Nothing that came from a caller is logged but the id, and that only if it is sane: the line names
the route's template instead of the path, and no query, token, address or text.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, TextIO

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import caller_in
from api.metrics import RequestMetrics

LogStyle = Literal["json", "text", "off"]
REQUEST_ID = "x-request-id"
NO_ROUTE = "(none)"
ACCESS_LOG = logging.getLogger("groundswell.access")

# Of any tool's making: UUIDs, ULIDs, trace ids; nothing that could break a line or a header.
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class RequestLine:
    """What is logged of a request. `route`: its template. `key`: id of the key it was made with.

    `ms`: milliseconds until the answer was sent whole.
    """

    time: str
    request_id: str
    method: str
    route: str
    status: int
    ms: float
    key: str

    def text(self) -> str:
        """For people who watch a terminal."""
        key = f" key={self.key}" if self.key else ""
        return (
            f"{self.time} {self.status} {self.method} {self.route} {self.ms:.1f} ms"
            f"{key} id={self.request_id}"
        )

    def json(self) -> str:
        """For programs: one object."""
        return json.dumps({**asdict(self), "ms": round(self.ms, 3)}, ensure_ascii=True)


class Telemetry:
    """Gives a request its id, and notes how it went.

    Args:
        routes: where answers that were kept find their template; the others bring it themselves.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        routes: Sequence[BaseRoute],
        metrics: RequestMetrics,
        style: LogStyle,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.app = app
        self.routes = [route for route in routes if isinstance(route, Route)]
        self.metrics = metrics
        self.style = style
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get(REQUEST_ID, ""))
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500  # also when what is further in raises: the error's handler is outside of this

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        started = self.clock()
        self.metrics.in_flight.inc()
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            self.metrics.in_flight.dec()
            seconds = self.clock() - started
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            route = self._template(scope)
            self.metrics.observe(method, route, status, seconds)
            if self.style != "off":
                line = RequestLine(
                    time=dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
                    request_id=request_id,
                    method=method,
                    route=route,
                    status=status,
                    ms=seconds * 1000,
                    key=caller_in(scope).key_id,
                )
                ACCESS_LOG.info(line.json() if self.style == "json" else line.text())

    def _template(self, scope: Scope) -> str:
        """The route's template: there are as many as routes, whatever callers make up."""
        route = scope.get("route")
        if isinstance(route, Route):
            return route.path
        path = scope["path"]
        return next((route.path for route in self.routes if route.path_regex.match(path)), NO_ROUTE)


def start_log(style: LogStyle, stream: TextIO | None = None) -> None:
    """Send the access log to standard error, and nowhere else; again changes nothing."""
    if style == "off":
        return
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    ACCESS_LOG.handlers[:] = [handler]
    ACCESS_LOG.setLevel(logging.INFO)
    ACCESS_LOG.propagate = False


def _request_id(given: str) -> str:
    return given if _SANE.fullmatch(given) else uuid.uuid4().hex
