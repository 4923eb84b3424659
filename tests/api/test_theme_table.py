from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

LOGIN, HOSTILE, BROAD = "T-00000000aa", "T-00000000bb", "T-00000000cc"


def themes(text: str) -> list[str]:
    return re.findall(r'class="main-cell"><a href="/themes/(T-\w+)', text)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [LOGIN, HOSTILE, BROAD]),
        ("sort=-rank", [HOSTILE, LOGIN, BROAD]),
        ("sort=label", [HOSTILE, BROAD, LOGIN]),
        ("sort=-label", [LOGIN, BROAD, HOSTILE]),
        ("sort=-customers", [BROAD, LOGIN, HOSTILE]),
        ("level=parent", [BROAD]),
        ("words=SIGNED again", [LOGIN]),
        ("status=rising", [LOGIN]),
        ("owner=gone", [HOSTILE]),
        ("words=nothing", []),
    ],
)
def test_the_server_sorts_and_filters(client: TestClient, query: str, expected: list[str]) -> None:
    answer = client.get(f"/themes?{query}")
    assert answer.status_code == 200
    assert themes(answer.text) == expected


def test_pages_go_on_in_the_order_asked_for(client: TestClient) -> None:
    met: list[str] = []
    path = "/themes?sort=label&limit=1&stage=sign_in"
    while path:
        text = client.get(path).text
        met += themes(text)
        found = re.search(r'<a href="([^"]+)" rel="next">More themes', text)
        path = found[1].replace("&amp;", "&") + "&limit=1" if found else ""
    assert met == [HOSTILE, BROAD, LOGIN]


def test_a_head_says_how_it_is_sorted_and_turns_the_order(client: TestClient) -> None:
    text = client.get("/themes?sort=-score&level=leaf").text
    assert text.count("aria-sort=") == 1
    assert 'aria-sort="descending"><a class="sort" href="/themes?level=leaf&amp;sort=score"' in text
    assert 'href="/themes?level=leaf&amp;sort=label"' in text


@pytest.mark.parametrize(
    "query", ["sort=importance", "status=odd", "level=odd", "owner=nobody", "words=a&words=b"]
)
def test_what_is_not_known_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/themes?{query}").status_code == 422


def test_an_earlier_week_links_to_its_own_themes(client: TestClient) -> None:
    text = client.get("/themes?week=2026-W46").text
    assert f'href="/themes/{LOGIN}?week=2026-W46"' in text
    assert "the last is" in text
    assert "customers in all are counted with today’s feedback" in text
    assert '<a href="/weeks/2026-W46">The week’s report</a> stays as it was published' in text
    assert "today’s feedback" not in client.get("/themes").text


@pytest.mark.parametrize(
    "query",
    [
        "segment.plan=Starter",
        "segment.plan=Pro&since=2026-W46&kind=survey",
        "attribute.plan=Pro&until=2026-W40",
        "until=2020-W10",
    ],
)
def test_a_part_of_the_feedback_is_counted_as_in_the_api(client: TestClient, query: str) -> None:
    listed = client.get(f"/v1/themes?{query}").json()["items"]
    text = client.get(f"/themes?{query}&sort=-customers").text
    counted = re.findall(r'"Customers in all">([\d,]+)<', text)
    assert dict(zip(themes(text), map(int, counted), strict=True)) == {
        item["id"]: item["customers"] for item in listed
    }
    assert "counted in the part of the feedback chosen below" in text


def test_the_part_stays_in_links_and_in_the_form(client: TestClient) -> None:
    text = client.get("/themes?segment.plan=Pro&kind=survey&limit=1&sort=label").text
    links = re.findall(r'<a(?: class="sort")? href="(/themes\?[^"]*)"', text)
    assert len(links) >= 8
    assert all("segment.plan=Pro" in link and "kind=survey" in link for link in links)
    assert "<option selected>Pro</option>" in text
    export = re.search(r'href="(/v1/exports/themes[^"]*)"', text)
    assert export is not None
    rows = client.get(export[1].replace("&amp;", "&")).text.splitlines()
    assert any(row.startswith(BROAD) and ",60,30," in row for row in rows)  # of 120
    assert client.get("/themes?segment.plan=&kind=&since=").status_code == 200
    assert "chosen below" not in client.get("/themes?segment.plan=&owner=gone").text


@pytest.mark.parametrize(
    "query", ["segment.plann=Pro", "segment.plan=pro", "kind=mail", "since=W1"]
)
def test_a_part_that_is_none_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/themes?{query}").status_code == 422
