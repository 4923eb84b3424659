"""`/sign-in` and `/sign-out`: a browser's session, begun with a key."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.access import caller_of, may
from api.authentication import COOKIE
from api.key_ring import KeyRing
from api.page_contexts import SignInPage
from api.rendering import render_page
from api.sessions import TheEngine, writing
from store.access_keys import AccessKey, find_key
from store.database import read_scope
from store.web_sessions import LASTS, begin_session, end_session

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_LONGEST_NEXT = 2000
# One slash and then no other, in either spelling: two begin the name of another host.
_LOCAL_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def local_path(text: str) -> str:
    """A path on this server to go on to; `/` for whatever could lead elsewhere.

    Browsers drop tabs and line ends, and take a backslash for a slash: neither passes.
    """
    fits = len(text) <= _LONGEST_NEXT and _LOCAL_PATH.fullmatch(text)
    return text if fits and not text.startswith(("/sign-in", "/sign-out")) else "/"


@router.get("/sign-in")
def sign_in_page(request: Request, following: Annotated[str, Query(alias="next")] = "") -> Response:
    """The form; whoever is signed in, and may see what they go on to, is sent on."""
    following = local_path(following)
    if caller_of(request).may("read"):
        return RedirectResponse(following, 303, _UNKEPT)
    # A link in a mail is followed without the cookie (SameSite=Strict); the page loading itself
    # once more is a request of ours, and brings it.
    from_elsewhere = request.headers.get("sec-fetch-site") == "cross-site"
    return _page(following, reload=from_elsewhere)


@router.post("/sign-in")
def sign_in(
    request: Request,
    engine: TheEngine,
    key: Annotated[str, Form()] = "",
    following: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Begin a session, with a cookie that scripts cannot read and other sites cannot send.

    The session that the browser had ends: nobody could sign out of it any more.
    """
    following, now = local_path(following), dt.datetime.now(dt.UTC)
    with read_scope(engine) as session:
        found = find_key(session, key.strip(), now=now)
    if found is None:
        return _page(following, problem="This key is unknown, expired or revoked.", status=401)
    if not may(found.scopes, "read"):
        return _page(following, problem=_may_not_read(found), status=403)
    before = request.cookies.get(COOKIE)
    with writing(engine, changes_answers=False) as session:
        if before:
            end_session(session, before)
        cookie, begun = begin_session(session, found, now=now)
    if before:
        _forget(request)
    answer = RedirectResponse(following, 303, _UNKEPT)
    answer.set_cookie(
        COOKIE,
        cookie,
        max_age=min(int((begun.expires_at - now).total_seconds()), int(LASTS.total_seconds())),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


@router.post("/sign-out")
def sign_out(request: Request, engine: TheEngine) -> Response:
    """End the session of the browser that asks."""
    cookie = request.cookies.get(COOKIE)
    if cookie:
        with writing(engine, changes_answers=False) as session:
            end_session(session, cookie)
        _forget(request)
    answer = RedirectResponse("/sign-in", 303, _UNKEPT)
    answer.delete_cookie(
        COOKIE,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


_UNKEPT = {"cache-control": "no-store"}


def _forget(request: Request) -> None:
    ring = request.app.state.key_ring
    assert isinstance(ring, KeyRing)
    ring.forget()


def _may_not_read(key: AccessKey) -> str:
    scopes = " and ".join(key.scopes)
    return (
        f"This key is for {scopes} only and may not read, so there is no page it could show. Ask "
        "for one that may, made with: groundswell keys create NAME --scope read --scope correct"
    )


def _page(
    following: str, *, problem: str = "", reload: bool = False, status: int = 200
) -> HTMLResponse:
    page = render_page(
        "sign_in.html",
        SignInPage(section="", following=following, problem=problem, reload=reload),
        status=status,
    )
    page.headers.update(_UNKEPT)
    return page
