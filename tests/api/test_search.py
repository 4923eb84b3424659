from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from api.app import create_app
from api.settings import Settings
from nlp.query_words import cut
from nlp.records import text_sha
from store.database import open_database, session_scope
from store.statements import load_statements
from store.vectors import save_vectors
from tests.api.conftest import CAUSE, settings_at

LOGIN, HOSTILE, BROAD = "T-00000000aa", "T-00000000bb", "T-00000000cc"
MODEL = "made up"


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """Texts that share words are near; "logout" means the same as "signed out"."""
    found = np.zeros((len(texts), 64), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in cut(text.replace("logout", "signed out signed out")):
            if not word.isdigit():
                found[row, int(text_sha(word)[:8], 16) % 64] += 1.0
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.maximum(length, 1e-9), dtype=np.float32)


class MadeUp:
    """An encoder that loads nothing."""

    problem = ""

    def digest(self) -> str:
        return MODEL

    def vector(self, text: str) -> NDArray[np.float32]:
        return np.asarray(encode([text])[0], dtype=np.float32)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, filled_home: Path) -> Iterator[TestClient]:
    home = tmp_path_factory.mktemp("searched")
    (home / "groundswell.sqlite").write_bytes((filled_home / "groundswell.sqlite").read_bytes())
    url = f"sqlite:///{home / 'groundswell.sqlite'}"
    engine = open_database(url)
    with session_scope(engine) as session:
        texts = sorted({item.text for item in load_statements(session)})
        save_vectors(session, MODEL, [text_sha(text) for text in texts], encode(texts))
    engine.dispose()
    settings = Settings(home=home, database_url=url, labels_dir=None)
    app = create_app(settings)
    app.state.searcher.encoder = MadeUp()
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def ask(client: TestClient, query: str) -> dict[str, object]:
    answer = client.get(f"/v1/search?{query}")
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json()
    return body


def items(client: TestClient, query: str) -> list[dict[str, object]]:
    found = ask(client, query)["items"]
    assert isinstance(found, list)
    return found


def test_meaning_finds_what_words_do_not(found: TestClient) -> None:
    first = items(found, "q=logout")[0]
    assert first["found_by"] == "meaning"
    assert first["theme_id"] == LOGIN
    assert first["words"] == 0.0
    assert isinstance(first["meaning"], float)


def test_a_rare_word_comes_first(found: TestClient) -> None:
    first = items(found, "q=signed out 57 times")[0]
    assert first["text"] == "Signed out 57 times since the update"
    assert first["found_by"] == "both"


def test_an_id_finds_its_statement(found: TestClient) -> None:
    for name in ("desk/057%230", "057"):
        first = items(found, f"q={name}")[0]
        assert (first["id"], first["found_by"], first["score"]) == ("desk/057#0", "id", 1.0)


def test_a_phrase_in_quotes_is_there_word_for_word(found: TestClient) -> None:
    assert all("57 times" in str(one["text"]) for one in items(found, 'q="57 times"'))
    nothing = ask(found, 'q="times 57"')
    assert (nothing["items"], nothing["statements"], nothing["themes"]) == ([], 0, [])


def test_counts_add_up(found: TestClient) -> None:
    body = ask(found, "q=signed out since the update&limit=3")
    themes, weeks = body["themes"], body["weeks"]
    assert isinstance(themes, list)
    assert isinstance(weeks, list)
    # Every statement stands in the narrow theme and in the broad one above it.
    assert [(one["theme_id"], one["statements"]) for one in themes] == [(LOGIN, 96), (BROAD, 96)]
    assert body["statements"] == 96
    assert sum(one["statements"] for one in weeks) == 96
    assert len(weeks) == 12


def test_copies_are_one_hit(found: TestClient) -> None:
    body = ask(found, "q=alert evil")
    hits = body["items"]
    assert isinstance(hits, list)
    assert (len(hits), hits[0]["same"], body["texts"], body["statements"]) == (1, 23, 1, 24)


def test_pages_hold_every_hit_once(found: TestClient) -> None:
    seen: list[object] = []
    cursor = ""
    while True:
        body = ask(found, f"q=signed out&limit=40{cursor}")
        hits = body["items"]
        assert isinstance(hits, list)
        seen += [one["id"] for one in hits]
        if body["next_cursor"] is None:
            break
        cursor = f"&cursor={body['next_cursor']}"
    assert len(seen) == len(set(seen)) == body["texts"]


def test_filters_narrow_hits_and_counts(found: TestClient) -> None:
    body = ask(found, f"q=signed out&kind=survey&since=2026-W46&theme={LOGIN}&segment.plan=Pro")
    hits = body["items"]
    assert isinstance(hits, list)
    assert hits
    for one in hits:
        assert (one["kind"], one["theme_id"]) == ("survey", LOGIN)
        assert one["week"] >= "2026-W46"
    assert not items(found, f"q=signed out&theme={HOSTILE}")


def test_more_like_this_leaves_the_statement_itself_out(found: TestClient) -> None:
    hits = items(found, "like=desk/057%230")
    assert hits
    assert "desk/057#0" not in [one["id"] for one in hits]
    assert hits[0]["theme_id"] == LOGIN


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422),
        ("q=a&like=b", 422),
        ("like=nobody", 404),
        ("q=a&theme=T-none", 404),
        ("q=a&kind=mail", 422),
        ("q=a&owner=x", 422),
        ("q=a&cursor=abc", 422),
        (f"q={'a' * 401}", 422),
    ],
)
def test_questions_that_make_no_sense_are_refused(
    found: TestClient, query: str, status: int
) -> None:
    assert found.get(f"/v1/search?{query}").status_code == status


def test_a_cursor_is_of_its_question(found: TestClient) -> None:
    cursor = ask(found, "q=signed out&limit=2")["next_cursor"]
    assert found.get(f"/v1/search?q=signed&cursor={cursor}").status_code == 422


def test_the_page_marks_words_and_reasons(found: TestClient) -> None:
    text = found.get("/search?q=signed+update").text
    assert '<b class="sought">Signed</b> out' in text
    assert '<mark>since the </mark><mark><b class="sought">update</b></mark>' in text
    assert 'value="signed update"' in text
    assert 'aria-label="Only in Signed out again and again"' in text


@pytest.mark.parametrize(
    "query", ["<script>alert(1)</script>", '"><b onx=1>', "{{ 7*7 }}", "\u202e"]
)
def test_hostile_questions_are_shown_as_text(found: TestClient, query: str) -> None:
    answer = found.get("/search", params={"q": query})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<b onx" not in answer.text


def test_nothing_found_says_what_to_do(found: TestClient) -> None:
    text = found.get("/search?q=xyzzy&kind=survey").text
    assert "Nothing was found with these filters" in text
    assert "“<bdi>xyzzy</bdi>”" in text
    assert "search without filters" in text


def test_without_a_question_there_is_the_form(found: TestClient) -> None:
    text = found.get("/search").text
    assert 'name="q"' in text
    assert "Nothing was found" not in text


def test_pages_of_hits_go_on(found: TestClient) -> None:
    text = found.get("/search?q=signed+out").text
    more = re.search(r'href="(\?[^"]+)#found" rel="next"', text)
    assert more is not None
    second = found.get("/search" + more[1].replace("&amp;", "&"))
    assert second.status_code == 200
    assert second.text.count("<blockquote>") == 20


def test_without_the_model_words_still_find(filled_home: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{filled_home / 'groundswell.sqlite'}"
    settings = Settings(
        home=filled_home, database_url=url, labels_dir=None, model_path=tmp_path / "gone"
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        body = ask(client, "q=signed out 57")
        assert "only words were looked for" in str(body["note"])
        assert items(client, "q=signed out 57")[0]["found_by"] == "words"
        assert "only words were looked for" in client.get("/search?q=signed").text
        like = ask(client, "like=desk/057%230")
        assert "no vector" in str(like["note"])


def test_before_the_first_run_there_is_nothing_to_search(empty: TestClient) -> None:
    assert empty.get("/v1/search?q=a").status_code == 404
    answer = empty.get("/search?q=a")
    assert answer.status_code == 200
    assert "groundswell ingest" in answer.text


def test_what_a_search_needs_is_loaded_beside_the_first_requests(filled_home: Path) -> None:
    settings = replace(settings_at(filled_home), warm=True)
    with TestClient(create_app(settings)) as client:
        thread = next(one for one in threading.enumerate() if one.name == "warm the search")
        assert client.get("/healthz").status_code == 200
        thread.join(120)
        searcher = client.app.state.searcher  # type: ignore[attr-defined]
        assert searcher._kept is not None
        assert searcher.encoder._encode is not None


def test_the_id_of_a_theme_or_a_cause_leads_to_its_page(client: TestClient) -> None:
    for name, page in ((LOGIN, f"/themes/{LOGIN}"), (CAUSE, f"/causes/{CAUSE}")):
        answer = client.get("/search", params={"q": f" {name} "}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert client.get("/search", params={"q": "T-0000000000"}).status_code == 200
