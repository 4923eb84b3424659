"""A month's outcome pack, from a store filled by hand."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from labels.schema import load
from report.outcome import Decided, Outcome, outcome_from_json, outcome_to_json
from report.outcome_letter import render_outcome_html, render_outcome_markdown
from service.exporting import NothingPublishedError
from service.outcome import month_outcome, outcome_months
from store.database import Engine, open_database, read_scope, session_scope
from store.decisions import add_decision, undo_decision
from tests.api.conftest import CAUSE, GONE, HOSTILE, HOSTILE_TEXT, LOGIN, fill, settings_at

UTC = ZoneInfo("UTC")
DAY = dt.datetime(2026, 10, 7, 12, tzinfo=dt.UTC)  # in 2026-W41


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("months")
    fill(settings_at(home).database_url)
    return home


@pytest.fixture
def engine(pattern: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copytree(pattern, tmp_path, dirs_exist_ok=True)
    found = open_database(settings_at(tmp_path).database_url)
    yield found
    found.dispose()


def decide(
    engine: Engine, kind: str, theme: str, when: dt.datetime = DAY, why: str = "", **value: object
) -> int:
    with session_scope(engine) as session:
        return add_decision(
            session,
            kind=kind,
            theme_id=theme,
            value=json.dumps(value),
            who="ana",
            why=why,
            when=when,
        )


def outcome(engine: Engine, month: str = "2026-11", zone: ZoneInfo = UTC) -> Outcome:
    return month_outcome(engine, month, labels=load(None), zone=zone)


def only(found: tuple[Decided, ...]) -> Decided:
    (one,) = found
    return one


def test_a_month_is_its_published_weeks(engine: Engine) -> None:
    found = outcome(engine)
    assert found.weeks == ("2026-W46", "2026-W47")
    assert (found.through, found.whole, found.month_before) == ("2026-W47", False, "2026-10")
    assert (found.first_day, found.last_day) == ("2026-11-02", "2026-11-22")
    with read_scope(engine) as session:
        assert outcome_months(session) == ["2026-11"]


def test_what_was_said_is_counted_and_quoted_of_the_month_alone(engine: Engine) -> None:
    found = outcome(engine)
    voices = {one.theme_id: one for one in found.voices}
    assert list(voices) == [LOGIN, HOSTILE]
    assert voices[LOGIN].customers == voices[LOGIN].statements == 16
    assert voices[LOGIN].before == 40  # five weeks of eight, each another customer
    assert {quote.week for one in found.voices for quote in one.quotes} <= set(found.weeks)
    assert len(voices[LOGIN].quotes) == 4
    assert found.headline.figures[0].value == 20
    assert found.headline.figures[0].before == 50


def test_drivers_are_ranked_as_published(engine: Engine) -> None:
    found = outcome(engine)
    assert [(one.rank, one.theme_id, one.rank_before) for one in found.drivers] == [
        (1, LOGIN, None),
        (2, HOSTILE, None),
    ]
    assert found.drivers[0].cause_id == CAUSE


def test_nothing_decided_is_said(engine: Engine) -> None:
    found = outcome(engine)
    assert (found.decided, found.earlier) == ((), ())
    assert "Nothing was decided" in found.sentences[2].text
    assert "Nothing." in render_outcome_markdown(found)


def test_a_decision_has_its_numbers_before_and_after(engine: Engine) -> None:
    decide(engine, "effort", LOGIN, why="a day's work", effort=0.5)
    one = only(outcome(engine).earlier)
    assert (one.kind, one.who, one.day, one.why) == ("effort", "ana", "2026-10-07", "a day's work")
    assert one.owner == "Accounts & access"
    (theme,) = one.compared
    assert (theme.subject, theme.id) == ("theme", LOGIN)
    assert (theme.numbers.weeks_before, theme.numbers.weeks_after) == (5, 6)
    assert (theme.numbers.customers_before, theme.numbers.customers_after) == (40, 48)
    assert (theme.numbers.heard_before, theme.numbers.heard_after) == (50, 60)
    assert theme.numbers.ratio == pytest.approx(1, abs=0.02)
    assert "from 8.0 to 8.0 a week (5 weeks before, 6 after)" in theme.text
    assert "no more than chance would explain" in theme.text


def test_a_confirmed_cause_is_counted_by_its_own_evidence(engine: Engine) -> None:
    decide(engine, "confirm-cause", "", cause_id=CAUSE)
    one = only(outcome(engine).earlier)
    assert [found.subject for found in one.compared] == ["cause", "theme"]
    assert one.compared[0].numbers.customers_after == 48
    assert one.cause_id == CAUSE


def test_a_cause_that_is_told_no_more_is_not_counted_as_gone(engine: Engine) -> None:
    """Its last week is the last that told it: what came later was not looked for."""
    decide(engine, "confirm-cause", "", dt.datetime(2026, 10, 28, tzinfo=dt.UTC), cause_id=GONE)
    one = only(outcome(engine).earlier)
    cause = one.compared[0]
    assert cause.numbers.last_after == "2026-W46"
    assert cause.numbers.ratio is None
    assert "Not enough data" in cause.text


def test_thin_numbers_are_not_told_as_a_change(engine: Engine) -> None:
    decide(engine, "pin", LOGIN, dt.datetime(2026, 11, 11, tzinfo=dt.UTC))  # one week is left
    one = only(outcome(engine).decided)
    assert one.compared[0].numbers.ratio is None
    assert "Not enough data: 2 whole weeks since are needed" in one.compared[0].text


def test_what_was_undone_or_replaced_says_so(engine: Engine) -> None:
    first = decide(engine, "effort", LOGIN, effort=2.0)
    second = decide(engine, "effort", LOGIN, DAY + dt.timedelta(days=1), effort=3.0)
    third = decide(engine, "pin", HOSTILE)
    with session_scope(engine) as session:
        when = dt.datetime(2026, 10, 9, tzinfo=dt.UTC)
        undo_decision(session, third, who="ben", why="too early", when=when)
    standing = {one.number: one.standing for one in outcome(engine).earlier}
    assert standing[first] == f"replaced by decision {second}"
    assert standing[third] == "undone on 9 October 2026 by ben: too early"
    # Only what counts is counted in the sentence on top.
    assert "1 with no clear change" in outcome(engine).sentences[2].text


def test_the_day_is_told_in_the_zone(engine: Engine) -> None:
    decide(engine, "pin", LOGIN, dt.datetime(2026, 10, 31, 23, 30, tzinfo=dt.UTC))
    assert len(outcome(engine).earlier) == 1
    found = outcome(engine, zone=ZoneInfo("Europe/Berlin"))
    assert found.earlier == ()
    assert only(found.decided).day == "2026-11-01"


def test_it_never_says_that_something_worked(engine: Engine) -> None:
    decide(engine, "effort", LOGIN, effort=0.5)
    found = outcome(engine)
    for text in (render_outcome_markdown(found), render_outcome_html(found)):
        assert "other causes may be at work" in text
        assert "prove nothing" in text
        for word in ("thanks to", "worked", "success", "solved", "fixed by"):
            assert word not in text


def test_strangers_words_are_text(engine: Engine) -> None:
    decide(engine, "rename", LOGIN, why=HOSTILE_TEXT, label=HOSTILE_TEXT)
    found = outcome(engine)
    html, markdown = render_outcome_html(found), render_outcome_markdown(found)
    for text in (html, markdown):
        assert "<script>" not in text
        assert "\u202e" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in html


def test_a_pack_survives_json_and_is_the_same_again(engine: Engine) -> None:
    decide(engine, "confirm-cause", "", cause_id=CAUSE)
    found = outcome(engine)
    assert outcome_from_json(outcome_to_json(found)) == found
    assert outcome_to_json(outcome(engine)) == outcome_to_json(found)


def test_a_month_without_a_week_says_what_there_is(engine: Engine) -> None:
    with pytest.raises(NothingPublishedError, match="published are 2026-W46 to 2026-W47"):
        outcome(engine, "2026-08")
    with pytest.raises(ValueError, match="write it as 2026-10"):
        outcome(engine, "2026-13")
