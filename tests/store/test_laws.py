"""What must hold for any records: round trips, idempotence, order independence, time travel."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.records import (
    Assignment,
    Cause,
    Clause,
    Feedback,
    Friction,
    OwnerMatch,
    StageMatch,
    Statement,
    Theme,
    ThemeEvent,
    Trend,
)
from store.assignments import assignments_as_of, save_assignments
from store.database import Session
from store.feedback import feedback_digest, load_feedback, upsert_feedback
from store.runs import rewind
from store.snapshots import (
    save_snapshot,
)
from store.statements import load_statements, save_statements
from store.themes import save_theme_events, save_themes, themes_as_of
from tests.store.any_records import (
    BATCHES,
    FEW_IDS,
    HISTORIES,
    MESSAGES,
    PLACES,
    WEEKS,
    any_of,
    fresh,
    one_message_with_statements,
    published,
    shuffled,
    state,
)


@given(BATCHES, BATCHES)
def test_upsert_conserves_rows_and_is_idempotent(
    first: list[Feedback], second: list[Feedback]
) -> None:
    with fresh() as session:
        for batch in (first, second):
            known = {item.key for item in load_feedback(session)}
            done = upsert_feedback(session, batch)
            assert done.accepted + done.updated + done.unchanged == len(batch)
            assert done.accepted == len({item.key for item in batch} - known)
            state = load_feedback(session)
            again = upsert_feedback(session, batch)
            assert (again.accepted, again.updated, again.unchanged) == (0, 0, len(batch))
            assert load_feedback(session) == state
        assert {item.key for item in state} == {item.key for item in [*first, *second]}
        assert set(state) <= set(first) | set(second)


@given(BATCHES)
def test_the_order_of_messages_does_not_matter(batch: list[Feedback]) -> None:
    seen = []
    for items in (batch, batch[::-1], shuffled(batch)):
        with fresh() as session:
            done = upsert_feedback(session, items)
            digest = feedback_digest(session, until_week=WEEKS[-1])
            seen.append((done, load_feedback(session), digest))
    assert seen[0] == seen[1] == seen[2]
    keys = [item.key for item in seen[0][1]]
    assert keys == sorted(keys)


@given(MESSAGES, st.data())
def test_statements_round_trip_in_any_order(message: Feedback, data: st.DataObject) -> None:
    statements = data.draw(
        st.lists(
            any_of(
                Statement,
                feedback_key=st.just(message.key),
                no=st.integers(0, 20),
                clauses=st.lists(any_of(Clause), max_size=2).map(tuple),
            ),
            max_size=4,
            unique_by=lambda statement: statement.no,
        )
    )
    with fresh() as session:
        upsert_feedback(session, [message])
        save_statements(session, statements, version="1", feedback_keys=[message.key])
        assert load_statements(session) == sorted(statements, key=lambda statement: statement.no)


@given(HISTORIES)
def test_themes_as_of_a_week_are_the_last_state_up_to_it(history: list[list[Theme]]) -> None:
    state: dict[str, Theme] = {}
    expected = {}
    with fresh() as session:
        for week, themes in zip(WEEKS, history, strict=True):
            differing = [theme for theme in themes if state.get(theme.id) != theme]
            assert save_themes(session, week, shuffled(themes)) == len(differing)
            assert save_themes(session, week, themes) == 0
            state |= {theme.id: theme for theme in themes}
            expected[week] = tuple(state[key] for key in sorted(state))
        for week in WEEKS:
            assert themes_as_of(session, week) == expected[week]
        assert themes_as_of(session) == expected[WEEKS[-1]]
        assert themes_as_of(session, "2025-W52") == ()


@given(st.lists(PLACES, min_size=len(WEEKS), max_size=len(WEEKS)))
def test_assignments_as_of_a_week_are_the_last_up_to_it(history: list[list[Assignment]]) -> None:
    state: dict[str, Assignment] = {}
    expected = {}
    with fresh() as session:
        one_message_with_statements(session)
        for week, places in zip(WEEKS, history, strict=True):
            differing = [one for one in places if state.get(one.statement_id) != one]
            assert save_assignments(session, week, shuffled(places)) == len(differing)
            assert save_assignments(session, week, places) == 0
            state |= {one.statement_id: one for one in places}
            expected[week] = dict(sorted(state.items()))
        for week in WEEKS:
            as_of = assignments_as_of(session, week)
            assert list(as_of.items()) == list(expected[week].items())


@settings(max_examples=15)
@given(HISTORIES, st.lists(PLACES, min_size=5, max_size=5), st.integers(0, 4), st.data())
def test_rewinding_to_a_week_is_as_if_it_and_later_ones_had_never_run(
    themes: list[list[Theme]], places: list[list[Assignment]], back_to: int, data: st.DataObject
) -> None:
    causes = data.draw(st.lists(any_of(Cause, id=FEW_IDS), max_size=2, unique_by=lambda c: c.id))
    trend, friction = data.draw(any_of(Trend)), data.draw(any_of(Friction))
    owner, stage = data.draw(any_of(OwnerMatch)), data.draw(any_of(StageMatch))
    event = data.draw(any_of(ThemeEvent))

    def run(session: Session, number: int) -> None:
        week = WEEKS[number]
        save_themes(session, week, themes[number])
        save_assignments(session, week, places[number])
        save_theme_events(session, [replace(event, week=week)])
        save_snapshot(
            session,
            week,
            trends=[replace(trend, week=week)],
            causes=causes,
            friction=[friction],
            owners={"a": owner},
            stages={"a": stage},
            report_json=f'"{week}"',
        )

    with fresh() as session:
        one_message_with_statements(session)
        messages, statements = load_feedback(session), load_statements(session)
        for number in range(back_to):
            run(session, number)
        before = state(session)
        for number in range(back_to, len(WEEKS)):
            run(session, number)
        after = state(session)
        shown = published(session)
        rewind(session, WEEKS[back_to])
        assert state(session) == before
        assert published(session) == shown  # readable until each week is published anew
        assert (load_feedback(session), load_statements(session)) == (messages, statements)
        for number in range(back_to, len(WEEKS)):
            run(session, number)
        assert (state(session), published(session)) == (after, shown)
