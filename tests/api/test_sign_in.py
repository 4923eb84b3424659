from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.app import create_app
from api.authentication import COOKIE
from api.routes.sign_in import local_path
from api.settings import Settings
from store.access_keys import revoke_key
from store.database import open_database, session_scope
from store.web_sessions import begin_session
from tests.api.keys import forget, make_key


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), raise_server_exceptions=False) as found:
        yield found


def _token(client: TestClient) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/sign-in").text)
    assert found is not None
    return found[1]


def _sign_in(client: TestClient, key: str, following: str = "", **options: Any) -> Any:
    body = {"key": key, "next": following, "csrf": _token(client)}
    return client.post("/sign-in", data=body, follow_redirects=False, **options)


def test_who_is_not_signed_in_sees_no_menu(client: TestClient, settings: Settings) -> None:
    _, token = make_key(settings.database_url, "read", name="Ana")
    page = client.get("/sign-in").text
    assert 'id="key"' in page
    assert "<nav" not in page
    assert _sign_in(client, token).status_code == 303
    assert '<nav aria-label="Main">' in client.get("/").text


def test_a_key_signs_in_and_out(client: TestClient, settings: Settings) -> None:
    _, token = make_key(settings.database_url, "read", name="Ana Lima")
    answer = _sign_in(client, f"  {token}\n", "/themes?owner=x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/themes?owner=x")
    cookie = answer.headers["set-cookie"]
    assert token.rpartition("_")[2] not in cookie
    assert {"HttpOnly", "Path=/", "SameSite=strict", "Max-Age=43200"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    page = client.get("/")
    assert page.status_code == 200
    assert "Ana Lima" in page.text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    assert client.get("/sign-in", follow_redirects=False).headers["location"] == "/"
    kept = client.cookies[COOKIE]
    out = client.post("/sign-out", data={"csrf": csrf[1]}, follow_redirects=False)
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert 'groundswell_session=""' in out.headers["set-cookie"]
    assert COOKIE not in client.cookies
    assert client.get("/").status_code == 401
    client.cookies.set(COOKIE, kept)
    assert client.get("/").status_code == 401, "the session is over, not only its cookie gone"


def test_over_https_the_cookie_is_secure(settings: Settings) -> None:
    _, token = make_key(settings.database_url, "read")
    with TestClient(create_app(settings), base_url="https://testserver") as client:
        assert "Secure" in _sign_in(client, token).headers["set-cookie"]


def test_signing_out_needs_the_token(client: TestClient, settings: Settings) -> None:
    _, token = make_key(settings.database_url, "read")
    _sign_in(client, token)
    assert client.post("/sign-out", data={}).status_code == 403
    assert client.get("/").status_code == 200


def test_a_wrong_key_says_so_and_signs_nobody_in(client: TestClient, settings: Settings) -> None:
    key, token = make_key(settings.database_url, "read")
    engine = open_database(settings.database_url)
    with session_scope(engine, changes_answers=False) as session:
        revoke_key(session, key.id, now=dt.datetime.now(dt.UTC))
    engine.dispose()
    make_key(settings.database_url, "read")
    for wrong in (token, "", "gsk_", "x" * 5000, "\x00", "é"):
        answer = _sign_in(client, wrong, "/themes")
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        assert 'role="alert"' in answer.text
        assert 'name="next" value="/themes"' in answer.text
        assert answer.headers["cache-control"] == "no-store"
        if len(wrong) > 10:
            assert wrong not in answer.text


@pytest.mark.parametrize("scopes", [("correct",), ("ingest",), ("correct", "ingest")])
def test_a_key_that_may_not_read_is_told_what_to_make(
    client: TestClient, settings: Settings, scopes: tuple[str, ...]
) -> None:
    _, token = make_key(settings.database_url, *scopes)
    answer = _sign_in(client, token, "/themes")
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert " and ".join(sorted(scopes)) in answer.text
    assert "groundswell keys create NAME --scope read" in answer.text
    assert 'name="next" value="/themes"' in answer.text


def test_who_administers_may_read(client: TestClient, settings: Settings) -> None:
    _, token = make_key(settings.database_url, "admin")
    assert _sign_in(client, token).status_code == 303
    assert client.get("/").status_code == 200


def test_a_session_that_may_not_read_can_be_ended(client: TestClient, settings: Settings) -> None:
    """One that began before such keys were refused is not caught between two pages."""
    key, _ = make_key(settings.database_url, "correct")
    engine = open_database(settings.database_url)
    with session_scope(engine, changes_answers=False) as session:
        cookie, begun = begin_session(session, key, now=dt.datetime.now(dt.UTC))
    engine.dispose()
    client.cookies.set(COOKIE, cookie)
    assert client.get("/sign-in", follow_redirects=False).status_code == 200
    page = client.get("/", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["cache-control"]) == (403, "no-store")
    assert 'action="/sign-out"' in page.text
    out = client.post("/sign-out", data={"csrf": begun.csrf}, follow_redirects=False)
    assert out.headers["location"] == "/sign-in"


def test_every_error_page_lets_one_sign_out(
    client: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, token = make_key(settings.database_url, "read")
    _sign_in(client, token)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("api.routes.sign_in.local_path", fail)
    html = {"accept": "text/html"}
    own = re.search(r'name="csrf" value="([^"]+)"', client.get("/").text)
    assert own is not None
    for answer, status in (
        (client.get("/nothing", headers=html), 404),
        (client.get("/sign-in", headers=html), 500),
        (client.get("/themes/T-1/correct", headers=html), 403),
        (client.post("/corrections/1/undo", data={}, headers=html), 403),
        (client.post("/corrections/1/undo", data={"csrf": own[1]}, headers=html), 403),
    ):
        assert answer.status_code == status, answer.text
        assert 'action="/sign-out"' in answer.text
        assert own[1] in answer.text
        assert "<!--" not in answer.text, "no mark is left"
        assert int(answer.headers["content-length"]) == len(answer.content)


def test_signing_in_again_ends_the_session_before(client: TestClient, settings: Settings) -> None:
    _, token = make_key(settings.database_url, "read", name="Ana")
    _, other = make_key(settings.database_url, "read", name="Ben")
    _sign_in(client, token)
    before = client.cookies[COOKIE]
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/").text)
    assert csrf is not None
    body = {"key": "gsk_no", "csrf": csrf[1]}
    assert client.post("/sign-in", data=body).status_code == 401
    assert client.get("/").status_code == 200, "a wrong key ends nothing"
    body["key"] = other
    assert client.post("/sign-in", data=body, follow_redirects=False).status_code == 303
    assert client.cookies[COOKIE] != before
    assert "Ben" in client.get("/").text
    client.cookies.clear()
    client.cookies.set(COOKIE, before)
    assert client.get("/").status_code == 401


def test_signing_in_is_a_form_of_ours(client: TestClient, settings: Settings) -> None:
    _, token = make_key(settings.database_url, "read")
    assert client.post("/sign-in", data={"key": token}).status_code == 403
    elsewhere = {"origin": "https://evil.example"}
    assert _sign_in(client, token, headers=elsewhere).status_code == 403
    assert COOKIE not in client.cookies


def test_revoking_the_key_ends_what_began_with_it(client: TestClient, settings: Settings) -> None:
    key, token = make_key(settings.database_url, "read")
    make_key(settings.database_url, "read")
    _sign_in(client, token)
    assert client.get("/").status_code == 200
    engine = open_database(settings.database_url)
    with session_scope(engine, changes_answers=False) as session:
        revoke_key(session, key.id, now=dt.datetime.now(dt.UTC))
    engine.dispose()
    assert isinstance(client.app, FastAPI)
    forget(client.app)
    assert client.get("/").status_code == 401


def test_a_session_may_what_its_key_may(client: TestClient, settings: Settings) -> None:
    _, token = make_key(settings.database_url, "read")
    _sign_in(client, token)
    page = client.get("/").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    answer = client.post("/corrections", data={"csrf": csrf[1]})
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("not-allowed")


def test_a_link_from_elsewhere_is_followed_once_more(
    client: TestClient, settings: Settings
) -> None:
    """SameSite=Strict keeps the cookie back then, so that who is signed in would not seem so."""
    make_key(settings.database_url, "read")
    refresh = '<meta http-equiv="refresh" content="0">'
    assert refresh in client.get("/sign-in", headers={"sec-fetch-site": "cross-site"}).text
    for site in ("same-origin", "none"):
        assert refresh not in client.get("/sign-in", headers={"sec-fetch-site": site}).text
    assert refresh not in client.get("/sign-in").text


def test_without_keys_there_is_nothing_to_sign_in_to(client: TestClient) -> None:
    answer = client.get("/sign-in?next=/themes", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/themes")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/", "/"),
        ("/themes?owner=a%20b&x=1#top", "/themes?owner=a%20b&x=1#top"),
        ("", "/"),
        ("themes", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/a\\b", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nset-cookie: x=1", "/"),
        ("/é", "/"),
        ("/sign-in?next=/sign-in", "/"),
        ("/sign-out", "/"),
        ("/" + "a" * 1999, "/" + "a" * 1999),
        ("/" + "a" * 2000, "/"),
    ],
)
def test_only_paths_of_ours_are_gone_on_to(text: str, path: str) -> None:
    assert local_path(text) == path


@given(st.text(alphabet="/\\:.?#@ \t\r\nax", max_size=12))
def test_no_text_leads_elsewhere(text: str) -> None:
    from urllib.parse import urljoin, urlsplit

    # What a browser makes of it: no white space, slashes for backslashes.
    seen = re.sub(r"[\t\r\n]", "", local_path(text)).replace("\\", "/")
    assert urlsplit(urljoin("http://box/sign-in", seen)).netloc == "box"
