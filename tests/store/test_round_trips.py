"""What is saved is loaded as it was, and saved again it is there once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nlp.records import (
    Cause,
    DatedEvent,
    Friction,
    OwnerMatch,
    Rejected,
    StageMatch,
    ThemeEvent,
    Trend,
)
from store.decisions import active_decisions, add_decision
from store.events import load_events, upsert_events
from store.ingests import IngestCounts, list_ingests, record_ingest
from store.quarantine import add_quarantine, list_quarantine
from store.runs import RunRecord, list_runs, save_run
from store.snapshots import (
    load_causes,
    load_friction,
    load_owners,
    load_report,
    load_stages,
    load_trends,
    save_snapshot,
)
from store.themes import save_theme_events, theme_events
from tests.store.any_records import (
    ANY_TEXT,
    BY_TYPE,
    COUNTED,
    PLAIN_TEXT,
    WEEKS,
    any_of,
    fresh,
    shuffled,
)


@given(
    trends=st.lists(
        any_of(Trend, week=st.just(WEEKS[0])), max_size=3, unique_by=lambda t: t.theme_id
    ),
    causes=st.lists(any_of(Cause), max_size=3, unique_by=lambda cause: cause.id),
    friction=st.lists(any_of(Friction), max_size=3, unique_by=lambda one: one.theme_id),
    owners=st.dictionaries(PLAIN_TEXT, any_of(OwnerMatch), max_size=3),
    stages=st.dictionaries(PLAIN_TEXT, any_of(StageMatch), max_size=3),
    report_json=PLAIN_TEXT,
)
def test_a_snapshot_round_trips_and_replaces_what_was_there(
    *,
    trends: list[Trend],
    causes: list[Cause],
    friction: list[Friction],
    owners: dict[str, OwnerMatch],
    stages: dict[str, StageMatch],
    report_json: str,
) -> None:
    week = WEEKS[0]
    with fresh() as session:
        seen = []
        for order in (list, shuffled):
            save_snapshot(
                session,
                week,
                trends=order(trends),
                causes=order(causes),
                friction=order(friction),
                owners=owners,
                stages=stages,
                report_json=report_json,
            )
            seen.append(
                (load_trends(session), load_causes(session), load_friction(session, week=week))
            )
        assert seen[0] == seen[1]
        assert set(seen[0][0]) == set(trends)
        assert set(seen[0][1]) == {(week, cause) for cause in causes}
        assert set(seen[0][2]) == {(week, one) for one in friction}
        assert load_owners(session, week) == owners
        assert load_stages(session, week) == stages
        assert load_report(session, week) == report_json


@given(st.lists(any_of(Rejected, id=ANY_TEXT, file=ANY_TEXT, raw=ANY_TEXT), max_size=5))
def test_quarantine_keeps_any_text_once(rejected: list[Rejected]) -> None:
    def place(item: Rejected) -> tuple[str, int, str, str]:
        return (item.file, item.line, item.reason, item.raw)

    with fresh() as session:
        places = {place(item) for item in rejected}
        assert add_quarantine(session, rejected, ingest_id="1") == len(places)
        kept = list_quarantine(session)
        assert {place(item) for item in kept} == places
        assert set(kept) <= set(rejected)
        assert add_quarantine(session, shuffled(rejected), ingest_id="2") == 0
        assert list_quarantine(session) == kept


@given(st.lists(any_of(DatedEvent, day=st.sampled_from([dt.date.min, dt.date.max])), max_size=5))
def test_dated_events_round_trip_and_are_idempotent(events: list[DatedEvent]) -> None:
    with fresh() as session:
        done = upsert_events(session, events)
        assert done.accepted + done.updated + done.unchanged == len(events)
        stored = load_events(session)
        assert {(e.day, e.kind, e.name) for e in stored} == {
            (e.day, e.kind, e.name) for e in events
        }
        assert set(stored) <= set(events)
        again = upsert_events(session, shuffled(events))
        assert (again.accepted, again.updated) == (0, 0)
        assert load_events(session) == stored


@given(st.lists(any_of(ThemeEvent), max_size=5))
def test_theme_events_are_facts_kept_once(events: list[ThemeEvent]) -> None:
    with fresh() as session:
        save_theme_events(session, events)
        save_theme_events(session, shuffled(events))
        assert theme_events(session) == sorted(
            set(events), key=lambda e: (e.week, e.theme_id, e.kind, e.detail, e.related)
        )


@given(st.lists(any_of(RunRecord), max_size=4, unique_by=lambda run: run.id))
def test_runs_round_trip(runs: list[RunRecord]) -> None:
    with fresh() as session:
        for run in runs:
            save_run(session, replace(run, status="running"))
            save_run(session, run)
        expected = sorted(runs, key=lambda run: (run.started_at, run.id), reverse=True)
        assert list_runs(session, 10) == expected


@given(st.lists(any_of(IngestCounts, redactions=COUNTED), max_size=3, unique_by=lambda one: one.id))
def test_ingests_round_trip(ingests: list[IngestCounts]) -> None:
    with fresh() as session:
        for counts in ingests:
            record_ingest(session, counts)
        assert list_ingests(session) == sorted(ingests, key=lambda one: (one.started_at, one.id))


@given(PLAIN_TEXT, BY_TYPE[dt.datetime])
def test_decisions_round_trip(words: str, when: dt.datetime) -> None:
    with fresh() as session:
        number = add_decision(
            session, kind="rename", theme_id=words, value=words, who=words, why=words, when=when
        )
        (decision,) = active_decisions(session)
        assert (decision.id, decision.theme_id, decision.value) == (number, words, words)
        assert (decision.who, decision.why, decision.when) == (words, words, when)
