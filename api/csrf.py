"""Forms are taken from our own pages only: plain ASGI, between authentication and the app.

A browser sends its cookie, and reaches 127.0.0.1, whoever's page makes it ask. So whatever a
browser may have been made to send must come from one of our own pages (Sec-Fetch-Site, else
Origin), and a form must bring the token that only our pages show. Callers that bring a key with
every request cannot be made to, and are not asked (`Caller.csrf` is empty).

Pages are drawn with `MARK` for the token, which `api.filling` puts in its place on the way out.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import caller_in
from api.filling import FilledPages, filled_page
from api.marks import MARK
from api.problems import Problem, plain
from api.refusals import refuse

__all__ = ["FIELD", "HEADER", "MARK", "FormTokens", "of_ours"]

FIELD = "csrf"
HEADER = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_MOST_FIELDS = 1000


class FormTokens:
    """Checks the token of forms, and fills it in on pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        caller = caller_in(scope)
        if scope["method"] in _SAFE or not caller.csrf:
            await self._pass_on(scope, receive, send)
            return
        if not of_ours(Headers(scope=scope)):
            await _refuse(scope, receive, send, "the request was sent by a page of another site")
            return
        try:
            given, receive = await _given(scope, receive)
        except HTTPException as error:
            answer = filled_page(refuse(scope, plain(error.status_code, str(error.detail))), caller)
            await answer(scope, receive, send)
            return
        if given is None and not caller.key_id:
            # Nobody's cookie is at stake, and a page of another site was ruled out above.
            given = caller.csrf
        if not secrets.compare_digest((given or "").encode(), caller.csrf.encode()):
            detail = (
                "the form does not bring the token of this page; load the page again and repeat"
                if given is not None
                else f"a request with a session's cookie has to bring its token as {HEADER}"
            )
            await _refuse(scope, receive, send, detail)
            return
        await self._pass_on(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        pages = FilledPages(scope, send)
        await self.app(pages.scope, receive, pages.send)


def of_ours(headers: Headers) -> bool:
    """Whether a request that a browser sent was made by one of our own pages.

    Browsers that are not told to keep quiet about it say so in Sec-Fetch-Site, or at least (over
    plain HTTP) name the page's origin. What says neither is no browser of these years.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        named = urlsplit(origin).netloc
    except ValueError:  # brackets that hold no address
        return False
    return bool(named) and named.lower() == headers.get("host", "").lower()


async def _given(scope: Scope, receive: Receive) -> tuple[str | None, Receive]:
    """The token a request brings (None: it is no form and brings none), and its body to be read.

    Raises:
        HTTPException: the body is too long, or is no form although it says so.
    """
    headers = Headers(scope=scope)
    if not headers.get("content-type", "").lower().startswith(_FORMS):
        return headers.get(HEADER), receive
    body = await _whole(receive)
    if body is None:
        return "", receive
    # A scope of its own: what the request keeps there must not be found further in.
    request = Request({**scope, "state": {}}, _again(body, receive))
    form: FormData
    async with request.form(max_fields=_MOST_FIELDS) as form:
        token = form.get(FIELD)
    return token if isinstance(token, str) else "", _again(body, receive)


async def _whole(receive: Receive) -> bytes | None:
    """The body, which `BodyLimit` bounds; None when the caller has gone."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, then whatever comes after it: the caller's going."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed


async def _refuse(scope: Scope, receive: Receive, send: Send, detail: str) -> None:
    problem = Problem(
        type="urn:groundswell:problem:foreign-form", title="Foreign form", status=403, detail=detail
    )
    await filled_page(refuse(scope, problem), caller_in(scope))(scope, receive, send)
