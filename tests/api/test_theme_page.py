from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from nlp.records import ThemeEvent
from store.database import open_database, session_scope
from store.themes import save_theme_events, save_themes, themes_as_of

LOGIN, HOSTILE, BROAD = "T-00000000aa", "T-00000000bb", "T-00000000cc"


@pytest.fixture
def late(late_home: Path) -> Iterator[TestClient]:
    url = f"sqlite:///{late_home / 'groundswell.sqlite'}"
    settings = Settings(home=late_home, database_url=url, labels_dir=None)
    with TestClient(create_app(settings), raise_server_exceptions=False) as found:
        yield found


def quotes(text: str) -> list[str]:
    return re.findall(
        r"<blockquote>.*?</blockquote>", text.partition('id="statements"')[2], re.DOTALL
    )


def test_numbers_of_the_page_are_those_of_the_api(client: TestClient) -> None:
    page = client.get(f"/themes/{LOGIN}").text
    series = client.get(f"/v1/themes/{LOGIN}/series").json()
    assert len(series["weeks"]) == 12
    last = series["weeks"][-1]
    assert (last["customers"], last["exposure"], last["rate"]) == (8, 10, 0.8)
    assert 0 < last["low"] < 0.8 < last["high"] < 1
    row = re.search(r'<tr><th scope="row">2026-W47</th>(.*?)</tr>', page)
    assert row is not None
    assert re.findall(r">([^<]+)</td>", row[1]) == [
        *("8", "8", "10", "10", "80%"),
        f"{last['low'] * 100:.0f}% to {last['high'] * 100:.0f}%",
    ]


def test_series_follow_the_filters(client: TestClient) -> None:
    path = f"/v1/themes/{LOGIN}/series"
    part = client.get(f"{path}?kind=survey&since=2026-W40&until=2026-W41").json()
    assert [week["week"] for week in part["weeks"]] == ["2026-W40", "2026-W41"]
    assert [week["messages"] for week in part["weeks"]] == [5, 5]
    assert client.get(f"{path}?owner=x").status_code == 422
    assert client.get("/v1/themes/T-none/series").status_code == 404


def test_segments_tell_lift_and_certainty(client: TestClient) -> None:
    found = client.get(f"/v1/themes/{LOGIN}/segments").json()
    assert found["weeks"] == 12
    assert {one["value"] for one in found["items"]} <= {"Pro", "Starter"}
    for one in found["items"]:
        assert one["low"] <= one["lift"] <= one["high"]
        assert one["text"]
    page = client.get(f"/themes/{LOGIN}").text
    assert "No group stands out" in page or "Against all feedback" in page


def test_statements_are_filtered_without_script(client: TestClient) -> None:
    path = f"/themes/{LOGIN}"
    text = client.get(f"{path}?kind=survey&since=&until=2026-W40&words=&segment.plan=Pro").text
    shown = quotes(text)
    assert shown
    assert all("survey, 2026-W" in one for one in shown)
    assert '<option value="survey" selected>' in text
    assert re.search(r'name="segment.plan">.*?<option selected>Pro</option>', text)
    assert re.search(r"\(\d+ of\s+96\)", text)


def test_words_narrow_page_and_api_alike(client: TestClient) -> None:
    page = client.get(f"/themes/{LOGIN}?words=signed+17").text
    assert len(quotes(page)) == 1
    items = client.get(f"/v1/themes/{LOGIN}/statements?words=signed 17").json()["items"]
    assert [one["text"] for one in items] == ["Signed out 17 times since the update"]
    assert "No statement fits" in client.get(f"/themes/{LOGIN}?words=xyzzy").text
    quoted = client.get(f'/v1/themes/{LOGIN}/statements?words="update signed"').json()
    assert quoted["items"] == []


def test_filters_go_on_to_the_next_page(client: TestClient) -> None:
    text = client.get(f"/themes/{LOGIN}?kind=survey&words=update").text
    more = re.search(r'href="(\?[^"]+)#statements" rel="next"', text)
    assert more is not None
    second = client.get(f"/themes/{LOGIN}{more[1].replace('&amp;', '&')}")
    assert second.status_code == 200
    assert all("survey" in one for one in quotes(second.text))
    assert not set(quotes(text)) & set(quotes(second.text))


@pytest.mark.parametrize(
    "query", ["kind=mail", "since=W1", "since=2026-W40&until=2026-W39", "segment.shoe=9", "x=1"]
)
def test_filters_that_make_no_sense_are_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/themes/{LOGIN}?{query}").status_code == 422


def test_an_earlier_week_is_told_to_be_counted_today(client: TestClient) -> None:
    text = client.get(f"/themes/{LOGIN}?week=2026-W46").text
    assert "This is how" not in text
    assert "2026-W46, counted with today’s feedback" in text
    assert '<a href="/weeks/2026-W46">the week’s report</a> stays as it was published' in text
    assert "today’s feedback" not in client.get(f"/themes/{LOGIN}").text
    assert "2026-W47 →" in text
    assert '<th scope="row">2026-W47</th>' not in text
    assert client.get(f"/themes/{LOGIN}?week=2020-W01").status_code == 404


def test_statements_lead_on(client: TestClient) -> None:
    text = client.get(f"/themes/{LOGIN}").text
    assert "/search?like=desk/" in text
    assert f'href="/themes/{LOGIN}/correct"' in text
    assert "/correct" in quotes(text)[0]


def test_parent_children_and_siblings_are_linked(client: TestClient) -> None:
    leaf = client.get(f"/themes/{LOGIN}").text
    assert 'id="siblings"' in leaf
    assert f'href="/themes/{HOSTILE}"' in leaf
    broad = client.get(f"/themes/{BROAD}").text.partition('id="children"')[2]
    assert f'href="/themes/{LOGIN}"' in broad


def test_an_ended_theme_keeps_its_page_and_its_life(late: TestClient) -> None:
    settings = late.app.state.settings  # type: ignore[attr-defined]
    engine = open_database(settings.database_url)
    from dataclasses import replace

    with session_scope(engine) as session:
        old = next(one for one in themes_as_of(session) if one.id == LOGIN)
        ended = replace(old, retired_week="2026-W47", ended="merged", successors=(HOSTILE,))
        save_themes(session, "2026-W47", [ended])
        event = ThemeEvent("2026-W47", LOGIN, "merged", "by ana: the same <b>", (HOSTILE,))
        save_theme_events(session, [event])
    engine.dispose()
    answer = late.get(f"/themes/{LOGIN}")
    assert answer.status_code == 200
    assert "merged in 2026-W47" in answer.text
    assert f'href="/themes/{HOSTILE}"' in answer.text
    assert "by ana: the same &lt;b&gt;" in answer.text
    life = late.get(f"/v1/themes/{LOGIN}/history").json()["life"]
    assert "by ana: the same <b>" in life[-1]["sentence"]
    assert late.get("/themes/T-none").status_code == 404
