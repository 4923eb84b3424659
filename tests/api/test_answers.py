"""Kept answers are the answers; a 304 says only what is so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from api.access import Caller
from api.answers import Answer, Answers, KeptAnswers, matches, may_keep, name_of
from api.app import create_app
from nlp.weeks import shift
from store.database import Engine, migrate, open_database, session_scope
from store.events import upsert_events
from store.feedback import load_feedback, upsert_feedback
from store.revision import current_revision
from store.snapshots import (
    load_causes,
    load_friction,
    load_owners,
    load_report,
    load_root_causes,
    load_stages,
    load_trends,
    save_snapshot,
)
from tests.api.conftest import LAST, LOGIN, settings_at
from tests.api.keys import bearer, file_url, forget, make_key

URLS = (
    "/",
    "/themes",
    f"/themes/{LOGIN}",
    "/causes",
    "/owners",
    "/corrections",
    "/v1/friction-points",
    "/v1/friction-points?segment.plan=Pro",
    "/v1/themes",
    f"/v1/themes/{LOGIN}/statements?limit=5",
    "/v1/root-causes",
    "/v1/owners",
    "/v1/events",
    "/v1/corrections",
    "/v1/reports/latest",
    f"/v1/reports/{shift(LAST, -1)}",
)


@pytest.fixture
def served(late_home: Path) -> Iterator[TestClient]:
    with TestClient(create_app(settings_at(late_home))) as found:
        yield found


@pytest.fixture
def engine(late_home: Path) -> Iterator[Engine]:
    found = open_database(settings_at(late_home).database_url)
    yield found
    found.dispose()


def _post_feedback(client: TestClient, engine: Engine) -> None:
    row = {"id": "n1", "text": "Signed out again", "created_at": "2026-11-17T09:00:00Z"}
    body = {"kind": "ticket", "source": "desk", "items": [row]}
    assert client.post("/v1/feedback", json=body).status_code == 200


def _late_feedback(client: TestClient, engine: Engine) -> None:
    with session_scope(engine) as session:
        late = replace(load_feedback(session)[0], id="late", week=LAST)
        upsert_feedback(session, [replace(late, attributes=(("plan", "Pro"),))])


def _event(client: TestClient, engine: Engine) -> None:
    item = {"day": "2026-11-16", "kind": "release", "name": "4.3"}
    assert client.post("/v1/events", json={"items": [item]}).status_code == 200


def _decision(client: TestClient, engine: Engine) -> None:
    wish = {"kind": "rename", "theme_id": LOGIN, "label": "Thrown out", "why": "ours"}
    answer = client.post("/v1/corrections", json=wish)
    assert answer.status_code in {200, 201}, answer.text


def _publish(client: TestClient, engine: Engine) -> None:
    """The last week once more, with the backlog turned over."""
    with session_scope(engine) as session:
        points = [point for _, point in load_friction(session, week=LAST)]
        turned = [replace(one, rank=3 - one.rank if one.rank else None) for one in points]
        save_snapshot(
            session,
            LAST,
            trends=load_trends(session, week=LAST),
            causes=[one for _, one in load_causes(session, week=LAST)],
            root_causes=[one for _, one in load_root_causes(session, week=LAST)],
            friction=turned,
            owners=load_owners(session, LAST),
            stages=load_stages(session, LAST),
            report_json=(load_report(session, LAST) or "").replace("Signed out", "Thrown out"),
        )


@pytest.mark.parametrize("write", [_post_feedback, _late_feedback, _event, _decision, _publish])
def test_answers_are_those_of_a_new_server_after_every_kind_of_write(
    served: TestClient,
    engine: Engine,
    late_home: Path,
    *,
    write: Callable[[TestClient, Engine], None],
) -> None:
    for url in URLS:
        assert served.get(url).status_code == 200, url
    write(served, engine)
    with TestClient(create_app(settings_at(late_home))) as new:
        for url in URLS:
            kept, made = served.get(url), new.get(url)
            again = served.get(url)
            assert kept.status_code == 200, url
            assert again.content == kept.content, url
            assert again.headers.get("etag") == kept.headers.get("etag"), url
            if url.startswith("/v1/"):
                assert kept.content == made.content, url
                assert kept.headers["etag"] == made.headers["etag"], url
            else:  # forms bring a token that each process makes anew
                assert _without_tokens(kept.text) == _without_tokens(made.text), url


def _without_tokens(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if 'name="csrf"' not in line)


def test_a_write_changes_what_is_answered(served: TestClient, engine: Engine) -> None:
    before = served.get("/v1/friction-points").json()["items"]
    _publish(served, engine)
    after = served.get("/v1/friction-points").json()["items"]
    assert [one["theme_id"] for one in before[:2]] == [one["theme_id"] for one in after[1::-1]]


def test_who_brings_the_tag_gets_304_without_a_body(served: TestClient) -> None:
    first = served.get("/v1/reports/latest")
    assert first.headers["etag"].startswith('"')
    assert first.headers["cache-control"] == "private, no-cache"
    for asked in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = served.get("/v1/reports/latest", headers={"if-none-match": asked})
        assert again.status_code == 304
        assert again.content == b""
        for name in ("etag", "cache-control", "vary"):
            assert again.headers[name] == first.headers[name]
        assert "content-type" not in again.headers
    other = served.get("/v1/reports/latest", headers={"if-none-match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_a_published_week_keeps_its_tag_when_something_else_changes(
    served: TestClient, engine: Engine
) -> None:
    url = f"/v1/reports/{shift(LAST, -1)}"
    tag = served.get(url).headers["etag"]
    before = current_revision(engine)
    _event(served, engine)
    assert current_revision(engine) > before
    assert served.get(url, headers={"if-none-match": tag}).status_code == 304


def test_a_changed_answer_is_no_304(served: TestClient, engine: Engine) -> None:
    tag = served.get("/v1/reports/latest").headers["etag"]
    _publish(served, engine)
    changed = served.get("/v1/reports/latest", headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    assert "Thrown out" in changed.text


def test_what_was_kept_for_local_people_is_not_for_strangers(late_home: Path) -> None:
    app = create_app(settings_at(late_home))
    with TestClient(app) as client:
        kept = client.get("/v1/themes")
        assert kept.status_code == 200
        _, token = make_key(file_url(late_home), "read")
        forget(app)
        refused = client.get("/v1/themes", headers={"if-none-match": kept.headers["etag"]})
        assert refused.status_code == 401
        assert client.get("/v1/themes", headers=bearer(token)).content == kept.content


def test_errors_have_no_tag_and_are_made_anew(served: TestClient) -> None:
    for _ in range(2):
        answer = served.get("/v1/themes?nonsense=1", headers={"if-none-match": "*"})
        assert answer.status_code == 422
        assert "etag" not in answer.headers


def _app(engine: Engine, answers: Answers, made: list[str]) -> KeptAnswers:
    app = FastAPI()

    @app.get("/v1/plain")
    def plain() -> PlainTextResponse:
        made.append("plain")
        return PlainTextResponse("x" * 1000)

    @app.get("/v1/streamed")
    def streamed() -> StreamingResponse:
        made.append("streamed")
        return StreamingResponse(iter(["a", "b"]))

    @app.get("/v1/cookie")
    def cookie() -> Response:
        made.append("cookie")
        return Response("c", headers={"set-cookie": "a=b"})

    @app.get("/v1/secret")
    def secret() -> Response:
        made.append("secret")
        return Response("s", headers={"cache-control": "no-store"})

    @app.get("/healthz")
    def healthz() -> Response:
        made.append("healthz")
        return Response("ok")

    return KeptAnswers(app, engine=engine, answers=answers)


@pytest.fixture
def blank(tmp_path: Path) -> Iterator[Engine]:
    found = open_database(f"sqlite:///{tmp_path / 'blank.sqlite'}")
    migrate(found)
    yield found
    found.dispose()


@pytest.mark.parametrize(
    ("path", "times"),
    [
        ("/v1/plain", 1),
        ("/v1/streamed", 2),
        ("/v1/cookie", 2),
        ("/v1/secret", 2),
        ("/healthz", 2),
    ],
)
def test_what_is_kept_is_made_once(blank: Engine, path: str, times: int) -> None:
    made: list[str] = []
    with TestClient(_app(blank, Answers(), made)) as client:
        first, second = client.get(path), client.get(path)
    assert first.content == second.content
    assert len(made) == times


def test_what_was_kept_for_one_caller_is_not_for_another() -> None:
    def asked_by(key_id: str) -> object:
        state = {"caller": Caller("Ana", key_id, frozenset({"read"}))}
        return name_of({"path": "/", "query_string": b"", "headers": [], "state": state}, 1)

    assert asked_by("aaaa") == asked_by("aaaa")
    assert asked_by("aaaa") != asked_by("bbbb")
    assert asked_by("aaaa") != asked_by("")


def test_the_order_of_a_query_makes_no_other_question() -> None:
    def named(query: bytes, accept: bytes = b"*/*") -> tuple[object, ...]:
        headers = [(b"accept", accept)]
        return name_of({"type": "http", "path": "/", "query_string": query, "headers": headers}, 1)

    assert named(b"a=1&b=2") == named(b"b=2&a=1")
    assert named(b"a=1") != named(b"a=2")
    assert named(b"a=1") != named(b"a=1", b"text/html")


@given(sizes=st.lists(st.integers(0, 3000), max_size=40), most=st.integers(600, 9000))
def test_kept_answers_never_take_more_bytes_than_allowed(sizes: list[int], most: int) -> None:
    answers = Answers(most=most, largest=2500)
    for at, size in enumerate(sizes):
        name = (f"/{at % 7}", "", "", "", 1)
        answer = Answer((), b"x" * size)
        answers.keep(name, answer)
        assert answers.size <= most
        assert answers.size == sum(one.size for one in answers._kept.values())
        found = answers.get(name)
        if found is not None and answer.size <= answers.largest:
            assert found is answer


def test_the_answer_asked_for_longest_ago_goes_first() -> None:
    answers = Answers(most=3 * 600, largest=600)
    names = [(f"/{at}", "", "", "", 1) for at in range(4)]
    for name in names[:3]:
        answers.keep(name, Answer((), b"x" * 100))
    assert answers.get(names[0]) is not None
    answers.keep(names[3], Answer((), b"x" * 100))
    assert [answers.get(name) is not None for name in names] == [True, False, True, True]


def test_several_threads_get_one_answer(blank: Engine) -> None:
    made: list[str] = []
    bodies: list[bytes] = []
    with TestClient(_app(blank, Answers(most=2000), made)) as client:

        def ask() -> None:
            bodies.extend(client.get("/v1/plain").content for _ in range(20))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert bodies == [b"x" * 1000] * 80
    assert 1 <= len(made) <= 4


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/", True),
        ("/v1/themes", True),
        ("/healthz", False),
        ("/health", False),
        ("/healthy", True),
        ("/static/pages.css", False),
        ("/v1/exports/themes.csv", False),
        ("/themes/T-1/correct", False),
        ("/metrics", False),
    ],
)
def test_addresses_that_follow_from_the_store(path: str, kept: bool) -> None:
    assert may_keep(path) is kept


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", False),
        ('"a"', True),
        ('W/"a"', True),
        ('"b" , "a"', True),
        ('"b"', False),
        ("*", True),
        ("a", False),
    ],
)
def test_tags_compare(asked: str, found: bool) -> None:
    assert matches(asked, '"a"') is found
    assert not matches(asked, "")


def test_an_event_of_another_process_counts(served: TestClient, late_home: Path) -> None:
    from nlp.records import DatedEvent
    from nlp.weeks import monday

    assert served.get("/v1/events").json()["items"] == []
    other = open_database(settings_at(late_home).database_url)
    with session_scope(other) as session:
        upsert_events(session, [DatedEvent(monday(LAST), "release", "9")])
    other.dispose()
    assert len(served.get("/v1/events").json()["items"]) == 1
