from __future__ import annotations

import datetime as dt

import pytest

from nlp.open_texts import open_texts_of
from nlp.records import Assignment, Feedback, Statement, text_sha

WEEKS = ("2026-W01", "2026-W02", "2026-W03")


def said(week: str, *, noise: str | None = None) -> tuple[Feedback, Statement]:
    moment = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    text = f"said in {week} {noise or ''}"
    item = Feedback(f"{week}{noise}", "s", "ticket", text, moment, week, moment.date())
    return item, Statement(item.key, 0, text, noise)


SAID = [*(said(week) for week in WEEKS), said("2026-W03", noise="non-answer")]
FEEDBACK = {item.key: item for item, _ in SAID}
STATEMENTS = [statement for _, statement in SAID]


@pytest.mark.parametrize(("weeks", "kept"), [(1, 1), (2, 2), (3, 3), (None, 3)])
def test_what_waits_is_open_for_some_weeks_or_for_ever(weeks: int | None, kept: int) -> None:
    waiting = {
        one.id: Assignment(one.id, None, None, "unthemed", 0.0, "none") for one in STATEMENTS
    }
    found = open_texts_of("2026-W03", STATEMENTS, waiting, FEEDBACK, weeks=weeks)
    assert set(found) == {text_sha(one.text) for one in STATEMENTS[3 - kept : 3]}


def test_what_is_new_is_open_however_old_and_what_has_a_leaf_is_not() -> None:
    first, second, *_ = STATEMENTS
    settled = {second.id: Assignment(second.id, "T", None, "leaf", 1.0, "exemplars")}
    found = open_texts_of("2026-W03", STATEMENTS, settled, FEEDBACK, weeks=1)
    assert set(found) == {first.sha, STATEMENTS[2].sha}
    assert found[first.sha] == [first]
    assert second.sha not in open_texts_of("2026-W03", STATEMENTS, settled, FEEDBACK, weeks=None)
