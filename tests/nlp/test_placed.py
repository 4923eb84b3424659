from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nlp.placed import placed, rows_saying, statements_placed
from tests.nlp.test_part import WEEKS, Told, part_of, told


@given(given=told(), week=st.sampled_from(["2025-W50", *WEEKS, "2026-W30"]))
def test_what_a_run_saw_is_what_has_a_place_by_its_week(given: Told, week: str) -> None:
    part = part_of(given, week)
    messages = {item.key for item in part.feedback}
    has_place = {place.statement_id for place in given.places if place.week <= week}
    seen = [one for one in given.statements if one.id in has_place and one.feedback_key in messages]
    assert statements_placed(part) == sorted(one.id for one in seen)
    assert [item.key for item in placed(part).feedback] == sorted(
        {one.feedback_key for one in seen}
    )
    asked = [one.id for one in given.statements[::2]] + ["none"]
    rows = rows_saying(part, asked)
    assert [part.message(int(row)).key for row in rows] == sorted(
        {one.feedback_key for one in seen if one.id in set(asked)}
    )
