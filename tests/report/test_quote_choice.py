from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from nlp.ledger import Place, Said, build_ledger
from nlp.part import Part
from nlp.records import Feedback, Statement
from nlp.weeks import monday, shift
from report.quote_choice import choose_quotes
from report.quotes import FRESH_WEEKS, TELLING, Candidate, pick_quotes

_LAST = "2026-W20"
_LENGTHS = (TELLING - 1, TELLING, TELLING + 40)


@st.composite
def said(draw: st.DrawFn) -> tuple[list[Feedback], list[Candidate]]:
    """Messages and their statements about one theme, as candidates."""
    messages, candidates = [], []
    for number in range(draw(st.integers(1, 9))):
        ago = draw(st.sampled_from([0, FRESH_WEEKS - 1, FRESH_WEEKS, 30]))
        week, customer = shift(_LAST, -ago), draw(st.sampled_from(["a", "b", "c", "d"]))
        text = draw(st.sampled_from("xyz")) * draw(st.sampled_from(_LENGTHS))
        day = monday(week)
        item = Feedback(
            id=f"{number}",
            source="s",
            kind="survey",
            text=text,
            created_at=dt.datetime.combine(day, dt.time(), dt.UTC),
            week=week,
            day=day,
            customer_id=customer,
        )
        messages.append(item)
        candidates.append(
            Candidate(
                Statement(item.key, 0, text),
                kind=item.kind,
                week=week,
                speaker="abcd".index(customer),
                fresh=ago < FRESH_WEEKS,
                stated=draw(st.booleans()),
                confidence=draw(st.sampled_from([0.2, 0.7])),
            )
        )
    return messages, candidates


@given(given=said(), limit=st.integers(1, 4))
def test_columns_choose_what_the_report_picks(
    given: tuple[list[Feedback], list[Candidate]], limit: int
) -> None:
    messages, candidates = given
    ledger = build_ledger(
        messages,
        [
            Said(one.statement.id, one.statement.feedback_key, one.statement.sha, _length(one))
            for one in candidates
        ],
        [Place(one.statement.id, one.week, "T", None, one.confidence) for one in candidates],
    )
    chosen = choose_quotes(
        Part(ledger, _LAST),
        "T",
        stated={one.statement.id for one in candidates if one.stated},
        last=_LAST,
        limit=limit,
    )
    picked = pick_quotes(candidates, limit=limit, length=200)
    assert [one.statement_id for one in chosen] == [one.statement_id for one in picked]
    assert [ledger.feedback[one.row].week for one in chosen] == [one.week for one in picked]


def _length(one: Candidate) -> int:
    return len(one.statement.text)
