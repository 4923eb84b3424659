"""The law of a part: whatever is asked of it, it answers as a population built for the purpose."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from nlp.evidence import lay_out
from nlp.ledger import Place, Said, build_ledger
from nlp.part import Part
from nlp.population import Population, build_population, restrict
from nlp.records import Assignment, Customer, Feedback, Statement
from nlp.weeks import monday, shift

WEEKS = [shift("2026-W01", at) for at in range(5)]
THEMES = ("T-1", "T-2", "T-3", None)


@dataclass(frozen=True)
class Told:
    """Made-up feedback with a customer table."""

    feedback: list[Feedback]
    statements: list[Statement]
    places: list[Place]
    customers: list[Customer]


@st.composite
def told(draw: st.DrawFn) -> Told:
    feedback, statements, places = [], [], []
    for number in range(draw(st.integers(0, 12))):
        week = draw(st.sampled_from(WEEKS[:4]))
        attributes = draw(st.sampled_from([(), (("plan", "Pro"),), (("plan", ""), ("seats", "9"))]))
        item = Feedback(
            id=str(number),
            source=draw(st.sampled_from(["a", "b"])),
            kind="survey",
            text="x",
            created_at=dt.datetime.combine(monday(week), dt.time(), dt.UTC),
            week=week,
            day=monday(week),
            customer_id=draw(st.sampled_from([None, "c1", "c2"])),
            account_id=draw(st.sampled_from([None, "a1"])),
            channel=draw(st.sampled_from([None, "chat"])),
            attributes=attributes,
        )
        feedback.append(item)
        for no in range(draw(st.integers(0, 2))):
            one = Statement(item.key, no, "text")
            statements.append(one)
            moves = draw(st.lists(st.sampled_from(WEEKS), unique=True, max_size=3))
            places += [
                Place(
                    one.id,
                    when,
                    draw(st.sampled_from(THEMES)),
                    draw(st.sampled_from(["P", None])),
                    1.0,
                )
                for when in moves
            ]
    customers = [Customer("c1", (("plan", "Free"), ("size", "big"))), Customer("a1", ())]
    return Told(feedback, statements, places, draw(st.sampled_from([[], customers])))


def laid_out(given: Told, week: str) -> Population:
    last: dict[str, Assignment] = {}
    for place in sorted(given.places, key=lambda one: one.week):
        if place.week <= week:
            last[place.statement_id] = Assignment(
                place.statement_id, place.theme_id, place.parent_id, "leaf", 1.0, "test"
            )
    return build_population(
        [item for item in given.feedback if item.week <= week],
        given.statements,
        last,
        customers=given.customers,
    )


def part_of(given: Told, week: str) -> Part:
    said = [Said(one.id, one.feedback_key, one.sha, len(one.text)) for one in given.statements]
    return Part(build_ledger(given.feedback, said, given.places, customers=given.customers), week)


def same(given: Told, part: Population, whole: Population) -> None:
    assert len(part) == len(whole)
    assert part.feedback == whole.feedback
    assert part.weeks == whole.weeks
    assert part.customers.tolist() == whole.customers.tolist()
    assert part.days.tolist() == whole.days.tolist()
    assert dict(part.attributes) == dict(whole.attributes)
    assert dict(part.statements) == dict(whole.statements)
    assert list(part.members) == list(whole.members)
    assert len(part.members) == len(whole.members)
    assert all(part.members[name].tolist() == rows.tolist() for name, rows in whole.members.items())
    assert part.base.entries.tolist() == whole.base.entries.tolist()
    for name in ("T-1", "T-2", "P", "none"):
        assert (name in part.members) == (name in whole.members)
        assert part.mention_count(name) == whole.mention_count(name)
        rows, ids = part.said(name)
        expected, names = whole.said(name)
        assert (rows.tolist(), ids) == (expected.tolist(), names)
    for pair in (("plan", "Pro"), ("plan", "(missing)"), ("kind", "survey"), ("none", "x")):
        assert part.holding(*pair).tolist() == whole.holding(*pair).tolist()
    held = {name: sorted(values) for name, values in whole.values_held().items() if values}
    assert {name: sorted(values) for name, values in part.values_held().items() if values} == held
    assert part.week_names() == whole.week_names()
    for weeks in (WEEKS[1:3], ["2025-W49", *WEEKS]):
        both = zip(part.weekly(weeks), whole.weekly(weeks), strict=True)
        assert all(mine.tolist() == theirs.tolist() for mine, theirs in both)
        for name in ("T-1", "P", "none"):
            pairs = zip(part.said_weekly(name, weeks), whole.said_weekly(name, weeks), strict=True)
            assert all(mine.tolist() == theirs.tolist() for mine, theirs in pairs)
    assert part.places_of(WEEKS[1:3]).tolist() == whole.places_of(WEEKS[1:3]).tolist()
    rows = np.arange(len(whole))[::2]
    assert part.weeks_at(rows) == whole.weeks_at(rows)
    for name in ("T-1", "P"):
        asked = [one.id for one in given.statements[::2]] + ["none"]
        found, wanted = part.within(name, asked), whole.within(name, asked)
        assert (found[0].tolist(), found[1]) == (wanted[0].tolist(), wanted[1])
    asked = ["T-2", "none", "P", "T-1"]
    mine, theirs = part.mentions_of(asked), whole.mentions_of(asked)
    assert mine.theme.tolist() == theirs.theme.tolist()
    assert mine.row.tolist() == theirs.row.tolist()
    facts, expected_facts = part.facts(), whole.facts()
    assert facts.written.tolist() == expected_facts.written.tolist()
    assert facts.identified.tolist() == expected_facts.identified.tolist()
    # Codes of a part may have holes, but their order is the same.
    assert (
        rankdata(facts.payer, "dense").tolist() == rankdata(expected_facts.payer, "dense").tolist()
    )
    assert part.in_weeks(WEEKS[1], WEEKS[2]).tolist() == whole.in_weeks(WEEKS[1], WEEKS[2]).tolist()


@given(given=told(), week=st.sampled_from(["2025-W50", *WEEKS, "2026-W30"]))
def test_a_part_is_the_population_of_its_week(given: Told, week: str) -> None:
    same(given, part_of(given, week), laid_out(given, week))


@given(given=told(), data=st.data())
def test_restricting_a_part_is_restricting_the_population(given: Told, data: st.DataObject) -> None:
    part, whole = part_of(given, WEEKS[3]), laid_out(given, WEEKS[3])
    for _ in range(2):
        flags = st.lists(st.booleans(), min_size=len(whole), max_size=len(whole))
        keep = np.array(data.draw(flags), dtype=np.bool_)
        part, whole = restrict(part, keep), restrict(whole, keep)  # type: ignore[assignment]
        same(given, part, whole)


@given(given=told(), data=st.data())
def test_the_order_of_input_does_not_matter(given: Told, data: st.DataObject) -> None:
    shuffled = Told(
        data.draw(st.permutations(given.feedback)),
        data.draw(st.permutations(given.statements)),
        data.draw(st.permutations(given.places)),
        data.draw(st.permutations(given.customers)),
    )
    same(given, part_of(shuffled, WEEKS[3]), part_of(given, WEEKS[3]))


def test_a_mask_of_another_length_is_refused() -> None:
    part = part_of(Told([], [], [], []), WEEKS[0])
    with pytest.raises(ValueError, match="the population holds 0"):
        restrict(part, np.ones(3, dtype=np.bool_))


@given(given=told(), week=st.sampled_from(WEEKS), kept=st.integers(0, 2**12 - 1))
def test_many_claims_are_counted_at_once_as_one_by_one(given: Told, week: str, kept: int) -> None:
    whole = part_of(given, week)
    ids = [one.id for one in given.statements]
    claims = [
        ("T-1", ids),
        ("P", ids[::2]),
        ("none", ids),
        ("T-2", []),
        ("T-1", ["none", *ids[1:]]),
    ]
    evidence = lay_out(whole, claims)
    part = whole.kept(np.array([bool(kept >> at & 1) for at in range(len(whole))], dtype=np.bool_))
    customers, statements = evidence.counted(part)
    for at, (theme_id, names) in enumerate(claims):
        rows, found = part.within(theme_id, names)
        assert evidence.ids(at, part) == tuple(sorted(found))
        assert statements[at] == len(found)
        assert customers[at] == part.distinct_customers(rows)


@given(given=told(), week=st.sampled_from(WEEKS))
def test_a_theme_is_counted_alone_as_among_all(given: Told, week: str) -> None:
    alone, all_of_them = part_of(given, week), part_of(given, week)
    for name in ("T-1", "T-2", "T-3", "P", "none"):
        assert alone.mention_count(name) == all_of_them.counts.get(name, (0, 0))
