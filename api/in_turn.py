"""No more requests are worked on at once than there are threads and connections for."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

# Python lets one request run at a time: with more, each takes that much longer, and all of them
# hold what they have begun. Some wait for the database, for arithmetic outside of Python, or for
# what is laid out anew for all. One holds a connection while it waits for a thread: with more of
# them than the pool has connections (15), threads would wait for connections that wait for threads.
AT_ONCE = 12
# What asks whether the server lives must be told so when it is busy, too.
_NEVER_WAITS = frozenset({"/healthz", "/readyz", "/metrics"})


class InTurn:
    """Lets `at_once` requests in; the others wait, the first that came goes first."""

    def __init__(self, app: ASGIApp, *, at_once: int = AT_ONCE) -> None:
        self.app = app
        self._turns = asyncio.Semaphore(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, until its answer is sent: only then is its session closed."""
        if scope["type"] != "http" or scope["path"] in _NEVER_WAITS:
            await self.app(scope, receive, send)
            return
        async with self._turns:
            await self.app(scope, receive, send)
