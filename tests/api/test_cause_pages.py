from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from store.database import open_database, session_scope
from store.deciding import Wish, decide
from store.decisions import undo_decision
from store.tables import ROOT_CAUSE

LOGIN = "T-00000000aa"
CAUSE, REJECTED, GONE = "R-00000000aa", "R-00000000bb", "R-00000000cc"
LABEL = "Signed out again and again"


@pytest.fixture
def late(late_home: Path) -> Iterator[TestClient]:
    """A filled store that a test may write to."""
    settings = Settings(
        home=late_home,
        database_url=f"sqlite:///{late_home / 'groundswell.sqlite'}",
        labels_dir=None,
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as found:
        yield found


def judge(client: TestClient, kind: str, cause_id: str, *, why: str = "seen in the log") -> int:
    settings = client.app.state.settings  # type: ignore[attr-defined]
    engine = open_database(settings.database_url)
    with session_scope(engine) as session:
        number = decide(session, Wish(kind, "", {"cause_id": cause_id}, "bo", why))
    engine.dispose()
    return number


def rows(text: str) -> list[str]:
    return re.findall(r"<tr>.*?</tr>", text.partition("<tbody>")[2], re.DOTALL)


def test_all_causes_of_the_week_stand_by_rank_with_theme_and_owner(client: TestClient) -> None:
    text = client.get("/causes").text
    assert "2 root causes, 1 ranked, as of week" in text
    assert 'href="/weeks/2026-W47"' in text
    first, last = rows(text)
    assert f'href="/causes/{CAUSE}"' in first
    for shown in (LABEL, "Accounts &amp; access", "corroborated", "3.40", ">48<", "exploratory"):
        assert shown in first
    assert 'data-label="Rank">1<' in first
    assert ">rejected</span></td>" in last
    assert f'href="/causes/{REJECTED}"' in last


def test_causes_are_chosen_by_state_trend_and_theme(client: TestClient) -> None:
    assert len(rows(client.get("/causes?state=rejected").text)) == 1
    assert len(rows(client.get("/causes?status=not+enough+data&owner=accounts_access").text)) == 2
    assert "No root cause fits" in client.get("/causes?status=rising").text
    assert "No root cause fits" in client.get("/causes?owner=gone").text


def test_an_earlier_week_shows_its_own_causes(client: TestClient) -> None:
    text = client.get("/causes?week=2026-W46").text
    assert 'the last is <a href="/causes">2026-W47</a>' in text
    assert f'href="/causes/{GONE}?week=2026-W46"' in text
    assert '<input type="hidden" name="week" value="2026-W46">' in text
    assert '<a href="/weeks/2026-W46">The week’s report</a> stays as it was published' in text
    assert "stays as it was published" not in client.get("/causes").text
    assert 'href="/causes?week=2026-W46"' in client.get("/weeks/2026-W46").text


def test_a_cause_of_an_earlier_week_is_not_called_gone_when_it_is_told_still(
    client: TestClient,
) -> None:
    text = client.get(f"/causes/{CAUSE}?week=2026-W46").text
    assert "its evidence was not found" not in text
    assert f'<a href="/causes/{CAUSE}">Week 2026-W47 tells it, too</a>' in text
    assert "counted with today’s feedback" in text
    assert "Week 2026-W46 told it last" in client.get(f"/causes/{GONE}").text
    assert "today’s feedback" not in client.get(f"/causes/{CAUSE}").text


def test_the_list_is_in_the_navigation_and_on_the_weeks_page(client: TestClient) -> None:
    assert '<a href="/causes">Root causes</a>' in client.get("/themes").text
    assert '<a href="/causes" aria-current="page">Root causes</a>' in client.get("/causes").text
    assert '<a href="/causes">All root causes of week 2026-W47</a>' in client.get("/").text


def test_a_causes_title_names_its_theme(client: TestClient) -> None:
    text = client.get(f"/causes/{CAUSE}").text
    assert f"<title>{LABEL}: Mostly for plan Starter" in text
    assert f"<h1><bdi>{LABEL}</bdi>: <bdi>Mostly for plan Starter" in text


def test_a_cause_tells_what_would_change_its_rank(client: TestClient) -> None:
    changes = client.get(f"/causes/{CAUSE}").text.partition('id="changes"')[2]
    changes = changes.partition("</ul>")[0]
    assert "with effort 2 instead of 1: still rank 1 (score 1.7)" in changes
    assert "confirmed by a person: still rank 1 (score 4)" in changes
    assert "rejected by a person: no rank" in changes
    assert 'id="changes"' not in client.get(f"/causes/{REJECTED}").text


def test_a_verdict_is_told_before_the_run_that_applies_it(late: TestClient) -> None:
    assert late.get(f"/v1/root-causes/{CAUSE}").json()["pending_verdict"] == ""
    number = judge(late, "confirm-cause", CAUSE)
    told = "confirmed by bo: seen in the log; applies with the next run"
    found = late.get(f"/v1/root-causes/{CAUSE}").json()
    assert (found["pending_verdict"], found["state"]) == (told, "corroborated")
    page = late.get(f"/causes/{CAUSE}").text
    assert page.count("Confirmed by bo: seen in the log; applies with the next run.") == 2
    assert "Nobody has confirmed or rejected it yet" not in page
    assert told in rows(late.get("/causes").text)[0]
    assert told not in late.get("/causes?week=2026-W46").text
    engine = open_database(late.app.state.settings.database_url)  # type: ignore[attr-defined]
    with session_scope(engine) as session:
        undo_decision(session, number)
    engine.dispose()
    assert "Nobody has confirmed or rejected it yet" in late.get(f"/causes/{CAUSE}").text


def test_a_verdict_that_was_taken_back_is_told(late: TestClient) -> None:
    # The published one was never a decision of this store: nobody holds to it now.
    found = late.get(f"/v1/root-causes/{REJECTED}").json()
    assert found["pending_verdict"] == "rejected by ana <i> no more; applies with the next run"
    judge(late, "reject-cause", REJECTED, why="another site")
    found = late.get(f"/v1/root-causes/{REJECTED}").json()
    assert found["pending_verdict"] == "rejected by bo: another site; applies with the next run"


def test_a_confirmed_cause_says_when_it_read_otherwise(late: TestClient) -> None:
    found = late.get(f"/v1/root-causes/{CAUSE}").json()
    assert (found["decided_wording"], "when it read" in late.get(f"/causes/{CAUSE}").text) == (
        "",
        False,
    )
    engine = open_database(late.app.state.settings.database_url)  # type: ignore[attr-defined]
    for wording, told in ((found["headline"], 0), ("Only for <b>plan Pro", 1)):
        with session_scope(engine) as session:
            changed = {"state": "confirmed", "decided_by": "bo", "decided_wording": wording}
            session.execute(ROOT_CAUSE.update().where(ROOT_CAUSE.c.id == CAUSE).values(changed))
        page = late.get(f"/causes/{CAUSE}").text
        assert page.count("Confirmed by bo when it read “Only for &lt;b&gt;plan Pro”.") == told
        assert late.get(f"/v1/root-causes/{CAUSE}").json()["decided_wording"] == wording
    engine.dispose()


def test_statements_are_named_by_what_they_are_counted_in(client: TestClient) -> None:
    cause, health = client.get(f"/causes/{CAUSE}").text, client.get("/health").text
    theme = client.get(f"/themes/{LOGIN}").text
    assert "<dt>Statements behind it</dt>" in cause
    assert 'class="number">Statements of the week</th>' in health
    assert 'class="number">Statements in it</th>' in theme
    for text in (cause, health, theme):
        assert "<dt>Statements</dt>" not in text
        assert ">Statements</th>" not in text
