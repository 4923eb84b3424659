from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

LOGIN = "T-00000000aa"
CAUSE, REJECTED, GONE = "R-00000000aa", "R-00000000bb", "R-00000000cc"


def get(client: TestClient, path: str, **params: Any) -> Any:
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_root_causes_by_rank_with_their_pieces_and_the_rejected_last(client: TestClient) -> None:
    first, last = get(client, "/v1/root-causes")["items"]
    assert (first["id"], first["rank"], first["kinds"]) == (CAUSE, 1, ["said", "where"])
    assert [piece["kind"] for piece in first["pieces"]] == ["said", "where"]
    assert first["state_text"].startswith("corroborated, independent kinds of evidence agree")
    assert (last["id"], last["rank"]) == (REJECTED, None)
    assert last["state_text"] == "rejected by ana <i>: they mean another site"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"state": "rejected"}, [REJECTED]),
        ({"state": "confirmed"}, []),
        ({"cause_kind": "where"}, [CAUSE]),
        ({"cause_kind": "said"}, [CAUSE, REJECTED]),
        ({"attribute.plan": "Starter", "state": "corroborated"}, [CAUSE]),
        ({"week": "2026-W46"}, [CAUSE, GONE]),
    ],
)
def test_root_causes_are_chosen_by_state_kind_and_part(
    client: TestClient, params: dict[str, str], expected: list[str]
) -> None:
    items = get(client, "/v1/root-causes", **params)["items"]
    assert [item["id"] for item in items] == expected


def test_one_cause_opens_to_all_its_statements(client: TestClient) -> None:
    found = get(client, f"/v1/root-causes/{CAUSE}")
    assert found["week"] == "2026-W47"
    for piece in found["pieces"]:
        told = [quote["statement_id"] for quote in piece["quotes"]]
        assert sorted(told) == sorted(piece["evidence_ids"])
        weeks = [quote["week"] for quote in piece["quotes"]]
        assert weeks == sorted(weeks, reverse=True)
    assert found["pieces"][0]["quotes"][0]["text"].startswith("Signed out ")
    assert [(part["sign"], part["name"]) for part in found["score_parts"]] == [
        ("", "reach"),
        ("x", "impact"),
        ("x", "avoidable"),
        ("x", "confidence"),
        ("/", "effort"),
        ("=", "score"),
    ]
    assert get(client, found["links"]["self"]) == found
    assert client.get(found["links"]["page"]).status_code == 200


def test_the_parts_of_a_score_make_the_score(client: TestClient) -> None:
    parts = {p["name"]: p["value"] for p in get(client, f"/v1/root-causes/{CAUSE}")["score_parts"]}
    product = parts["reach"] * parts["impact"] * parts["avoidable"] * parts["confidence"]
    assert product / parts["effort"] == pytest.approx(parts["score"])


def test_reach_is_told_with_its_interval(client: TestClient) -> None:
    reach = get(client, f"/v1/root-causes/{CAUSE}")["score_parts"][0]
    assert (reach["name"], reach["low"], reach["high"]) == ("reach", 33, 48)


def test_a_cause_that_is_gone_keeps_its_page(client: TestClient) -> None:
    assert get(client, f"/v1/root-causes/{GONE}")["week"] == "2026-W46"
    assert "its evidence was not found" in client.get(f"/causes/{GONE}").text
    for path in ("/v1/root-causes", "/causes"):
        assert client.get(f"{path}/{GONE}", params={"week": "2026-W47"}).status_code == 404


def test_an_unknown_cause_is_a_problem(client: TestClient) -> None:
    answer = client.get("/v1/root-causes/R-0")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:groundswell:problem:unknown-root-cause"
    assert answer.json()["detail"] == "there is no root cause 'R-0'"
    assert client.get(f"/v1/root-causes/{CAUSE}?owner=a").status_code == 422
    assert client.get("/causes/R-0").status_code == 404


def test_the_page_of_a_cause_shows_pieces_statements_and_verdict(client: TestClient) -> None:
    text = client.get(f"/causes/{CAUSE}").text
    assert "plan Starter" in text
    assert text.count("<blockquote>") == 96 + 24
    assert f"groundswell cause confirm {CAUSE}" in text
    judged = client.get(f"/causes/{REJECTED}").text
    assert "Rejected by ana &lt;i&gt;: they mean another site." in judged
    assert "<i>" not in judged


def test_week_and_theme_pages_link_to_causes_that_count(client: TestClient) -> None:
    assert f'href="/causes/{CAUSE}"' in client.get("/").text
    assert f'href="/causes/{REJECTED}"' not in client.get("/").text
    theme = client.get(f"/themes/{LOGIN}").text
    assert theme.index(f'href="/causes/{CAUSE}"') < theme.index(f'href="/causes/{REJECTED}"')


def test_friction_points_leave_out_what_was_rejected(client: TestClient) -> None:
    items = get(client, "/v1/friction-points")["items"]
    login = next(item for item in items if item["theme_id"] == LOGIN)
    assert [cause["id"] for cause in login["causes"]] == [CAUSE]
