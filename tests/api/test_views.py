"""Root causes over a part of the feedback: no sentence about customers who are not in it."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import CAUSE, LOGIN

LISTS = ["/v1/root-causes", f"/v1/themes/{LOGIN}/causes"]


def cause(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    if "friction" in path:
        items = next(one["causes"] for one in items if one["theme_id"] == LOGIN)
    return next(one for one in items if one["id"] == CAUSE)


@pytest.mark.parametrize("path", [*LISTS, "/v1/friction-points"])
def test_a_segment_outside_the_part_is_not_told_in_it(client: TestClient, path: str) -> None:
    part = cause(client, f"{path}?segment.plan=Pro")
    assert [piece["id"] for piece in part["pieces"]] == ["C-1"]
    assert "Starter" not in part["statement"]
    assert part["statement"] == "since the update"
    assert all(piece["conditions"].get("plan", "Pro") == "Pro" for piece in part["pieces"])


@pytest.mark.parametrize("path", [*LISTS, "/v1/friction-points"])
@pytest.mark.parametrize("query", ["", "?segment.plan=Starter", "?since=2026-W40"])
def test_a_sentence_whose_pieces_are_all_there_stays_as_published(
    client: TestClient, path: str, query: str
) -> None:
    part = cause(client, f"{path}{query}")
    assert [piece["id"] for piece in part["pieces"]] == ["C-1", "C-2"]
    assert part["statement"].startswith("mostly plan Starter (1.8 times")


def test_the_contract_says_what_is_of_the_part_and_what_of_all(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    point, told = schemas["FrictionPoint"], schemas["RootCause"]
    for name in ("rank", "reach", "impact", "score", "scored", "causes"):
        assert "part" in point["properties"][name]["description"], name
    for name in ("customers", "statements", "share_of_theme", "evidence_ids"):
        assert "part" in told["properties"][name]["description"], name
    assert "all feedback" in point["properties"]["confidence"]["description"]
    for name in ("state", "kinds", "independent_kinds", "trend", "score", "rank", "statement"):
        assert "all feedback" in told["properties"][name]["description"], name
