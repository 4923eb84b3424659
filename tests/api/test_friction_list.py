from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

LOGIN, HOSTILE, BROAD = "T-00000000aa", "T-00000000bb", "T-00000000cc"
LIST = "/v1/friction-points"


def get(client: TestClient, query: str, path: str = LIST) -> Any:
    answer = client.get(f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(client: TestClient, query: str) -> Any:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 422
    return answer.json()


def test_the_product_managers_question_is_one_call(client: TestClient) -> None:
    page = get(
        client, "segment.plan=Pro&stage=sign_in&kind=survey&since=2026-W40&sort=-score&limit=1"
    )
    (point,) = page["items"]
    for name in ("rank", "rank_low", "rank_high", "reach", "impact", "impact_low", "impact_high"):
        assert point[name] is not None, name
    assert point["confidence"] > 0
    assert point["effort"] > 0
    assert point["owner"]["id"] == "accounts_access"
    assert point["causes"][0]["theme_id"] == point["theme_id"]
    assert len(point["quotes"]) == 3
    assert {quote["kind"] for quote in point["quotes"]} == {"survey"}


def test_quotes_are_of_the_last_weeks_and_of_different_customers(client: TestClient) -> None:
    login = get(client, "")["items"][0]
    ids = [quote["statement_id"] for quote in login["quotes"]]
    assert len(set(ids)) == 3
    assert {quote["week"] for quote in login["quotes"]} <= {
        *("2026-W44", "2026-W45", "2026-W46", "2026-W47"),
    }
    assert all("since the update" in quote["text"] for quote in login["quotes"])


def test_quotes_are_those_of_the_report(client: TestClient) -> None:
    told = {line["theme_id"]: line for line in get(client, "", "/v1/reports/latest")["friction"]}
    for point in get(client, "")["items"]:
        if point["rank"] is not None:
            assert point["quotes"] == told[point["theme_id"]]["quotes"]


def test_quotes_of_a_part_are_of_that_part(client: TestClient) -> None:
    for point in get(client, "until=2026-W46&since=2026-W40&segment.plan=Starter")["items"]:
        assert point["quotes"]
        for quote in point["quotes"]:
            assert quote["week"] <= "2026-W46"
            assert int(quote["statement_id"].split("/")[1][:3]) % 4 == 0


def test_links_lead_to_the_statements_behind_the_numbers(client: TestClient) -> None:
    (point,) = get(client, "segment.plan=Pro&since=2026-W45&limit=1")["items"]
    assert set(point["links"]) == {"theme", "statements", "causes", "page", "owner"}
    for path in point["links"].values():
        assert client.get(path).status_code == 200, path
    said = client.get(point["links"]["statements"] + "&limit=200").json()["items"]
    assert {item["attributes"]["plan"] for item in said} == {"Pro"}
    assert len({item["feedback_id"] for item in said}) >= point["reach"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("rank", [LOGIN, HOSTILE, BROAD]),
        ("-rank", [HOSTILE, LOGIN, BROAD]),
        ("label", [LOGIN, HOSTILE, BROAD]),
        ("-score", [HOSTILE, LOGIN, BROAD]),
        ("score", [LOGIN, HOSTILE, BROAD]),
    ],
)
def test_sorting_puts_what_has_no_value_last_and_pages_in_that_order(
    client: TestClient, sort: str, expected: list[str]
) -> None:
    met: list[str] = []
    cursor = ""
    while True:
        page = get(client, f"sort={sort}&limit=1{cursor}")
        met += [item["theme_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert met == expected


def test_an_unknown_sort_lists_the_known(client: TestClient) -> None:
    body = refused(client, "sort=importance")
    assert "'importance'" in body["detail"]
    assert {"rank", "-score", "-reach", "-impact", "label"} <= set(body["known"])


def test_a_cursor_of_another_order_is_refused(client: TestClient) -> None:
    cursor = get(client, "limit=1")["next_cursor"]
    body = refused(client, f"limit=1&sort=-score&cursor={cursor}")
    assert body["type"].endswith("cursor-of-another-list")


def test_both_names_of_a_segment_are_one_filter(client: TestClient) -> None:
    named = get(client, "segment.plan=Pro")
    assert named == get(client, "attribute.plan=Pro")
    twice = refused(client, "segment.plan=Pro&attribute.plan=Pro")
    assert "'segment.plan' may be given once" in twice["detail"]


def test_an_unknown_segment_or_value_lists_the_known(client: TestClient) -> None:
    assert refused(client, "segment.plann=Pro")["known"] == [
        *("segment.kind", "segment.plan", "segment.source"),
    ]
    assert refused(client, "segment.plan=pro")["known"] == ["Pro", "Starter"]
    assert refused(client, "segment.=Pro")["type"].endswith("unknown-filter")
