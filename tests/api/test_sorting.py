"""Lists in an order of one's own: documented, total, and stable from page to page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.sorting import order_of

SORTED: dict[str, dict[str, Callable[[Any], Any]]] = {
    "/v1/themes": {
        "customers": lambda one: one["customers"],
        "statements": lambda one: one["statements"],
        "label": lambda one: one["label"].casefold(),
        "born_week": lambda one: one["born_week"],
        "rank": lambda one: one["friction"]["rank"],
        "score": lambda one: one["friction"]["score"],
        "this_week": lambda one: one["trend"]["customers"],
        "change": lambda one: one["trend"]["rate_ratio"],
    },
    "/v1/root-causes": {
        "rank": lambda one: one["rank"],
        "score": lambda one: one["score"],
        "customers": lambda one: one["customers"],
        "statements": lambda one: one["statements"],
        "share_of_theme": lambda one: one["share_of_theme"],
        "change": lambda one: one["trend_ratio"],
        "first_week": lambda one: one["first_week"],
    },
}
CASES = [
    (path, f"{minus}{name}")
    for path, keys in SORTED.items()
    for name in keys
    for minus in ("", "-")
]


def items(client: TestClient, path: str, **query: Any) -> list[Any]:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


@pytest.mark.parametrize(("path", "sort"), CASES)
def test_rows_run_as_asked_and_what_has_no_value_is_last(
    client: TestClient, path: str, sort: str
) -> None:
    found = items(client, path, sort=sort)
    points = {one["theme_id"]: one for one in items(client, "/v1/friction-points")}
    if path == "/v1/themes":
        found = [one | {"friction": points[one["id"]]} for one in found]
    values = [SORTED[path][sort.removeprefix("-")](one) for one in found]
    told = [value for value in values if value is not None]
    assert told == sorted(told, reverse=sort.startswith("-"))
    assert values[len(told) :] == [None] * (len(values) - len(told))
    assert len(found) == len(items(client, path))


@pytest.mark.parametrize(("path", "sort"), CASES)
def test_pages_in_an_order_add_up(client: TestClient, path: str, sort: str) -> None:
    met: list[Any] = []
    query: dict[str, Any] = {"sort": sort, "limit": 1}
    while True:
        page = client.get(path, params=query).json()
        met += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert met == items(client, path, sort=sort)


@pytest.mark.parametrize("path", SORTED)
def test_an_order_that_is_not_known_lists_those_that_are(client: TestClient, path: str) -> None:
    answer = client.get(path, params={"sort": "importance"})
    assert answer.status_code == 422
    assert set(answer.json()["known"]) == {name for where, name in CASES if where == path}


@pytest.mark.parametrize("path", SORTED)
def test_the_document_names_every_order(client: TestClient, path: str) -> None:
    told = client.get("/openapi.json").json()["paths"][path]["get"]["parameters"]
    (sort,) = [one for one in told if one["name"] == "sort"]
    assert all(name in sort["description"] for name in SORTED[path])


def test_a_cursor_of_one_order_is_not_taken_for_another(client: TestClient) -> None:
    cursor = client.get("/v1/themes?sort=label&limit=1").json()["next_cursor"]
    answer = client.get("/v1/themes", params={"sort": "-label", "cursor": cursor})
    assert answer.status_code == 422


def test_orders_of_a_list_differ(client: TestClient) -> None:
    up = [one["id"] for one in items(client, "/v1/themes", sort="rank")]
    down = [one["id"] for one in items(client, "/v1/themes", sort="-rank")]
    assert up[:2] == down[1::-1]
    assert up[2] == down[2]  # broad ones are not ranked: last either way


def test_what_a_cursor_cannot_carry_counts_as_no_value() -> None:
    order = order_of("x", {"x": lambda row: row}, default="x", tie=lambda _: ())
    assert order.key(float("inf")) == order.key(float("nan")) == (True, 0)
    assert order.key(3.0) == (False, 3.0)
