"""What a search says of themes and pages holds when one follows its links, and under writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from nlp.records import Theme
from store.database import open_database, session_scope
from store.themes import save_themes
from tests.api.conftest import BROAD, HOSTILE, LAST, LOGIN, settings_at

SILENT = "T-00000000dd"
FOUND = "/v1/search?q=signed out"


@pytest.fixture
def late(late_home: Path) -> Iterator[TestClient]:
    engine = open_database(settings_at(late_home).database_url)
    with session_scope(engine) as session:
        silent = Theme(SILENT, "leaf", BROAD, "Nobody yet", "", (), (), 0.5, LAST)
        save_themes(session, LAST, [silent])
    engine.dispose()
    with TestClient(create_app(settings_at(late_home)), raise_server_exceptions=False) as found:
        yield found


def get(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def edit(client: TestClient, hit: Any, text: str) -> None:
    """The message of a hit comes again, and says something else."""
    row = {"id": hit["feedback_id"], "text": text, "created_at": hit["created_at"]}
    row |= {"score": 9, "score_kind": "nps"} if hit["kind"] == "survey" else {}
    body = {"kind": hit["kind"], "source": hit["source"], "items": [row]}
    answer = client.post("/v1/feedback", json=body)
    assert answer.status_code < 300, answer.text
    assert answer.json()["updated"] == 1, answer.text
    assert get(client, FOUND)["up_to_date"] is False
    assert client.app.state.searcher.wait(60)  # type: ignore[attr-defined]


@pytest.mark.parametrize("words", ["signed out", "evil", "update"])
def test_a_themes_count_is_what_its_link_finds(late: TestClient, words: str) -> None:
    body = get(late, f"/v1/search?q={words}&limit=1")
    assert {one["theme_id"] for one in body["themes"]} >= {BROAD}
    for one in body["themes"]:
        own = get(late, f"/v1/search?q={words}&limit=1&theme={one['theme_id']}")
        assert own["statements"] == one["statements"] > 0
    page = late.get(f"/search?q={words}&theme={BROAD}")
    assert page.status_code == 200


def test_a_theme_of_which_nothing_is_said_finds_nothing(late: TestClient) -> None:
    assert late.get(f"/v1/themes/{SILENT}").status_code == 200
    body = get(late, f"{FOUND}&theme={SILENT}")
    assert (body["items"], body["statements"], body["themes"]) == ([], 0, [])
    assert late.get(f"/search?q=signed&theme={SILENT}").status_code == 200
    assert late.get(f"{FOUND}&theme=T-none").status_code == 404


def test_pages_lose_and_repeat_nothing_when_something_further_down_goes(late: TestClient) -> None:
    whole = get(late, f"{FOUND}&limit=200")["items"]
    first = get(late, f"{FOUND}&limit=30")
    edit(late, whole[-1], "nothing of that any more")
    rest = get(late, f"{FOUND}&limit=200&cursor={first['next_cursor']}")["items"]
    ids = [one["id"] for one in [*first["items"], *rest]]
    assert ids == [one["id"] for one in whole[:-1]]


def test_when_what_was_shown_goes_the_search_starts_again(late: TestClient) -> None:
    first = get(late, f"{FOUND}&limit=30")
    edit(late, first["items"][0], "nothing of that any more")
    answer = late.get(f"{FOUND}&limit=200&cursor={first['next_cursor']}")
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("results-changed")
    page = late.get(f"/search?q=signed out&cursor={first['next_cursor']}")
    assert page.status_code == 409
    assert "start again" in page.text
    again = get(late, f"{FOUND}&limit=200")["items"]
    assert len(again) == len({one["id"] for one in again})
    assert json.dumps(again).count(f'"{LOGIN}"') == len(again)
    assert HOSTILE not in {one["theme_id"] for one in again}
