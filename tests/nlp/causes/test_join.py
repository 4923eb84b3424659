from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from nlp.causes.join import join_causes
from nlp.causes.links import DEFAULT
from nlp.causes.telling import NAMED, beside_of
from nlp.population import Population
from nlp.records import CauseKind, Clause, Statement, Verdict
from tests.nlp.causes.joining import ALL, LATER, PIECES, THEME, WEEK, Plant, groups, piece, spread


@pytest.fixture(scope="module")
def population(plant: Plant) -> Population:
    """A hundred customers of one theme, one message each, among as many of none."""
    return plant([row % 84 for row in range(2 * ALL)], {THEME: range(ALL)})


def test_pieces_whose_customers_overlap_beyond_chance_are_one_cause(
    population: Population,
) -> None:
    pieces = [
        piece(population, "when", "when", range(30)),
        piece(population, "where", "where", range(35)),
        piece(population, "sofa", "said", range(5, 25)),
        piece(population, "chair", "said", range(60, 80)),
    ]
    found = join_causes(population, pieces, week=WEEK)
    assert groups(found) == [{"chair"}, {"sofa", "when", "where"}]
    joined = next(one for one in found if len(one.evidence) == 3)
    assert (joined.customers, joined.statements, joined.share_of_theme) == (35, 35, 0.35)
    assert joined.evidence_ids == population.evidence(THEME, range(35))
    assert joined.kinds == ("said", "where", "when")
    assert joined.state == "corroborated"
    assert {one.state for one in found if one is not joined} == {"observed"}


@pytest.mark.parametrize(
    ("when", "where", "expected"), [(True, True, True), (True, False, False), (False, False, False)]
)
def test_a_cause_is_exploratory_where_none_of_its_pieces_is_confirmed(
    population: Population, *, when: bool, where: bool, expected: bool
) -> None:
    pieces = [
        piece(population, "when", "when", range(30), exploratory=when),
        piece(population, "where", "where", range(35), exploratory=where),
    ]
    (joined,) = join_causes(population, pieces, week=WEEK)
    assert joined.exploratory == expected


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_the_overlap_must_lie_beyond_chance(population: Population, step: int) -> None:
    # 20 of 100 against 20 of 100: the least overlap whose tail is at most max_p.
    tails = {shared: hypergeom.sf(shared - 1, ALL, 20, 20) for shared in range(21)}
    least = min(shared for shared, tail in tails.items() if tail <= DEFAULT.max_p)
    shared = least + step
    pieces = [
        piece(population, "sofa", "said", range(20)),
        piece(population, "when", "when", spread(shared, 20, 20)),
    ]
    assert len(join_causes(population, pieces, week=WEEK)) == (2 if step < 0 else 1)


def test_the_p_value_is_corrected_for_the_pairs_tried(population: Population) -> None:
    tails = {shared: hypergeom.sf(shared - 1, ALL, 20, 20) for shared in range(21)}
    least = min(shared for shared, tail in tails.items() if tail <= DEFAULT.max_p)
    assert tails[least] * 5 > DEFAULT.max_p
    one = piece(population, "sofa", "said", range(20))
    when = piece(population, "when", "when", spread(least, 20, 20))
    others = [piece(population, f"no{at}", "said", [50 + at, 60 + at, 70 + at]) for at in range(4)]
    assert {"sofa", "when"} in groups(join_causes(population, [one, when], week=WEEK))
    assert {"sofa", "when"} not in groups(join_causes(population, [one, when, *others], week=WEEK))


@pytest.mark.parametrize(("shared", "joined"), [(2, False), (3, True), (4, True)])
def test_three_customers_must_be_common(population: Population, shared: int, joined: bool) -> None:
    pieces = [
        piece(population, "sofa", "said", range(shared)),
        piece(population, "when", "when", range(shared)),
    ]
    assert hypergeom.sf(shared - 1, ALL, shared, shared) <= DEFAULT.max_p
    assert (len(join_causes(population, pieces, week=WEEK)) == 1) is joined


@pytest.mark.parametrize(
    ("quote", "event", "joined"),
    [
        ("after the 4.2 update", "release: 4.2", True),
        ("since v4.2", "release: 4.2", True),
        ("since 4.2.1", "release: 4.2", True),
        ("after the update", "release: Aurora", True),
        ("since the outage", "incident: gateway", True),
        ("because of the Aurora layout", "release: Aurora", True),
        ("since 4.3", "release: 4.2", False),
        ("after the update", "incident: gateway", False),
        ("because my phone is slow", "release: 4.2", False),
        ("after the", "release: the", False),
        ("since 14.2", "release: 4.2", False),
        ("because of the sale", "campaign: big autumn sale on shoes", False),
    ],
)
def test_words_that_name_each_other_join_what_overlaps_as_expected(
    population: Population, quote: str, event: str, joined: bool
) -> None:
    # 8 of 20 in a window that holds 40 of 100: just as expected.
    pieces = [
        piece(population, "when", "when", range(40), event=event),
        piece(population, "s", "said", spread(8, 20, 40), statement=f'Customers say: "{quote}"'),
    ]
    assert (len(join_causes(population, pieces, week=WEEK)) == 1) is joined


@pytest.mark.parametrize(("shared", "joined"), [(7, False), (8, True), (9, True)])
def test_words_join_nothing_that_overlaps_less_than_expected(
    population: Population, shared: int, joined: bool
) -> None:
    pieces = [
        piece(population, "when", "when", range(40), event="release: 4.2"),
        piece(
            *(population, "s", "said", spread(shared, 20, 40)),
            statement='Customers say: "since 4.2"',
        ),
    ]
    assert (len(join_causes(population, pieces, week=WEEK)) == 1) is joined


@pytest.mark.parametrize(("shared", "joined"), [(1, False), (2, True)])
def test_words_need_two_customers(population: Population, shared: int, joined: bool) -> None:
    pieces = [
        piece(population, "w", "where", range(10), conditions=(("browser", "Opera"),)),
        piece(
            *(population, "s", "said", spread(shared, 4, 10)),
            statement='Customers say: "because I use Opera"',
        ),
    ]
    assert (len(join_causes(population, pieces, week=WEEK)) == 1) is joined


@pytest.mark.parametrize(("others", "joined"), [(20, True), (21, False)])
def test_a_word_that_a_tenth_of_all_else_holds_names_nothing(
    population: Population, others: int, joined: bool
) -> None:
    feedback = tuple(
        replace(item, text="Opera again" if ALL <= row < ALL + others // 2 + others % 2 else "else")
        for row, item in enumerate(population.feedback)
    )
    assert len(feedback) == 2 * ALL  # a tenth of the hundred others is ten
    spoken = replace(population, feedback=feedback)
    pieces = [
        piece(spoken, "w", "where", range(10), conditions=(("browser", "Opera"),)),
        piece(
            *(spoken, "s", "said", spread(2, 4, 10)),
            statement='Customers say: "because I use Opera"',
        ),
    ]
    assert (len(join_causes(spoken, pieces, week=WEEK)) == 1) is joined


@pytest.mark.parametrize(("holders", "joined"), [(5, False), (6, True)])
def test_what_many_clauses_of_a_group_name_counts_beside_its_quote(
    population: Population, holders: int, joined: bool
) -> None:
    rows = spread(8, 20, 40)
    said = piece(population, "s", "said", rows, statement='Customers say: "since it was changed"')
    when = piece(population, "when", "when", range(40), event="release: Aurora")
    statements = {
        name: Statement(
            *(name.split("#")[0], 0, "since Aurora"),
            clauses=(
                Clause("Aurora" if at < holders else "it changed", "since", "temporal", 6, 12),
            ),
        )
        for at, name in enumerate(said.evidence_ids)
    }
    found = join_causes(population, [said, when], week=WEEK, statements=statements)
    assert (len(found) == 1) is joined


@pytest.mark.parametrize(
    ("shared", "state"), [(8, "observed"), (11, "observed"), (12, "corroborated")]
)
def test_words_corroborate_only_what_overlaps_beyond_chance(
    population: Population, shared: int, state: str
) -> None:
    pieces = [
        piece(population, "when", "when", range(40), event="release: 4.2"),
        piece(
            *(population, "s", "said", spread(shared, 20, 40)),
            statement='Customers say: "since 4.2"',
        ),
    ]
    p = float(hypergeom.sf(shared - 1, ALL, 40, 20))
    assert (p <= DEFAULT.max_shared_p) is (state == "corroborated")
    (one,) = join_causes(population, pieces, week=WEEK)
    assert one.state == state
    assert one.independent == (2 if state == "corroborated" else 1)
    assert (NAMED in one.statement) is (state == "observed")


def test_the_kind_that_only_words_join_is_named_and_does_not_count(
    population: Population,
) -> None:
    pieces = [
        piece(population, "when", "when", range(40), event="release: 4.2"),
        piece(population, "s", "said", spread(8, 20, 40), statement='Customers say: "since 4.2"'),
        piece(population, "t", "said", range(20), statement='Customers say: "since the update"'),
    ]
    (one,) = join_causes(population, pieces, week=WEEK)
    # Two pairs of said and when are tried; one of them overlaps far beyond chance.
    assert (one.state, one.independent) == ("corroborated", 2)
    assert NAMED not in one.statement
    where = piece(population, "w", "where", spread(8, 20, 60), conditions=(("app", "4.2"),))
    (three,) = join_causes(population, [pieces[0], pieces[2], where], week=WEEK)
    assert (three.kinds, three.independent) == (("said", "where", "when"), 2)


def test_a_segment_and_an_onset_that_name_one_version_are_one(population: Population) -> None:
    pieces = [
        piece(population, "when", "when", range(40), event="release: 4.2"),
        piece(population, "w", "where", spread(8, 20, 40), conditions=(("version", "4.2"),)),
    ]
    assert len(join_causes(population, pieces, week=WEEK)) == 1
    other = replace(pieces[1], conditions=(("version", "4.3"),))
    assert len(join_causes(population, [pieces[0], other], week=WEEK)) == 2


def test_two_groups_of_clauses_meet_in_one_onset(population: Population) -> None:
    pieces = [
        piece(population, "when", "when", range(30)),
        piece(population, "sofa", "said", range(12)),
        piece(population, "chair", "said", range(14, 26)),
    ]
    assert groups(join_causes(population, pieces, week=WEEK)) == [{"chair", "sofa", "when"}]


def test_no_chain_takes_all(population: Population) -> None:
    # Each neighbour overlaps, the ends do not: two onsets that share nothing stay apart.
    pieces = [
        piece(population, "march", "when", range(30)),
        piece(population, "may", "when", range(40, 70)),
        piece(population, "eu", "where", range(15, 55)),
        piece(population, "sofa", "said", range(16, 26)),
    ]
    found = groups(join_causes(population, pieces, week=WEEK))
    assert not any({"march", "may"} <= group for group in found)
    assert {"sofa", "march", "eu"} in found


def test_the_sentence_joins_the_pieces_with_their_numbers(population: Population) -> None:
    pieces = [
        piece(
            *(population, "when", "when", range(30)),
            event="release: 4.2",
            statement="since 2026-10-03 (release 4.2, 2026-10-03): 2.6 times as frequent",
            lift=2.6,
        ),
        piece(
            *(population, "w", "where", range(35)),
            conditions=(("device", "iOS"), ("version", "4.2")),
            lift=3.1,
        ),
        piece(
            *(population, "s", "said", range(5, 23)),
            statement='Customers say: "logged out after the update"',
        ),
    ]
    (one,) = join_causes(population, pieces, week=WEEK)
    told = one.statement.removesuffix(
        " (the segment does not stand out within single days, so the two count as one "
        "kind of evidence)"
    )
    assert told == (
        "since 2026-10-03 (release 4.2, 2.6 times as frequent), mostly device iOS, version 4.2 "
        '(3.1 times as frequent), 18 customers say "logged out after the update"'
    )
    alone = join_causes(population, pieces[:1], week=WEEK)
    assert alone[0].statement == pieces[0].statement


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=PIECES, later=PIECES, seed=st.integers(0, 10))
def test_every_piece_is_in_one_cause_and_order_does_not_show(
    population: Population,
    drawn: list[tuple[CauseKind, set[int]]],
    later: list[tuple[CauseKind, set[int]]],
    seed: int,
) -> None:
    pieces = [
        piece(population, f"{at}", kind, sorted(rows)) for at, (kind, rows) in enumerate(drawn)
    ]
    found = join_causes(population, pieces, week=WEEK)
    assert sorted(name for one in found for name in one.evidence) == sorted(p.id for p in pieces)
    assert len({one.id for one in found}) == len(found)
    shuffled = random.Random(seed).sample(pieces, len(pieces))
    assert join_causes(population, shuffled, week=WEEK) == found
    # The same evidence a week later is the same causes.
    again = join_causes(population, pieces, week=LATER, known=found)
    assert again == found
    # More evidence a week later takes no id away from a cause whose pieces stayed together.
    more = [
        *pieces,
        *(piece(population, f"n{at}", kind, sorted(rows)) for at, (kind, rows) in enumerate(later)),
    ]
    judged = {one.id: Verdict(one.id, "confirmed", "seen", "ana") for one in found}
    kept = join_causes(population, more, week=LATER, known=found, verdicts=judged)
    by_id = {one.id: one for one in kept}
    for one in found:
        assert set(by_id[one.id].evidence) >= set(one.evidence)
        assert by_id[one.id].first_week == WEEK
    reordered = random.Random(seed).sample(more, len(more))
    turned = join_causes(
        population, reordered, week=LATER, known=list(reversed(found)), verdicts=judged
    )
    assert turned == kept


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("release: 4.2", "release 4.2"),
        ("release: Release 4.2", "Release 4.2"),
        ("price_change: Starter price change", "Starter price change"),
        ("price_change: Starter", "price change Starter"),
        (None, ""),
    ],
)
def test_an_event_is_told_with_its_kind_once(event: str | None, told: str) -> None:
    assert beside_of(event) == told
