from __future__ import annotations

import getpass
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.access import Caller
from api.app import create_app
from api.correction_answers import entered_by
from api.settings import Settings
from store.database import open_database, read_scope
from store.decisions import Decision, all_decisions
from store.locks import run_lock
from store.revision import revision

LOGIN, HOSTILE, BROAD = "T-00000000aa", "T-00000000bb", "T-00000000cc"
CAUSE = "R-00000000aa"
WHY = "agreed on Monday"
KINDS: list[dict[str, Any]] = [
    {"kind": "rename", "theme_id": LOGIN, "label": "Signed out daily"},
    {"kind": "owner", "theme_id": LOGIN, "owner_id": "billing"},
    {"kind": "merge", "theme_id": LOGIN, "into": HOSTILE},
    {
        "kind": "split",
        "theme_id": LOGIN,
        "parts": [
            {"label": "Early", "statements": ["desk/001#0", "desk/002#0"]},
            {"statements": ["desk/003#0"]},
        ],
    },
    {"kind": "move", "statement": "desk/001#0", "theme_id": HOSTILE},
    {"kind": "dismiss", "theme_id": HOSTILE},
    {"kind": "pin", "theme_id": BROAD},
    {"kind": "must-link", "statements": ["desk/001#0", "desk/002#0"]},
    {"kind": "cannot-link", "statements": ["desk/001#0", "desk/002#0"]},
    {"kind": "confirm-cause", "cause_id": CAUSE},
    {"kind": "reject-cause", "cause_id": CAUSE},
    {"kind": "effort", "theme_id": LOGIN, "effort": 4},
    {"kind": "effort", "owner_id": "billing", "effort": 0.5},
]


@pytest.fixture
def asked(run_home: Path) -> Iterator[TestClient]:
    settings = Settings(
        home=run_home, database_url=f"sqlite:///{run_home / 'groundswell.sqlite'}", labels_dir=None
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as found:
        yield found


def stored(home: Path) -> tuple[int, list[Decision]]:
    engine = open_database(f"sqlite:///{home / 'groundswell.sqlite'}")
    with read_scope(engine) as session:
        found = (revision(session), all_decisions(session))
    engine.dispose()
    return found


def sent(client: TestClient, body: dict[str, Any], **more: Any) -> Any:
    return client.post("/v1/corrections", json={"why": WHY, **body, **more})


def listed(client: TestClient, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/v1/corrections{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def name(body: dict[str, Any]) -> str:
    return str(body["kind"])


@pytest.mark.parametrize("body", KINDS, ids=name)
def test_a_dry_run_says_what_will_change_and_writes_nothing(
    asked: TestClient, run_home: Path, body: dict[str, Any]
) -> None:
    before = stored(run_home)
    for answer in (
        sent(asked, body, dry_run=True),
        asked.post("/v1/corrections?dry_run=true", json={"why": WHY, **body}),
    ):
        assert answer.status_code == 200, answer.text
        said = answer.json()
        assert (said["kept"], said["id"]) == (False, None)
        assert said["counts"] == "with the next week's run, or as soon as 2026-W47 is run again"
        assert said["text"]
    assert stored(run_home) == before


@pytest.mark.parametrize("body", KINDS, ids=name)
def test_every_kind_is_kept_once_and_taken_back_once(
    asked: TestClient, run_home: Path, body: dict[str, Any]
) -> None:
    first = sent(asked, body, who="Ines")
    assert first.status_code == 201, first.text
    number = first.json()["id"]
    again = sent(asked, body, who="Ines")
    assert (again.status_code, again.json()["id"], again.json()["kept"]) == (200, number, False)
    (row,) = listed(asked)
    assert (row["id"], row["kind"], row["who"], row["why"], row["state"], row["waits"]) == (
        number,
        body["kind"],
        "Ines",
        WHY,
        "in-force",
        True,
    )
    undone = asked.post(f"/v1/corrections/{number}/undo", json={"why": "no", "who": "Ben"})
    assert (undone.status_code, undone.json()["undone"]) == (200, number)
    once_more = asked.post(f"/v1/corrections/{number}/undo", json={"why": "no"})
    assert once_more.status_code == 409
    assert "undone by Ben on" in once_more.json()["detail"]
    (row,) = listed(asked)
    assert (row["state"], row["undone_by"], row["undone_why"]) == ("undone", "Ben", "no")
    assert len(stored(run_home)[1]) == 1


def test_what_changes_is_told_before_and_after(asked: TestClient) -> None:
    rename, owner, merge, *_ = (sent(asked, body, dry_run=True).json() for body in KINDS[:3])
    assert rename["effect"]["swap"] == {
        "what": "name",
        "before": "Signed out again and again",
        "after": "Signed out daily",
    }
    assert owner["effect"]["swap"]["before"] == "Accounts & access"
    counts = [
        (one["theme_id"], one["statements_before"], one["statements_after"])
        for one in merge["effect"]["themes"]
    ]
    assert counts == [(LOGIN, 96, 0), (HOSTILE, 24, 120)]
    effort = sent(asked, {"kind": "effort", "theme_id": LOGIN, "effort": 4}, dry_run=True).json()
    assert effort["effect"]["swap"] == {"what": "effort", "before": "1", "after": "4"}
    point = next(one for one in effort["effect"]["shifts"] if one["kind"] == "friction point")
    assert (point["score_before"], point["score_after"]) == (6.8, 1.7)
    assert (point["rank_before"], point["rank_after"]) == (1, 2)
    confirmed = sent(asked, {"kind": "confirm-cause", "cause_id": CAUSE}, dry_run=True).json()
    assert confirmed["effect"]["swap"] == {
        "what": "state",
        "before": "corroborated",
        "after": "confirmed",
    }
    assert confirmed["effect"]["shifts"][0]["id"] == CAUSE


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"kind": "merge", "theme_id": LOGIN, "into": "T-9"}, 404, "there is no theme T-9"),
        ({"kind": "rename", "theme_id": "T-9", "label": "x"}, 404, "there is no theme T-9"),
        ({"kind": "confirm-cause", "cause_id": "R-9"}, 404, "there is no root cause R-9"),
        ({"kind": "move", "statement": "a/1#0", "theme_id": LOGIN}, 404, "no statement a/1#0"),
        ({"kind": "effort", "owner_id": "nobody", "effort": 1}, 404, "no owner nobody"),
        ({"kind": "owner", "theme_id": LOGIN, "owner_id": "nobody"}, 422, "is no owner"),
        ({"kind": "merge", "theme_id": LOGIN, "into": LOGIN}, 422, "into itself"),
        ({"kind": "dismiss", "theme_id": BROAD}, 422, "is a parent"),
        ({"kind": "rename", "theme_id": LOGIN}, 422, "label"),
        ({"kind": "rename", "theme_id": LOGIN, "label": " \t"}, 422, "label"),
        ({"kind": "rename", "theme_id": LOGIN, "label": "a\x00b"}, 422, "label"),
        ({"kind": "rename", "theme_id": LOGIN, "label": "x" * 201}, 422, "label"),
        ({"kind": "pin", "theme_id": LOGIN, "why": ""}, 422, "why"),
        ({"kind": "pin", "theme_id": LOGIN, "why": "x" * 1001}, 422, "why"),
        ({"kind": "pin", "theme_id": LOGIN, "label": "x"}, 422, "label"),
        ({"kind": "birth", "texts": ["x"]}, 422, "birth"),
        ({"kind": "effort", "effort": 1}, 422, "either a theme_id or an owner_id"),
        ({"kind": "effort", "theme_id": LOGIN, "effort": 0}, 422, "effort"),
        ({"kind": "must-link", "statements": ["desk/001#0"]}, 422, "statements"),
        ({"kind": "split", "theme_id": LOGIN, "parts": []}, 422, "parts"),
    ],
)
def test_what_cannot_be_is_a_problem_that_says_so(
    asked: TestClient, run_home: Path, body: dict[str, Any], status: int, says: str
) -> None:
    for dry_run in (True, False):
        answer = sent(asked, body, dry_run=dry_run)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert says in answer.json()["detail"]
        assert "groundswell " not in answer.json()["detail"]
    assert stored(run_home)[1] == []


def test_bounds_are_met_exactly(asked: TestClient) -> None:
    body = {"kind": "rename", "theme_id": LOGIN, "label": "x" * 200, "why": "y" * 1000}
    assert sent(asked, body).status_code == 201


def test_the_earlier_decision_in_the_way_is_named_without_a_command(asked: TestClient) -> None:
    sent(asked, {"kind": "merge", "theme_id": LOGIN, "into": HOSTILE})
    answer = sent(asked, {"kind": "dismiss", "theme_id": LOGIN})
    assert answer.status_code == 422
    assert (
        "by an earlier decision; undo that first; see the corrections (/corrections)"
        in (answer.json()["detail"])
    )


def test_another_why_or_a_change_of_mind_is_another_correction(asked: TestClient) -> None:
    names = ["Blue", "Green", "Blue"]
    numbers = [
        sent(asked, {"kind": "rename", "theme_id": LOGIN, "label": label}).json()["id"]
        for label in names
    ]
    assert len(set(numbers)) == 3
    assert sent(asked, KINDS[0] | {"label": "Blue", "why": "really"}).status_code == 201
    rows = listed(asked)
    assert [row["state"] for row in rows] == ["in-force", *["superseded"] * 3]
    assert {row["superseded_by"] for row in rows[1:]} == {rows[0]["id"]}


def test_the_list_is_filtered_and_paged_and_stands_still_under_writes(asked: TestClient) -> None:
    for label in "abcde":
        sent(asked, {"kind": "rename", "theme_id": LOGIN, "label": label})
    sent(asked, {"kind": "merge", "theme_id": HOSTILE, "into": LOGIN})
    assert [one["kind"] for one in listed(asked, f"?theme={HOSTILE}")] == ["merge"]
    assert len(listed(asked, f"?theme={LOGIN}")) == 6
    assert len(listed(asked, "?kind=rename&state=superseded")) == 4
    assert listed(asked, "?state=undone") == []
    page = asked.get("/v1/corrections?limit=2").json()
    seen = [one["id"] for one in page["items"]]
    sent(asked, {"kind": "pin", "theme_id": BROAD})
    while page["next_cursor"]:
        page = asked.get(
            "/v1/corrections", params={"limit": 2, "cursor": page["next_cursor"]}
        ).json()
        seen += [one["id"] for one in page["items"]]
    assert seen == [6, 5, 4, 3, 2, 1]
    assert asked.get("/v1/corrections?kind=renamed").json()["known"]
    assert asked.get("/v1/corrections?state=gone").status_code == 422
    assert asked.get("/v1/corrections?sort=when").status_code == 422


def test_who_is_whoever_asks_unless_it_says_otherwise(asked: TestClient) -> None:
    sent(asked, KINDS[0])
    assert listed(asked)[0]["who"] == getpass.getuser()
    keyed = Caller("a script", "gs_1", frozenset({"correct"}))
    assert entered_by(keyed, None) == "a script"
    assert entered_by(keyed, "Ines") == "Ines (key a script)"
    assert entered_by(Caller("root", "", frozenset()), "Ines") == "Ines"


def test_a_correction_is_kept_beside_a_run(asked: TestClient, run_home: Path) -> None:
    url = f"sqlite:///{run_home / 'groundswell.sqlite'}"
    with run_lock(url, run_home, wait_seconds=0):
        assert sent(asked, KINDS[0]).status_code == 201


def test_a_database_that_is_written_to_for_long_is_busy(
    asked: TestClient, run_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.sessions._WAIT_SECONDS", 0.02)
    other = sqlite3.connect(run_home / "groundswell.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = sent(asked, KINDS[0])
    other.close()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert sent(asked, KINDS[0]).status_code == 201


@pytest.mark.parametrize("number", ["0", "x", "99999999999", "7"])
def test_an_unknown_number_cannot_be_undone(asked: TestClient, number: str) -> None:
    answer = asked.post(f"/v1/corrections/{number}/undo", json={"why": "no"})
    assert answer.status_code == (404 if number == "7" else 422)
    assert asked.post("/v1/corrections/7/undo", json={}).status_code == 422


def test_hostile_text_comes_back_as_it_was_sent(asked: TestClient) -> None:
    text = '<script>alert(1)</script> {{ 7*7 }} \u202eevil =cmd|" onclick="x'
    sent(asked, {"kind": "rename", "theme_id": LOGIN, "label": text, "why": text})
    (row,) = listed(asked)
    assert (row["value"]["label"], row["why"]) == (text, text)


def test_each_kind_has_a_shape_and_an_example_in_openapi(asked: TestClient) -> None:
    document = asked.get("/openapi.json").json()
    post = document["paths"]["/v1/corrections"]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["discriminator"]["mapping"]) == {body["kind"] for body in KINDS}
    for place in schema["discriminator"]["mapping"].values():
        shape = document["components"]["schemas"][place.rsplit("/", 1)[1]]
        (example,) = shape["examples"]
        assert set(shape["required"]) <= set(example)
    assert set(post["responses"]) >= {"200", "201", "404", "422"}


@pytest.mark.parametrize("field", ["label", "why", "who"])
def test_words_that_nobody_could_see_are_refused(asked: TestClient, field: str) -> None:
    body = {"kind": "rename", "theme_id": LOGIN, "label": "New", "why": "agreed", "who": "Ines"}
    refused = sent(asked, body | {field: "\u200b\u3164 \ufe0f"})
    assert refused.status_code == 422
    assert field in refused.json()["detail"]
    assert listed(asked) == []
    number = sent(asked, body | {field: "\u200bx"}).json()["id"]
    if field != "label":
        undo = {"why": "agreed", "who": "Ines"} | {field: "\u2060"}
        assert asked.post(f"/v1/corrections/{number}/undo", json=undo).status_code == 422
