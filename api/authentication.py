"""Who asks, and may they: plain ASGI, before anything reads the request.

A program brings a key with each request (`Authorization: Bearer TOKEN`), a browser the cookie of
its session. While there is no key, whoever sits at this machine may everything, and nobody else
anything. What a request needs is one table, `needed`; what is not in it is for administrators.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import AccessScope, Caller, local_caller, stranger
from api.filling import filled_page
from api.key_ring import KeyRing, Proof
from api.marks import new_token
from api.problems import Problem
from api.refusals import refuse, takes_page

COOKIE = "groundswell_session"
REALM = 'Bearer realm="groundswell"'

_READ = frozenset({"GET", "HEAD"})
# Answered without looking who asks.
_OPEN_PATHS = frozenset({"/healthz", "/readyz", "/favicon.ico"})
_OPEN_FOLDER = "/static/"
# Open, but with somebody who may be signed in: the way in and the way out.
_DOORS = frozenset({"/sign-in", "/sign-out"})
_INGEST = frozenset({"/v1/feedback", "/v1/events"})
_DELIVERIES = "/v1/deliveries"  # it names people's addresses
_CORRECT = "/v1/corrections"
# The pages with forms; whatever they post is a correction.
_FORMS = ("/themes/", "/causes/", "/statements/", "/owners/", "/corrections/")
_FORM = "/correct"  # nobody fills one in to be told afterwards that it may not be sent
# What a proxy adds: the request is somebody else's then, wherever the proxy itself runs.
_FORWARDED = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nobody is let in: how the answer's WWW-Authenticate goes on, and for people."""

    challenge: str
    detail: str


_NO_KEYS = Refusal(
    "",
    "this server has no keys yet and answers its own machine only; make one there with: "
    "groundswell keys create NAME",
)
_NOTHING = Refusal(
    "", "send a key as Authorization: Bearer TOKEN; groundswell keys create makes one"
)
_BAD_KEY = Refusal(
    ', error="invalid_token"',
    "the key is unknown, expired or revoked; groundswell keys list shows which there are",
)
_NOT_BEARER = Refusal(', error="invalid_request"', "keys come as Authorization: Bearer TOKEN")


def needed(method: str, path: str) -> AccessScope | None:
    """What a request needs; None is nothing. Whatever is not listed is for administrators."""
    if path in _OPEN_PATHS or path in _DOORS or path.startswith(_OPEN_FOLDER):
        return None
    if method in _READ:
        return _to_read(path)
    if method == "POST" and path in _INGEST:
        return "ingest"
    if path == _CORRECT or path.startswith(f"{_CORRECT}/"):
        return "correct"
    if method == "POST" and (path == "/corrections" or path.startswith(_FORMS)):
        return "correct"
    return "admin"


def _to_read(path: str) -> AccessScope:
    if path == _DELIVERIES:
        return "admin"
    return "correct" if path.startswith(_FORMS) and path.endswith(_FORM) else "read"


def is_local(scope: Scope) -> bool:
    """Whether a request was made at this machine, and not handed on by a proxy on it."""
    headers = Headers(scope=scope)
    if any(name in headers for name in _FORWARDED):
        return False
    client = scope.get("client")
    if not client:
        return False
    # What Starlette's test client calls itself; no connection from anywhere has such an address.
    return client[0] == "testclient" or is_loopback(client[0])


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine's own to itself; a name is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


class Authentication:
    """Sets `scope["state"]["caller"]`, or answers 401, 403 or with the way to /sign-in."""

    def __init__(self, app: ASGIApp, *, ring: KeyRing) -> None:
        self.app = app
        self.ring = ring
        # Forms have a token without a session, too; a restart makes them out of date.
        self._local = local_caller(csrf=new_token())
        self._stranger = stranger(csrf=new_token())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, scope_needed = scope["path"], needed(scope["method"], scope["path"])
        state = scope.setdefault("state", {})
        state["caller"] = self._stranger
        if scope_needed is None and path not in _DOORS:
            await self.app(scope, receive, send)
            return
        found = await self._who(scope)
        if isinstance(found, Caller):
            state["caller"] = found
            if scope_needed is not None and not found.may(scope_needed):
                out = _unkept(send) if _by_session(found) else send
                await _forbidden(scope, found, scope_needed)(scope, receive, out)
                return
        elif scope_needed is not None:
            answer = filled_page(_unauthorized(scope, found), self._stranger)
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, _unkept(send) if _by_session(state["caller"]) else send)

    async def _who(self, scope: Scope) -> Caller | Refusal:
        headers = Headers(scope=scope)
        given = headers.get("authorization")
        if given is not None:
            kind, _, token = given.partition(" ")
            if kind.lower() != "bearer":
                return _NOT_BEARER
            found = await self._find("key", token.strip())
            return found or _BAD_KEY
        cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        if cookie:
            found = await self._find("session", cookie)
            if found is not None:
                return found
        guarded = self.ring.remembered_guard()
        if guarded is None:
            guarded = await run_in_threadpool(self.ring.guarded)
        if guarded:
            return _NOTHING
        return self._local if is_local(scope) else _NO_KEYS

    async def _find(self, proof: Proof, secret: str) -> Caller | None:
        known = self.ring.remembered(proof, secret)
        if known is not None:
            return known
        return await run_in_threadpool(self.ring.find, proof, secret)


def sign_in_path(scope: Scope) -> str:
    """The sign-in page, which goes on to the page that was asked for."""
    query = scope.get("query_string", b"").decode("latin-1")
    asked = quote(scope["path"]) + (f"?{query}" if query else "")
    return f"/sign-in?next={quote(asked, safe='')}" if asked != "/" else "/sign-in"


def _by_session(caller: Caller) -> bool:
    return bool(caller.key_id and caller.csrf)


def _unauthorized(scope: Scope, why: Refusal) -> Response:
    if why is _NOTHING and scope["method"] in _READ and takes_page(scope):
        return RedirectResponse(sign_in_path(scope), 303, {"cache-control": "no-store"})
    problem = Problem(
        type="urn:groundswell:problem:not-authenticated",
        title="Not authenticated",
        status=401,
        detail=why.detail,
    )
    return refuse(scope, problem, {"www-authenticate": REALM + why.challenge})


def _forbidden(scope: Scope, caller: Caller, wanted: AccessScope) -> Response:
    has = ", ".join(sorted(caller.scopes))
    detail = f"this needs a key with the scope {wanted!r}; this one has: {has}"
    if wanted == "correct" and takes_page(scope):
        detail = (
            f"your key may not correct anything (it has: {has}); ask for one that may, made with: "
            "groundswell keys create NAME --scope read --scope correct"
        )
    problem = Problem(
        type="urn:groundswell:problem:not-allowed",
        title="Not allowed",
        status=403,
        detail=detail,
    )
    challenge = f'{REALM}, error="insufficient_scope", scope="{wanted}"'
    return filled_page(refuse(scope, problem, {"www-authenticate": challenge}), caller)


def _unkept(send: Send) -> Send:
    """What a signed-in browser is shown stays in no cache: the next person at it is another."""

    async def send_unkept(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["cache-control"] = "no-store"
        await send(message)

    return send_unkept
