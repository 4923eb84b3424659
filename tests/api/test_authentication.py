from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.access import SCOPES, AccessScope, caller_of, stranger
from api.app import create_app
from api.authentication import is_local, is_loopback, needed
from api.key_ring import REMEMBERED_SECONDS, KeyRing
from api.settings import Settings
from store.access_keys import key_by_id, revoke_key
from store.database import Engine, open_database, read_scope, session_scope
from tests.api.keys import bearer, forget, make_key, other_machine

BROWSER = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def asked(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def refused(answer: Any, status: int, name: str) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith('Bearer realm="groundswell"')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["type"] == f"urn:groundswell:problem:{name}"
    return answer


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/healthz", None),
        ("GET", "/readyz", None),
        ("GET", "/static/report.css", None),
        ("GET", "/sign-in", None),
        ("POST", "/sign-in", None),
        ("POST", "/sign-out", None),
        ("GET", "/", "read"),
        ("HEAD", "/themes", "read"),
        ("GET", "/v1/themes", "read"),
        ("GET", "/metrics", "read"),
        ("GET", "/openapi.json", "read"),
        ("GET", "/static", "read"),
        ("GET", "/healthz/x", "read"),
        ("GET", "/sign-in/x", "read"),
        ("POST", "/v1/feedback", "ingest"),
        ("POST", "/v1/events", "ingest"),
        ("POST", "/v1/feedback/x", "admin"),
        ("PUT", "/v1/feedback", "admin"),
        ("POST", "/v1/corrections", "correct"),
        ("POST", "/v1/corrections/3/undo", "correct"),
        ("POST", "/v1/correctionsx", "admin"),
        ("POST", "/themes/T-1/correct", "correct"),
        ("GET", "/themes/T-1/correct", "correct"),
        ("HEAD", "/statements/desk/1#0/correct", "correct"),
        ("GET", "/corrections", "read"),
        ("GET", "/correct", "read"),
        ("POST", "/causes/R-1/correct", "correct"),
        ("POST", "/corrections", "correct"),
        ("POST", "/corrections/3/undo", "correct"),
        ("DELETE", "/themes/T-1", "admin"),
        ("POST", "/v1/themes", "admin"),
        ("OPTIONS", "/v1/themes", "admin"),
        ("POST", "/", "admin"),
        ("ANYTHING", "/", "admin"),
    ],
)
def test_what_a_request_needs(method: str, path: str, scope: AccessScope | None) -> None:
    assert needed(method, path) == scope


def test_every_operation_but_the_probes_is_refused_to_strangers(
    app: FastAPI, settings: Settings
) -> None:
    make_key(settings.database_url, "read")
    client = other_machine(app)
    seen = 0
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            answer = client.request(method, path.replace("{", "").replace("}", ""))
            if path in {"/healthz", "/readyz"}:
                assert operation["security"] == []
                assert answer.status_code == 200
            else:
                refused(answer, 401, "not-authenticated")
                scopes = operation["security"][0]["key"]
                assert scopes == [needed(method.upper(), path)]
                assert {"401", "403", "429"} <= set(operation["responses"])
                seen += 1
    assert seen > 10


def test_without_keys_this_machine_may_everything(asked: TestClient) -> None:
    assert asked.get("/v1/events").status_code == 200
    event = {"day": "2026-11-16", "kind": "release", "name": "4.2"}
    assert asked.post("/v1/events", json={"items": [event]}).status_code == 200


@pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.9", "2001:db8::1", "::ffff:10.0.0.7"])
def test_without_keys_nobody_else_may_anything(app: FastAPI, address: str) -> None:
    client = other_machine(app, address)
    assert (
        "keys create"
        in refused(client.get("/v1/events"), 401, "not-authenticated").json()["detail"]
    )
    page = client.get("/", headers=BROWSER)
    assert page.status_code == 401
    assert page.headers["content-type"].startswith("text/html")
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "Forwarded",
        "Via",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Real-IP",
    ],
)
def test_what_a_proxy_hands_on_is_not_this_machine(asked: TestClient, name: str) -> None:
    answer = asked.get("/v1/events", headers={name: "127.0.0.1"})
    refused(answer, 401, "not-authenticated")


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("128.0.0.1", False),
        ("126.255.255.255", False),
        ("::1", True),
        ("::2", False),
        ("::ffff:127.0.0.1", True),
        ("::ffff:128.0.0.1", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_loopback(address: str, local: bool) -> None:
    assert is_loopback(address) is local
    scope = {"type": "http", "headers": [], "client": (address, 1)}
    assert is_local(scope) is local


def test_who_has_no_address_is_not_local() -> None:
    assert not is_local({"type": "http", "headers": [], "client": None})
    assert not is_local({"type": "http", "headers": []})


def test_a_key_opens_its_scopes_and_no_others(app: FastAPI, settings: Settings) -> None:
    client = other_machine(app)
    asks = {
        "read": ("GET", "/v1/events"),
        "ingest": ("POST", "/v1/events"),
        "correct": ("POST", "/v1/corrections"),
        "admin": ("POST", "/v1/anything"),
    }
    assert set(asks) == set(SCOPES)
    for scope in SCOPES:
        _, token = make_key(settings.database_url, scope)
        for wanted, (method, path) in asks.items():
            answer = client.request(method, path, headers=bearer(token))
            if scope in {wanted, "admin"}:
                assert answer.status_code not in {401, 403}, (scope, wanted)
            else:
                refused(answer, 403, "not-allowed")
                assert f'scope="{wanted}"' in answer.headers["www-authenticate"]
                assert repr(wanted) in answer.json()["detail"]


def test_one_scope_short_of_all_is_not_enough(app: FastAPI, settings: Settings) -> None:
    _, token = make_key(settings.database_url, "read", "ingest")
    refused(
        other_machine(app).post("/v1/corrections", json={}, headers=bearer(token)),
        403,
        "not-allowed",
    )


def test_with_a_key_this_machine_needs_one_too(asked: TestClient, settings: Settings) -> None:
    _, token = make_key(settings.database_url, "read")
    refused(asked.get("/v1/events"), 401, "not-authenticated")
    assert asked.get("/v1/events", headers=bearer(token)).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        "Bearer",
        "Bearer ",
        "Bearer gsk_00000000_" + "A" * 43,
        "Bearer \xff\xfe",
        "Basic YTpi",
        "gsk_00000000_x",
        "",
    ],
)
@pytest.mark.parametrize("guarded", [True, False])
def test_a_wrong_key_is_refused_also_while_there_are_none(
    asked: TestClient, settings: Settings, given: str, guarded: bool
) -> None:
    if guarded:
        make_key(settings.database_url, "read")
    header = {b"authorization": given.encode("latin-1")}
    answer = refused(asked.get("/v1/events", headers=header), 401, "not-authenticated")
    assert 'error="invalid_' in answer.headers["www-authenticate"]


def test_a_key_is_refused_when_it_has_expired_and_the_server_stays_closed(
    asked: TestClient, settings: Settings
) -> None:
    ends = dt.datetime.now(dt.UTC)
    _, token = make_key(settings.database_url, "read", expires_at=ends)
    refused(asked.get("/v1/events", headers=bearer(token)), 401, "not-authenticated")
    refused(asked.get("/v1/events"), 401, "not-authenticated")


def test_a_revoked_key_is_refused_within_half_a_second(settings: Settings) -> None:
    seconds = 100.0
    key, token = make_key(settings.database_url, "read")
    engine = open_database(settings.database_url)
    ring = KeyRing(engine, clock=lambda: seconds)
    assert ring.guarded()
    found = ring.find("key", token)
    assert found is not None
    assert (found.name, found.key_id, found.csrf) == ("Ana", key.id, "")
    ring.close()
    with session_scope(engine, changes_answers=False) as session:
        revoke_key(session, key.id, now=dt.datetime.now(dt.UTC))
    seconds += REMEMBERED_SECONDS - 0.001
    assert ring.remembered("key", token) == found
    assert ring.guarded()
    seconds += 0.001
    assert ring.remembered("key", token) is None
    assert ring.find("key", token) is None
    assert not ring.guarded()
    engine.dispose()


def test_what_is_remembered_is_bounded(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.key_ring._MOST_REMEMBERED", 2)
    engine = open_database(settings.database_url)
    ring = KeyRing(engine, clock=lambda: 0.0)
    tokens = [make_key(settings.database_url, "read")[1] for _ in range(3)]
    for token in tokens:
        assert ring.find("key", token) is not None
    assert [ring.remembered("key", token) is not None for token in tokens] == [False, True, True]
    for number in range(5):
        assert ring.find("key", f"gsk_{number:08d}_" + "A" * 43) is None
    assert len(ring._callers) == 2
    ring.close()
    engine.dispose()


def _last_use(engine: Engine, key_id: str) -> dt.datetime | None:
    with read_scope(engine) as session:
        key = key_by_id(session, key_id)
    assert key is not None
    return key.last_used_at


def test_the_last_use_is_noted_without_anybody_waiting_for_it(settings: Settings) -> None:
    key, token = make_key(settings.database_url, "read")
    moment = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    engine = open_database(settings.database_url)
    writer = open_database(settings.database_url)
    ring = KeyRing(engine, now=lambda: moment)
    with session_scope(writer, changes_answers=False) as session:
        # Somebody writes, as a weekly run does for seconds.
        revoke_key(session, make_key(settings.database_url, "read")[0].id, now=moment)
        assert ring.find("key", token) is not None
        assert _last_use(engine, key.id) is None
    ring.close()
    assert _last_use(engine, key.id) == moment
    engine.dispose()
    writer.dispose()


def test_a_browser_is_sent_to_sign_in_and_programs_are_not(
    asked: TestClient, settings: Settings
) -> None:
    make_key(settings.database_url, "read")
    answer = asked.get("/themes?owner=a b&x=%26", headers=BROWSER, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fthemes%3Fowner%3Da%2520b%26x%3D%2526"
    assert answer.headers["cache-control"] == "no-store"
    refused(asked.get("/themes"), 401, "not-authenticated")
    refused(asked.get("/v1/themes", headers=BROWSER), 401, "not-authenticated")
    form = asked.post("/themes/T-1/correct", headers=BROWSER, data={"csrf": "x"})
    assert form.status_code == 401
    assert form.headers["content-type"].startswith("text/html")


def test_keys_made_and_revoked_while_the_server_runs(asked: TestClient, settings: Settings) -> None:
    app = asked.app
    assert isinstance(app, FastAPI)
    assert asked.get("/v1/events").status_code == 200
    key, token = make_key(settings.database_url, "read")
    forget(app)
    refused(asked.get("/v1/events"), 401, "not-authenticated")
    assert asked.get("/v1/events", headers=bearer(token)).status_code == 200
    engine = open_database(settings.database_url)
    with session_scope(engine, changes_answers=False) as session:
        revoke_key(session, key.id, now=dt.datetime.now(dt.UTC))
    engine.dispose()
    forget(app)
    refused(asked.get("/v1/events", headers=bearer(token)), 401, "not-authenticated")
    assert asked.get("/v1/events").status_code == 200


def test_whom_nobody_looked_at_is_a_stranger() -> None:
    from starlette.requests import Request

    assert caller_of(Request({"type": "http", "headers": []})) == stranger()
    assert not any(stranger().may(scope) for scope in SCOPES)


def test_a_socket_is_closed(app: FastAPI) -> None:
    from starlette.websockets import WebSocketDisconnect

    with (
        pytest.raises(WebSocketDisconnect),
        TestClient(app).websocket_connect("/v1/events"),
    ):
        pass
