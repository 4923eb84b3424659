"""A month's outcome pack, from a store filled by hand."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter
from sqlalchemy import Table, delete, update

from labels.schema import load
from nlp.records import Assignment, Feedback, Statement
from nlp.weeks import monday
from report.outcome import Decided, Outcome, outcome_to_json
from report.outcome_letter import render_outcome_html, render_outcome_markdown
from report.outcome_wording import whole_clauses
from service.exporting import NothingPublishedError
from service.outcome import month_outcome, outcome_months
from store.assignments import save_assignments
from store.database import Engine, open_database, read_scope, session_scope
from store.decisions import add_decision, undo_decision
from store.feedback import feedback_by_key, upsert_feedback
from store.runs import RunRecord, save_run
from store.snapshots import SNAPSHOT_TABLES
from store.statements import save_statements
from store.tables import ASSIGNMENT_VERSION, FEEDBACK, ROOT_CAUSE
from store.tables import CAUSE as CAUSE_PIECE
from store.themes import save_themes, themes_as_of
from tests.api.conftest import (
    CAUSE,
    GONE,
    HOSTILE,
    HOSTILE_TEXT,
    LOGIN,
    REJECTED,
    fill,
    settings_at,
)

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
    assert (voices[LOGIN].a_week, voices[LOGIN].a_week_before) == (8, 8)
    assert {quote.week for one in found.voices for quote in one.quotes} <= set(found.weeks)
    assert len(voices[LOGIN].quotes) == 4
    assert found.headline.figures[0].value == 20
    assert found.headline.figures[0].before is None
    a_week = found.headline.figures[2]
    assert (a_week.value, a_week.before) == (10, 10)  # five weeks before, two now


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
    assert found.sentences[2].text == "No decisions this month, and none in October 2026."
    assert render_outcome_markdown(found).count("\nNo decisions.") == 2


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
    told = "8.0 customers a week mentioned it in the 5 weeks before, 8.0 in the 6 weeks after."
    assert theme.text.startswith(told)
    assert "no more than chance would explain" in theme.text


def test_a_confirmed_cause_is_counted_by_its_own_evidence(engine: Engine) -> None:
    decide(engine, "confirm-cause", "", cause_id=CAUSE, wording="Since the noon of 4.2")
    one = only(outcome(engine).earlier)
    assert [found.subject for found in one.compared] == ["cause", "theme"]
    assert one.compared[0].numbers.customers_after == 48
    assert one.cause_id == CAUSE
    # The decision in the words that were judged, the numbers under what the cause is called now.
    assert one.text == "Confirm the root cause “Since the noon of 4.2”"
    assert one.compared[0].label.startswith("Mostly for plan Starter")


def test_a_cause_that_is_told_no_more_is_not_counted_as_gone(engine: Engine) -> None:
    """Its last week is the last that told it: what came later was not looked for."""
    decide(engine, "confirm-cause", "", dt.datetime(2026, 10, 28, tzinfo=dt.UTC), cause_id=GONE)
    one = only(outcome(engine).earlier)
    cause = one.compared[0]
    assert cause.numbers.last_after == "2026-W46"
    assert cause.numbers.ratio is None
    assert "Not enough data" in cause.text


def test_thin_numbers_are_not_told_as_a_change(engine: Engine) -> None:
    early = dt.datetime(2026, 9, 9, tzinfo=dt.UTC)  # one week is known before
    decide(engine, "effort", LOGIN, early, effort=0.5)
    with session_scope(engine) as session:  # October, told as if only its first week were run
        for table in SNAPSHOT_TABLES:
            moved = update(table).where(table.c.week == "2026-W46").values(week="2026-W40")
            session.connection().execute(moved)
        session.connection().execute(update(ASSIGNMENT_VERSION).values(week="2026-W36"))
    one = only(outcome(engine, "2026-10").earlier)
    assert one.compared[0].numbers.ratio is None
    assert "Not enough data: 2 whole weeks before are needed" in one.compared[0].text


def test_what_was_decided_this_month_is_not_compared_yet(engine: Engine) -> None:
    decide(engine, "effort", LOGIN, dt.datetime(2026, 11, 3, tzinfo=dt.UTC), effort=0.5)
    assert only(outcome(engine).decided).compared == ()


def set_of(engine: Engine, table: Table, name: str, **values: object) -> None:
    with session_scope(engine) as session:
        changed = session.connection().execute(
            update(table).where(table.c.id == name).values(**values)
        )
        assert changed.rowcount


@pytest.mark.parametrize(
    ("table", "name", "values"),
    [
        (ROOT_CAUSE, CAUSE, {"kinds": ("said", "when")}),
        (CAUSE_PIECE, "C-2", {"kind": "when"}),
        (CAUSE_PIECE, "C-2", {"conditions": (("version", "4.2"),)}),  # nobody had it before
    ],
)
def test_evidence_gathered_by_date_is_not_counted_by_date(
    engine: Engine, table: Table, name: str, values: dict[str, object]
) -> None:
    """Evidence from one day to another is fewer before, whatever was decided."""
    set_of(engine, table, name, **values)
    decide(engine, "confirm-cause", "", cause_id=CAUSE)
    found = outcome(engine)
    one = only(found.earlier)
    assert [line.subject for line in one.compared] == ["theme"]
    assert "gathered by date" in one.note
    assert "gathered by date" in render_outcome_markdown(found)


def test_only_decisions_meant_to_mend_are_compared_and_each_theme_once(engine: Engine) -> None:
    decide(engine, "rename", LOGIN, label="Logged out")
    decide(engine, "owner", LOGIN, owner_id="mobile")
    decide(engine, "pin", LOGIN)
    decide(engine, "reject-cause", "", cause_id=REJECTED)
    decide(engine, "merge", HOSTILE, into=LOGIN)
    first = decide(engine, "effort", LOGIN, effort=2.0)
    second = decide(engine, "confirm-cause", "", cause_id=CAUSE)
    found = outcome(engine)
    counted = {
        one.number: [line.subject for line in one.compared] for one in found.earlier if one.compared
    }
    assert counted == {first: ["theme"], second: ["cause"]}
    notes = {one.number: one.note for one in found.earlier if one.note}
    assert notes == {second: "the theme is counted with an earlier decision above"}
    assert found.sentences[2].text == "No decisions this month; 7 decisions in October 2026."
    told = [line.numbers for one in found.earlier for line in one.compared]
    assert {numbers.comparisons for numbers in told} == {2}
    assert "The 2 intervals are wide enough" in render_outcome_markdown(found)


def late(number: int, week: str, text: str = "Late: signed out") -> Feedback:
    return Feedback(
        id=f"late-{number}",
        source="desk",
        kind="ticket",
        text=text,
        created_at=dt.datetime.combine(monday(week), dt.time(9), tzinfo=dt.UTC),
        week=week,
        day=monday(week),
        customer_id=f"late{number}",
    )


@pytest.mark.parametrize("placed", ["not read yet", "split", "of the next week's run"])
def test_what_comes_in_afterwards_does_not_change_a_pack(engine: Engine, placed: str) -> None:
    decide(engine, "effort", LOGIN, effort=0.5)
    before = outcome(engine)
    weeks = ("2026-W37", "2026-W41", "2026-W46", "2026-W47")
    items = [late(number, week) for number, week in enumerate(weeks * 5)]
    said = [Statement(item.key, 0, item.text) for item in items]
    with session_scope(engine) as session:
        upsert_feedback(session, items)
        if placed != "not read yet":
            save_statements(session, said, version="1", feedback_keys=[one.key for one in items])
        if placed == "of the next week's run":
            rows = [Assignment(one.id, LOGIN, None, "leaf", 0.9, "exemplar") for one in said]
            save_assignments(session, "2026-W48", rows)
            (theme,) = themes_as_of(session, theme_id=LOGIN)
            save_themes(session, "2026-W48", [replace(theme, label="Another name")])
    after = outcome(engine)
    assert outcome_to_json(after) == outcome_to_json(before)
    assert render_outcome_html(after) == render_outcome_html(before)


def test_what_is_decided_after_the_month_does_not_change_its_pack(engine: Engine) -> None:
    first = decide(engine, "effort", LOGIN, effort=2.0)
    other = decide(engine, "rename", LOGIN, label="Logged out")
    before = outcome_to_json(outcome(engine))
    december = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    decide(engine, "effort", LOGIN, december, effort=3.0)
    with session_scope(engine) as session:
        undo_decision(session, other, who="ben", why="no", when=december)
    assert outcome_to_json(outcome(engine)) == before
    november = december - dt.timedelta(microseconds=1)
    last = decide(engine, "effort", LOGIN, november, effort=4.0)
    standing = {one.number: one.standing for one in outcome(engine).earlier}
    assert standing == {first: f"replaced by decision {last}", other: "in force"}


def test_a_message_replaced_since_is_left_out_and_said(engine: Engine) -> None:
    with session_scope(engine) as session:
        began = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
        counts = json.dumps({"messages": 120})
        done = RunRecord("r", "weekly", "2026-W47", "done", began, counts=counts)
        save_run(session, replace(done, input_digest="digest"))
    assert outcome(engine).left_out == 0
    with session_scope(engine) as session:
        (item,) = feedback_by_key(session, ["desk/119"]).values()
        upsert_feedback(session, [replace(item, text="Mended")])
    found = outcome(engine)
    assert found.left_out == 1
    assert found.headline.figures[1].value == 19
    told = "1 message left out, replaced since week 2026-W47 was run"
    assert told in render_outcome_markdown(found)


def test_only_a_whole_month_is_compared_with(engine: Engine) -> None:
    with session_scope(engine) as session:
        gone = delete(FEEDBACK).where(FEEDBACK.c.week == "2026-W40")
        session.connection().execute(gone)
    found = outcome(engine)
    assert found.weeks_before == ("2026-W41", "2026-W42", "2026-W43", "2026-W44")
    assert found.headline.figures[2].before is None
    assert {one.a_week_before for one in found.voices} == {None}
    assert "There is feedback of only 4 weeks of October 2026" in found.sentences[0].text
    assert "the month before" not in render_outcome_markdown(found).partition("## Top")[0]


def test_months_of_any_length_are_compared_by_the_week(engine: Engine) -> None:
    text = outcome(engine).sentences[0].text
    assert "20 customers wrote or were heard in 2 weeks of November 2026" in text
    assert "on average 10.0 different customers a week; in October 2026 it was 10.0." in text


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (54, "from May (x), customers say “a, b” (or not, c), day 12"),
        (53, "from May (x), customers say “a, b” (or not, c), …"),
        (49, "from May (x), customers say “a, b” (or not, c), …"),
        (48, "from May (x), …"),
        (15, "from May (x), …"),
        (14, "from May…"),
    ],
)
def test_a_cause_is_cut_between_its_clauses(limit: int, told: str) -> None:
    text = "from May (x), customers say “a, b” (or not, c), day 12"
    assert whole_clauses(text, limit=limit) == told


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
    # Only what counts is compared.
    assert [one.number for one in outcome(engine).earlier if one.compared] == [second]


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
    assert TypeAdapter(Outcome).validate_json(outcome_to_json(found)) == found
    assert outcome_to_json(outcome(engine)) == outcome_to_json(found)


def test_a_month_without_a_week_says_what_there_is(engine: Engine) -> None:
    with pytest.raises(NothingPublishedError, match="published are 2026-W46 to 2026-W47"):
        outcome(engine, "2026-08")
    with pytest.raises(ValueError, match="write it as 2026-10"):
        outcome(engine, "2026-13")
