"""Who asks, and may they: plain ASGI, before anything reads the request."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from api.access import local_caller
from api.marks import new_token


class Authentication:
    """Finds the caller of each request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._local = local_caller(csrf=new_token())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            scope.setdefault("state", {})["caller"] = self._local
        await self.app(scope, receive, send)
