"""Fills in what pages leave open: the caller's form token, who is signed in, what they may do."""

from __future__ import annotations

import hashlib
import re
from html import escape
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import Message, Scope, Send

from api.access import Caller, caller_in
from api.marks import CALLER_MARK, FOR_ALL_AGAIN, FOR_CORRECTORS, MARK

_PAGE = "text/html"
_MARK = MARK.encode()
_CALLER_MARK = str(CALLER_MARK).encode()
_BEGIN, _END = str(FOR_CORRECTORS).encode(), str(FOR_ALL_AGAIN).encode()
_FOR_CORRECTORS = re.compile(re.escape(_BEGIN) + b".*?" + re.escape(_END), re.DOTALL)
_TAG_LENGTH = 12


class FilledPages:
    """One answer on its way out: pages are held back until they are whole, all else passes.

    A page's ETag is that of what lies further in and a tag of the caller's, because the same page
    with another's token is another page; what the caller asks with loses the tag again.

    Attributes:
        scope: what to hand further in.
        send: where what lies further in answers to.
    """

    def __init__(self, scope: Scope, send: Send) -> None:
        self._caller = caller_in(scope)
        self._tag = _tag(self._caller)
        self._out = send
        self._held: Message | None = None
        self._parts: list[bytes] = []
        self.scope, self._asked_again = self._without_tag(scope)

    async def send(self, message: Message) -> None:
        """One message of the answer."""
        if message["type"] == "http.response.start":
            await self._start(message)
        elif self._held is None or message["type"] != "http.response.body":
            await self._out(message)
        else:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._finish(self._held)

    async def _start(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        is_page = headers.get("content-type", "").startswith(_PAGE)
        if is_page or (message["status"] == HTTPStatus.NOT_MODIFIED and self._asked_again):
            etag = headers.get("etag", "")
            if etag.endswith('"') and self._tag:
                headers["etag"] = f'{etag[:-1]}.{self._tag}"'
        if is_page:
            self._held = message
        else:
            await self._out(message)

    async def _finish(self, start: Message) -> None:
        filled = _fill(b"".join(self._parts), self._caller)
        headers = MutableHeaders(scope=start)
        headers["content-length"] = str(len(filled))
        self._held = None
        await self._out(start)
        await self._out({"type": "http.response.body", "body": filled, "more_body": False})

    def _without_tag(self, scope: Scope) -> tuple[Scope, bool]:
        asked = Headers(scope=scope).get("if-none-match", "")
        if not self._tag or not asked:
            return scope, False
        plain = re.sub(rf'\.{re.escape(self._tag)}"', '"', asked)
        if plain == asked:
            return scope, False
        # The same scope: layers further out read what is put into it further in.
        headers = [pair for pair in scope["headers"] if pair[0] != b"if-none-match"]
        scope["headers"] = [*headers, (b"if-none-match", plain.encode("latin-1"))]
        return scope, True


def filled_page(answer: Response, caller: Caller) -> Response:
    """An answer of a layer further out, with what is the caller's own if it is a page."""
    if answer.headers.get("content-type", "").startswith(_PAGE):
        answer.body = _fill(bytes(answer.body), caller)
        answer.headers["content-length"] = str(len(answer.body))
    return answer


def _fill(body: bytes, caller: Caller) -> bytes:
    if caller.may("correct"):
        body = body.replace(_BEGIN, b"").replace(_END, b"")
    else:
        body = _FOR_CORRECTORS.sub(b"", body)
    filled = body.replace(_MARK, caller.csrf.encode())
    return filled.replace(_CALLER_MARK, _signed_in(caller))


def _tag(caller: Caller) -> str:
    """Stands for what is filled in for this caller, and tells nothing of it."""
    if not caller.csrf:
        return ""
    known = f"{caller.csrf} {caller.key_id} {caller.name} {caller.may('correct')}"
    return hashlib.sha256(known.encode()).hexdigest()[:_TAG_LENGTH]


def _signed_in(caller: Caller) -> bytes:
    """Who is signed in, with a button to sign out; nothing for who brought no session."""
    if not caller.key_id or not caller.csrf:
        return b""
    return (
        '<form class="signed-in" method="post" action="/sign-out">'
        f'<input type="hidden" name="csrf" value="{escape(caller.csrf)}">'
        f"<span><bdi>{escape(caller.name)}</bdi></span>"
        '<button type="submit">Sign out</button></form>'
    ).encode()
