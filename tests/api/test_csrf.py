from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from api.app import create_app
from api.authentication import COOKIE
from api.csrf import HEADER, MARK, of_ours
from api.marks import CALLER_MARK
from api.settings import Settings
from tests.api.keys import bearer, file_url, make_key

PAGE = f'<p>{MARK}</p><!-- {CALLER_MARK} --><input name="csrf" value="{MARK}">'
FORM = {"content-type": "application/x-www-form-urlencoded"}
HTML = {"accept": "text/html"}


def _app(settings: Settings) -> FastAPI:
    """The app with a page, and a form that tells what came through."""
    app = create_app(settings)

    @app.get("/made/page")
    def page(request: Request) -> Response:
        if request.headers.get("if-none-match") == 'W/"7"':
            return Response(status_code=304, headers={"etag": 'W/"7"'})
        return HTMLResponse(PAGE, headers={"etag": 'W/"7"'})

    @app.get("/made/pieces")
    def pieces() -> StreamingResponse:
        body = PAGE.encode()
        return StreamingResponse(
            (body[at : at + 1] for at in range(len(body))), media_type="text/html; charset=utf-8"
        )

    @app.get("/v1/marked")
    def marked() -> JSONResponse:
        return JSONResponse({"text": MARK}, headers={"etag": '"7"'})

    @app.post("/themes/form")
    @app.post("/v1/corrections/form")
    async def form(request: Request) -> dict[str, Any]:
        body = await request.body()
        return {"length": len(body), "body": body[:200].decode("latin-1")}

    return app


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(_app(settings), raise_server_exceptions=False) as found:
        yield found


def _token(client: TestClient, path: str = "/made/page") -> str:
    found = re.search(r'value="([^"]*)"', client.get(path).text)
    assert found is not None
    return found[1]


def _foreign(answer: Any) -> None:
    assert answer.status_code == 403, answer.text
    assert answer.json()["type"] == "urn:groundswell:problem:foreign-form"


@pytest.fixture
def signed_in(settings: Settings) -> Iterator[TestClient]:
    """A browser that is signed in with a key."""
    _, key = make_key(settings.database_url, "read", "correct", name="Ana <b>")
    with TestClient(_app(settings), raise_server_exceptions=False) as client:
        body = {"key": key, "csrf": _token(client, "/sign-in")}
        assert client.post("/sign-in", data=body, follow_redirects=False).status_code == 303
        yield client


@pytest.mark.parametrize("path", ["/made/page", "/made/pieces"])
def test_pages_get_the_caller_s_token(client: TestClient, path: str) -> None:
    answer = client.get(path)
    token = _token(client, path)
    assert len(token) == len(MARK) == 43
    assert answer.text.count(token) == 2
    assert MARK not in answer.text
    assert str(CALLER_MARK) not in answer.text
    assert int(answer.headers.get("content-length", 0)) == len(answer.content)


def test_only_pages_are_filled(client: TestClient) -> None:
    answer = client.get("/v1/marked")
    assert answer.json() == {"text": MARK}
    assert answer.headers["etag"] == '"7"'


def test_a_form_of_ours_passes_whole(client: TestClient) -> None:
    body = f"csrf={_token(client)}&note=a+%26+b"
    answer = client.post("/themes/form", content=body, headers=FORM)
    assert answer.json() == {"length": len(body), "body": body}


def test_a_multipart_form_of_ours_passes_whole(client: TestClient) -> None:
    files = {"csrf": (None, _token(client)), "note": (None, "x" * 150_000)}
    answer = client.post("/themes/form", files=files)
    assert answer.status_code == 200, answer.text
    assert answer.json()["length"] > 150_000


@pytest.mark.parametrize(
    "body",
    [
        *("", "csrf=", "csrf=x", "note=1"),
        pytest.param(f"csrf={MARK}", id="the mark"),  # another one in each process
        *("csrf=%C3%A9", "csrf[]=x", "x" * 5000),
    ],
)
def test_a_form_without_the_token_is_refused(client: TestClient, body: str) -> None:
    _foreign(client.post("/themes/form", content=body, headers=FORM))
    page = client.post("/themes/form", content=body, headers=FORM | HTML)
    assert page.status_code == 403
    assert page.headers["content-type"].startswith("text/html")


def test_a_token_as_a_file_is_none(client: TestClient) -> None:
    _foreign(client.post("/themes/form", files={"csrf": ("name", _token(client))}))


def test_a_token_of_another_process_is_refused(client: TestClient, settings: Settings) -> None:
    with TestClient(_app(settings)) as other:
        _foreign(client.post("/themes/form", data={"csrf": _token(other)}))


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"origin": "https://evil.example"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "http://testserver:81"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://[::1"},
    ],
)
@pytest.mark.parametrize("kind", ["form", "json", "text"])
def test_other_sites_are_refused_whatever_they_bring(
    client: TestClient, headers: dict[str, str], kind: str
) -> None:
    token = _token(client)
    types = {"form": FORM["content-type"], "json": "application/json", "text": "text/plain"}
    headers = headers | {"content-type": types[kind], HEADER: token}
    _foreign(client.post("/themes/form", content=f"csrf={token}", headers=headers))


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        # A proxy may have put another name into Host; the browser knows better.
        ({"sec-fetch-site": "same-origin", "origin": "https://feedback.example"}, True),
        ({"origin": "http://box:8000"}, True),
        ({"origin": "http://BOX:8000"}, True),
        ({"origin": "http://box"}, False),
        ({"origin": "box:8000"}, False),
    ],
)
def test_pages_of_ours(headers: dict[str, str], ours: bool) -> None:
    assert of_ours(Headers({"host": "box:8000"} | headers)) is ours


def test_programs_on_this_machine_need_no_token(client: TestClient) -> None:
    assert client.post("/themes/form", json={}).status_code == 200
    assert client.post("/themes/form").status_code == 200


def test_who_brings_a_key_is_not_asked(client: TestClient, settings: Settings) -> None:
    _, key = make_key(settings.database_url, "correct", "read")
    headers = bearer(key) | FORM | {"origin": "https://elsewhere.example"}
    assert client.post("/themes/form", content="note=1", headers=headers).status_code == 200
    page = client.get("/made/page", headers=bearer(key))
    assert MARK not in page.text
    assert 'value=""' in page.text


def test_a_signed_in_browser_has_a_token_of_its_own(signed_in: TestClient) -> None:
    token = _token(signed_in)
    assert signed_in.post("/themes/form", data={"csrf": token}).status_code == 200
    _foreign(signed_in.post("/themes/form", data={"csrf": "x" * 43}))
    page = signed_in.get("/made/page").text
    assert "Ana &lt;b&gt;" in page
    assert 'action="/sign-out"' in page


def test_a_cookie_alone_is_never_enough(signed_in: TestClient) -> None:
    token = _token(signed_in)
    for path in ("/themes/form", "/v1/corrections/form"):
        _foreign(signed_in.post(path, json={}))
        _foreign(signed_in.post(path))
        _foreign(signed_in.post(path, json={}, headers={HEADER: "x"}))
        assert signed_in.post(path, json={}, headers={HEADER: token}).status_code == 200


def test_a_long_form_is_refused_before_it_is_read(settings: Settings) -> None:
    with TestClient(_app(replace(settings, max_body=1000))) as client:
        token = _token(client)

        def pieces(size: int) -> Iterator[bytes]:
            yield f"csrf={token}&note=".encode()
            yield b"x" * (size - len(token) - 11)

        for size, status in ((1000, 200), (1001, 413)):
            answer = client.post("/themes/form", content=pieces(size), headers=FORM)
            assert answer.status_code == status, answer.text


def test_too_many_fields_are_refused(client: TestClient) -> None:
    token = _token(client)
    for fields, status in ((999, 200), (1000, 400)):
        body = f"csrf={token}" + "&a=1" * fields
        assert client.post("/themes/form", content=body, headers=FORM).status_code == status


def test_a_form_that_is_none_is_refused(client: TestClient) -> None:
    kind = {"content-type": "multipart/form-data"}
    assert client.post("/themes/form", content=b"nothing", headers=kind).status_code == 400


def test_a_page_s_etag_is_the_caller_s(client: TestClient, settings: Settings) -> None:
    mine = client.get("/made/page").headers["etag"]
    again = client.get("/made/page", headers={"if-none-match": f'"x", {mine}'})
    assert re.fullmatch(r'W/"7\.[0-9a-f]{12}"', mine)
    exact = client.get("/made/page", headers={"if-none-match": mine})
    assert (exact.status_code, exact.headers["etag"]) == (304, mine)
    assert again.status_code == 304
    with TestClient(_app(settings)) as other:
        theirs = other.get("/made/page", headers={"if-none-match": mine})
        assert theirs.status_code == 200, "a page with another's token is another page"
        assert theirs.headers["etag"] != mine


def test_answers_to_a_session_are_kept_nowhere(signed_in: TestClient) -> None:
    for path in ("/made/page", "/v1/events", "/nothing"):
        assert signed_in.get(path).headers["cache-control"] == "no-store"
    assert "no-store" not in signed_in.get("/static/report.css").headers.get("cache-control", "")
    assert signed_in.cookies.get(COOKIE)


def test_real_pages_are_filled(filled_home: Any) -> None:
    from tests.api.conftest import settings_at

    assert file_url(filled_home) == settings_at(filled_home).database_url
    with TestClient(create_app(settings_at(filled_home))) as client:
        for path in ("/", "/themes", "/causes", "/owners"):
            text = client.get(path).text
            assert MARK not in text
            assert str(CALLER_MARK) not in text
