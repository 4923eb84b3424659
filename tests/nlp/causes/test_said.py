"""Stated causes: grouped by meaning, counted by customer, with ids that last."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.causes.alike import AlikeConfig
from nlp.causes.said import SaidConfig, clause_texts, said
from nlp.population import Population, build_population
from nlp.records import Assignment, Cause, Clause, Feedback, Statement, text_sha

UPDATE = ["I updated to 4.2", "the update", "the new version came", "installing 4.2"]
LOGO = ["our logo is large", "the big logo", "a huge header image"]


@dataclass(frozen=True, slots=True)
class Story:
    population: Population
    statements: dict[str, Statement]
    vectors: dict[str, NDArray[np.float32]]

    def causes(self, *, known: Sequence[Cause] = (), min_customers: int = 3) -> tuple[Cause, ...]:
        return said(
            self.population,
            self.statements,
            themes=["T-1"],
            clause_vectors=self.vectors,
            config=SaidConfig(min_customers=min_customers),
            known=known,
        )


def vectors(groups: Sequence[Sequence[str]]) -> dict[str, NDArray[np.float32]]:
    found = {}
    for axis, texts in enumerate(groups):
        for at, text in enumerate(texts):
            row = np.zeros(64, dtype=np.float32)
            row[axis] = 1.0
            row[10 + 8 * axis + at] = 0.4 + 0.05 * at  # so that the first is nearest to all
            found[text_sha(text)] = row / np.linalg.norm(row)
    return found


def story(said_by: Sequence[tuple[str, str | None]], seed: int = 0) -> Story:
    """Messages of one theme: (customer, clause or None)."""
    feedback, statements, placed = [], [], {}
    for at, (customer, clause) in enumerate(said_by):
        item = Feedback(
            id=f"{at:03d}",
            source="s",
            kind="ticket",
            text="",
            created_at=dt.datetime(2026, 10, 5, tzinfo=dt.UTC),
            week="2026-W41",
            day=dt.date(2026, 10, 5),
            customer_id=customer,
        )
        text = f"It broke since {clause}." if clause else "It broke."
        found = (
            () if clause is None else (Clause(clause, "since", "temporal", 15, 15 + len(clause)),)
        )
        one = Statement(item.key, 0, text, clauses=found)
        feedback.append(item)
        statements.append(one)
        placed[one.id] = Assignment(one.id, "T-1", None, "leaf", 1.0, "test")
    order = random.Random(seed)
    order.shuffle(feedback)
    order.shuffle(statements)
    return Story(
        build_population(feedback, statements, placed),
        {one.id: one for one in statements},
        vectors([UPDATE, LOGO]),
    )


TOLD = [
    *[(f"u{at}", clause) for at, clause in enumerate(UPDATE)],
    *[(f"l{at}", clause) for at, clause in enumerate(LOGO)],
    ("x", None),
]


def test_two_reasons_are_two_causes_with_a_quote_and_a_share() -> None:
    first, second = story(TOLD).causes()
    assert (first.customers, second.customers) == (4, 3)
    note = "(may only be when, not why)"
    assert first.statement == f'Customers say: "since I updated to 4.2" {note}'
    assert second.statement == f'Customers say: "since our logo is large" {note}'
    assert first.kind == "said"
    assert first.share_of_theme == pytest.approx(4 / 8)
    assert first.evidence_ids == ("s/000#0", "s/001#0", "s/002#0", "s/003#0")


def test_order_changes_nothing() -> None:
    assert story(TOLD, seed=1).causes() == story(TOLD, seed=2).causes()


@pytest.mark.parametrize(("needed", "found"), [(3, 2), (4, 1), (5, 0)])
def test_distinct_customers_just_below_at_and_above(needed: int, found: int) -> None:
    assert len(story(TOLD).causes(min_customers=needed)) == found


def test_one_loud_customer_is_one_customer() -> None:
    assert story([("u", clause) for clause in UPDATE]).causes() == ()


def test_the_same_words_of_three_customers_are_a_cause() -> None:
    found = story([(f"u{at}", "the update") for at in range(3)]).causes()
    assert [(one.customers, one.statements) for one in found] == [(3, 3)]


def test_an_id_stays_when_the_quote_moves() -> None:
    before = story(TOLD[:3]).causes()
    more = [*TOLD, *[(f"v{at}", "installing 4.2") for at in range(9)]]
    fresh = story(more).causes()
    kept = story(more).causes(known=before)
    assert fresh[0].id != before[0].id
    assert kept[0].id == before[0].id
    assert kept[0].statement != before[0].statement
    assert kept[1].id == fresh[1].id


def test_one_known_id_goes_to_one_group_of_its_own_theme_only() -> None:
    old = story(TOLD).causes()
    both = replace(old[0], id="C-both", evidence_ids=(*old[0].evidence_ids, *old[1].evidence_ids))
    kept = story(TOLD).causes(known=[both])
    assert [one.id == "C-both" for one in kept] == [True, False]
    elsewhere = replace(both, theme_id="T-2")
    assert story(TOLD).causes(known=[elsewhere]) == old


def test_evidence_just_below_and_at_one_half_keeps_the_id() -> None:
    old = story(TOLD).causes()[0]
    foreign = tuple(f"s/9{at:02d}#0" for at in range(3))
    half = replace(old, id="C-old", evidence_ids=(*old.evidence_ids[:2], *foreign[:2]))
    less = replace(old, id="C-old", evidence_ids=(*old.evidence_ids[:1], *foreign[:2]))
    assert story(TOLD).causes(known=[half])[0].id == "C-old"
    assert story(TOLD).causes(known=[less])[0].id != "C-old"


def test_a_missing_vector_is_named() -> None:
    told = story([*TOLD, ("y", "nobody embedded this")])
    with pytest.raises(KeyError, match="nobody embedded this"):
        told.causes()


def test_clause_texts_are_distinct_and_sorted() -> None:
    told = story([("a", "the update"), ("b", "the update"), ("c", "a fee"), ("d", None)])
    assert clause_texts(tuple(told.statements.values())) == ("a fee", "the update")


@pytest.mark.parametrize(("temporal", "noted"), [(4, True), (3, True), (2, False), (0, False)])
def test_a_group_that_mostly_dates_says_so(temporal: int, noted: bool) -> None:
    told = story(TOLD)
    for at, (name, one) in enumerate(sorted(told.statements.items())[:4]):
        relation: Literal["temporal", "causal"] = "temporal" if at < temporal else "causal"
        clause = replace(one.clauses[0], relation=relation)
        told.statements[name] = replace(one, clauses=(clause,))
    assert ("may only be when, not why" in told.causes()[0].statement) == noted


def test_a_quote_keeps_the_order_of_its_words() -> None:
    told = story([(f"u{at}", "the update") for at in range(3)])
    for name, one in told.statements.items():
        text = "Sadly the update broke it."
        clause = Clause("the update", "broke", "causal", 6, 16)
        told.statements[name] = replace(one, text=text, clauses=(clause,))
    assert [one.statement for one in told.causes()] == ['Customers say: "the update broke"']


@pytest.mark.parametrize(
    ("text", "clause", "connective", "quote"),
    [
        ("It is down BECAUSE of the update.", "the update", "because of", "BECAUSE of the update"),
        ("Had to renew it and it is dead since.", "Had to renew it", "since", "Had to renew it"),
        ("The update broke it.", "The update", "broke", "The update broke"),
        ("Because it says 'card refused' now.", "it says 'card refused", "because", None),
        ("İt is because: the logo.", "the logo", "because", "the logo"),
        ("Because of rain, and later the logo.", "the logo", "because of", "the logo"),
    ],
)
def test_a_quote_is_word_for_word(
    text: str, clause: str, connective: str, quote: str | None
) -> None:
    start = text.index(clause)
    found = Clause(clause, connective, "causal", start, start + len(clause))
    base = story([("a", "x"), ("b", "x"), ("c", "x")])
    told = replace(
        base,
        statements={
            name: replace(one, text=text, clauses=(found,)) for name, one in base.statements.items()
        },
        vectors=vectors([[clause]]),
    )
    (cause,) = told.causes()
    wanted = quote or "Because it says 'card refused'"
    assert cause.statement == f'Customers say: "{wanted}"'


def test_a_long_quote_gives_way_to_a_short_one_that_stands_for_as_much() -> None:
    long = " ".join(
        ["the update of the app on my phone that came on its own last week", *["x"] * 9]
    )
    told = story([("a", long), ("b", "the update"), ("c", "the update came")])
    row = np.eye(1, 64, dtype=np.float32)[0]
    told.vectors.update({text_sha(one): row for one in (long, "the update", "the update came")})
    assert [one.statement.split('"')[1] for one in told.causes()] == ["since the update"]


def test_large_themes_are_grouped_by_density() -> None:
    generator = np.random.default_rng(0)
    centres = generator.normal(size=(2, 384))
    told, known = [], {}
    for at in range(420):
        clause = f"reason number {at}"
        row = generator.normal(size=384) if at >= 60 else centres[at % 2]
        row = row + 0.3 * generator.normal(size=384)
        known[text_sha(clause)] = (row / np.linalg.norm(row)).astype(np.float32)
        told.append((f"c{at}", clause))
    base = story(told)
    config = SaidConfig(alike=AlikeConfig(density_from=400))
    found = said(
        base.population, base.statements, themes=["T-1"], clause_vectors=known, config=config
    )
    assert sorted(one.customers for one in found)[-2:] == [30, 30]
    again = story(told, seed=5).population
    assert found == said(
        again, base.statements, themes=["T-1"], clause_vectors=known, config=config
    )
