"""`until` chooses feedback; only `week` chooses the themes, and no week after it is counted."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

LAST, BEFORE = "2026-W47", "2026-W46"
LOGIN = "T-00000000aa"
NUMBERS = ("theme_id", "rank", "reach", "impact", "score", "reach_low", "reach_high")
LISTS = [
    "/v1/friction-points",
    "/v1/themes",
    "/v1/root-causes",
    f"/v1/themes/{LOGIN}/statements",
    f"/v1/themes/{LOGIN}/causes",
    f"/v1/themes/{LOGIN}/series",
    f"/v1/themes/{LOGIN}/segments",
]


def get(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


def points(client: TestClient, query: str) -> list[Any]:
    found = get(client, f"/v1/friction-points?{query}")["items"]
    numbers = [[item[name] for name in NUMBERS] for item in found]
    return [*numbers, [item["quotes"] for item in found]]


@pytest.mark.parametrize("beyond", ["2026-W48", "2026-W52", "2999-W52"])
@pytest.mark.parametrize("week", [BEFORE, LAST])
def test_nothing_is_counted_after_the_published_week(
    client: TestClient, week: str, beyond: str
) -> None:
    at = points(client, f"week={week}&until={week}")
    assert points(client, f"week={week}&until={beyond}") == at
    assert at[0][2] > 0


def test_below_the_published_week_the_window_ends_earlier(client: TestClient) -> None:
    # Eight weeks of eight mentions each up to W47; up to W40 there are five weeks of feedback.
    reach = {
        until: next(
            item["reach"]
            for item in get(client, f"/v1/friction-points?until={until}")["items"]
            if item["theme_id"] == LOGIN
        )
        for until in ("2026-W40", BEFORE, LAST)
    }
    assert reach["2026-W40"] < reach[BEFORE]
    assert points(client, f"until={BEFORE}") != points(client, f"until={LAST}")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("until", ["2020-W10", "2026-W40", BEFORE, LAST, "2027-W10", "1900-W01"])
def test_only_the_week_picks_the_themes(client: TestClient, path: str, until: str) -> None:
    assert get(client, f"{path}?until={until}")["week"] == LAST
    assert get(client, f"{path}?until={until}&week={BEFORE}")["week"] == BEFORE


@pytest.mark.parametrize("until", ["2020-W10", "2026-W40", BEFORE])
def test_a_themes_page_agrees_with_its_statements(client: TestClient, until: str) -> None:
    page = client.get(f"/themes/{LOGIN}?until={until}")
    assert page.status_code == 200
    items = get(client, f"/v1/themes/{LOGIN}/statements?until={until}&limit=200")["items"]
    assert page.text.count("<blockquote>") == min(20, len(items))


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", ["since", "until", "week"])
@pytest.mark.parametrize("week", ["0001-W01", "1899-W52", "3000-W01", "9999-W52"])
def test_weeks_beyond_any_calendar_are_refused(
    client: TestClient, path: str, name: str, week: str
) -> None:
    answer = client.get(f"{path}?{name}={week}")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("not-a-week")
