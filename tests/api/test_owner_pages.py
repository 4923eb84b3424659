from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

LOGIN, HOSTILE = "T-00000000aa", "T-00000000bb"


def owners(client: TestClient) -> dict[str, Any]:
    return {item["id"]: item for item in client.get("/v1/owners").json()["items"]}


def test_an_owners_numbers_are_those_of_the_lists(client: TestClient) -> None:
    points = client.get("/v1/friction-points").json()["items"]
    causes = client.get("/v1/root-causes").json()["items"]
    for owner in owners(client).values():
        theirs = set(owner["theme_ids"])
        scores = [one["score"] for one in points if one["theme_id"] in theirs]
        assert owner["score"] == pytest.approx(sum(score or 0.0 for score in scores))
        judged = {"confirmed", "rejected"}
        assert owner["causes_open"] == sum(
            one["theme_id"] in theirs and one["state"] not in judged for one in causes
        )


def test_broad_themes_are_not_counted_among_what_rises(client: TestClient) -> None:
    owner = owners(client)["accounts_access"]
    assert (owner["new"], owner["rising"], owner["falling"]) == (0, 1, 0)
    assert owners(client)["billing"]["rising"] == 0


def test_the_page_names_what_is_rising_and_what_to_judge(client: TestClient) -> None:
    text = client.get("/owners/accounts_access").text
    moved = text.partition('id="changes"')[2].partition("<h2")[0]
    assert '<span class="tag">rising</span>' in moved
    assert f"/themes/{LOGIN}" in moved
    judge = text.partition('id="causes"')[2].partition("<h2")[0]
    assert "/causes/R-00000000aa" in judge
    assert "/causes/R-00000000bb" not in judge  # rejected already


def test_whose_owner_is_open_leads_to_the_form(client: TestClient) -> None:
    text = client.get("/owners/gone").text.partition('id="gaps"')[2]
    assert f'href="/themes/{HOSTILE}/correct"' in text
    assert "needs confirmation" in text
    assert "Nothing here waits" in client.get("/owners/billing").text


def test_the_costliest_owner_stands_first(client: TestClient) -> None:
    found = sorted(owners(client).values(), key=lambda one: -one["score"])
    text = client.get("/owners").text
    assert text.index(f"/owners/{found[0]['id']}") < text.index(f"/owners/{found[1]['id']}")


def test_of_long_lists_the_rest_is_counted_and_linked(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = max(owners(client).values(), key=lambda one: len(one["theme_ids"]))
    themes = len(many["theme_ids"])
    assert themes > 1
    address = f"/owners/{many['id']}"
    assert "costliest; " not in client.get(f"{address}?kind=survey").text
    monkeypatch.setattr("api.owner_rows.MOST_SHOWN", 1)
    text = client.get(f"{address}?kind=ticket").text
    told = re.search(r"These are the 1 costliest; (\d+) more (?:is|are) theirs", text)
    assert told is not None
    assert 1 <= int(told[1]) < themes + 1
    assert f'href="/themes?kind=ticket&amp;owner={many["id"]}"' in text


def test_a_filter_that_lets_all_through_ranks_as_the_list_does(client: TestClient) -> None:
    points = client.get("/v1/friction-points?since=2020-W01").json()["items"]
    best = {one["theme_id"]: one["score"] for one in points}
    for owner in client.get("/v1/owners?since=2020-W01").json()["items"]:
        scores = [best[name] or 0.0 for name in owner["theme_ids"] if name in best]
        assert owner["score"] == pytest.approx(sum(scores))
