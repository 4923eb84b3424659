"""Ids and verdicts of joined causes last over weeks and merges of themes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from nlp.causes.join import join_causes
from nlp.causes.where import where_id
from nlp.population import Population
from nlp.records import CauseKind, RootCause, Verdict
from tests.nlp.causes.joining import (
    ALL,
    HEIRS,
    LATER,
    THEME,
    WEEK,
    Plant,
    groups,
    known_id,
    moved,
    piece,
    spread,
)


@pytest.fixture(scope="module")
def population(plant: Plant) -> Population:
    """A hundred customers of one theme, one message each, among as many of none."""
    return plant([row % 84 for row in range(2 * ALL)], {THEME: range(ALL)})


def test_an_id_lasts_while_pieces_come_and_go(population: Population) -> None:
    when = piece(population, "when", "when", range(30))
    where = piece(population, "where", "where", range(35))
    said = piece(population, "sofa", "said", range(5, 25))
    first = join_causes(population, [when], week=WEEK)
    second = join_causes(population, [when, where], week=LATER, known=first)
    third = join_causes(population, [where, said], week="2026-W22", known=second)
    assert [one.id for one in first] == [one.id for one in second] == [one.id for one in third]
    assert {one.first_week for one in (*first, *second, *third)} == {WEEK}


def test_of_two_that_become_one_the_wider_gives_the_id(population: Population) -> None:
    when = piece(population, "when", "when", range(30))
    where = piece(population, "where", "where", range(50))
    apart = [
        *join_causes(population, [when], week=WEEK),
        *join_causes(population, [where], week=WEEK),
    ]
    (one,) = join_causes(population, [when, where], week=LATER, known=apart)
    assert one.id == known_id(apart, "where")


def test_of_one_that_falls_apart_one_part_keeps_the_id(population: Population) -> None:
    when = piece(population, "when", "when", range(30))
    where = piece(population, "where", "where", range(35))
    before = join_causes(population, [when, where], week=WEEK)
    moved = piece(population, "where", "where", range(30, 80))
    after = join_causes(population, [when, moved], week=LATER, known=before)
    assert len({one.id for one in after}) == 2
    assert before[0].id in {one.id for one in after}
    assert {one.first_week for one in after} == {WEEK, LATER}


@pytest.mark.parametrize(("shared", "same"), [(9, False), (10, False), (11, True)])
def test_the_greater_part_of_the_smaller_evidence_makes_the_same_cause(
    population: Population, shared: int, same: bool
) -> None:
    before = join_causes(population, [piece(population, "old", "said", range(20))], week=WEEK)
    now = piece(population, "new", "said", spread(shared, 20, 20))
    (one,) = join_causes(population, [now], week=LATER, known=before)
    assert (one.id == before[0].id) is same


def test_a_segment_inside_another_is_not_the_same_cause(population: Population) -> None:
    before = join_causes(population, [piece(population, "eu", "where", range(60))], week=WEEK)
    inside = piece(population, "pro", "where", range(20))
    (one,) = join_causes(population, [inside], week=LATER, known=before)
    assert one.id != before[0].id
    said = piece(population, "s", "said", range(20))
    (other,) = join_causes(population, [said], week=LATER, known=before)
    assert other.id != before[0].id


def test_causes_of_a_merged_theme_are_inherited_by_their_evidence(plant: Plant) -> None:
    days = [row % 84 for row in range(200)]
    old = plant(days, {THEME: range(40)})
    new = plant(days, {"T-2": range(60)})
    assert set(old.evidence(THEME, range(40))) == set(new.evidence("T-2", range(40)))
    before = join_causes(old, [piece(old, "w", "where", range(30))], week=WEEK)
    ids = new.evidence("T-2", range(32))
    heir = replace(
        piece(old, "w2", "where", range(30)), theme_id="T-2", evidence_ids=ids, statements=len(ids)
    )
    verdicts = {before[0].id: Verdict(before[0].id, "rejected", "chance", "ana")}
    (one,) = join_causes(new, [heir], week=LATER, known=before, verdicts=verdicts)
    assert (one.id, one.theme_id, one.state) == (before[0].id, "T-2", "rejected")
    assert one.first_week == WEEK


@pytest.mark.parametrize("state", ["confirmed", "rejected"])
def test_a_verdict_holds_on_every_later_run(population: Population, state: str) -> None:
    when = piece(population, "when", "when", range(30))
    where = piece(population, "where", "where", range(35))
    first = join_causes(population, [when, where], week=WEEK)
    name = first[0].id
    verdicts = {name: Verdict(name, state, "seen in the log", "ana")}  # type: ignore[arg-type]
    known: Sequence[RootCause] = first
    for week, pieces in (("2026-W21", [when, where]), ("2026-W22", [where]), ("2026-W23", [when])):
        (one,) = join_causes(population, pieces, week=week, known=known, verdicts=verdicts)
        assert (one.id, one.state, one.decided_by) == (name, state, "ana")
        assert one.decision_note == "seen in the log"
    taken_back = join_causes(population, [when, where], week="2026-W24", known=first)
    assert (taken_back[0].id, taken_back[0].decided_by) == (name, "")
    assert taken_back[0].state in {"observed", "corroborated"}


def test_nothing_new_joins_what_was_rejected_and_its_pieces_stay_together(
    population: Population,
) -> None:
    when = piece(population, "when", "when", range(30))
    where = piece(population, "where", "where", range(35))
    first = join_causes(population, [when, where], week=WEEK)
    name = first[0].id
    said = piece(population, "sofa", "said", range(5, 25))
    moved = replace(where, evidence_ids=population.evidence(THEME, range(30, 80)))
    rejected = {name: Verdict(name, "rejected", "a survey went there", "ana")}
    found = join_causes(population, [when, moved, said], week=LATER, known=first, verdicts=rejected)
    assert groups(found) == [{"sofa"}, {"when", "where"}]
    assert {one.id: one.state for one in found}[name] == "rejected"
    confirmed = {name: Verdict(name, "confirmed", "seen", "ana")}
    (one,) = join_causes(
        population, [when, where, said], week=LATER, known=first, verdicts=confirmed
    )
    assert (one.id, one.state, len(one.evidence)) == (name, "confirmed", 3)


def test_two_causes_that_were_judged_never_become_one(population: Population) -> None:
    when = piece(population, "when", "when", range(30))
    where = piece(population, "where", "where", range(35))
    apart = [
        *join_causes(population, [when], week=WEEK),
        *join_causes(population, [where], week=WEEK),
    ]
    both = {one.id: Verdict(one.id, "confirmed", "seen", "ana") for one in apart}
    found = join_causes(population, [when, where], week=LATER, known=apart, verdicts=both)
    assert {one.id for one in found} == {one.id for one in apart}
    # One verdict alone keeps its id, though the other cause is wider.
    name = known_id(apart, "when")
    (one,) = join_causes(
        population, [when, where], week=LATER, known=apart, verdicts={name: both[name]}
    )
    assert (one.id, one.state) == (name, "confirmed")


@pytest.mark.parametrize("state", ["confirmed", "rejected"])
@pytest.mark.parametrize(("kind", "old", "new", "kept"), HEIRS)
@pytest.mark.parametrize("known_there", [False, True])
def test_a_verdict_outlives_the_merge_of_its_theme(
    plant: Plant,
    *,
    state: str,
    kind: CauseKind,
    old: dict[str, object],
    new: dict[str, object],
    kept: bool,
    known_there: bool,
) -> None:
    # The lesser theme, with the verdict, is merged into one that has the same cause, unjudged.
    days = [row % 84 for row in range(200)]
    apart = plant(days, {THEME: range(40), "T-2": range(40, 100)})
    whole = plant(days, {"T-2": range(100)})
    mine = piece(apart, "a", kind, range(20), **old)
    theirs = replace(moved(apart, "b", range(40, 80), mine), **new)  # type: ignore[arg-type]
    known = join_causes(apart, [mine, theirs], week=WEEK)
    name = known_id(known, "a")
    told = known if known_there else [one for one in known if one.id == name]
    verdicts = {name: Verdict(name, state, "seen in the log", "ana")}  # type: ignore[arg-type]
    both = replace(moved(whole, "b", [*range(18), *range(40, 80)], mine), **new)  # type: ignore[arg-type]
    (one,) = join_causes(
        whole, [both], week=LATER, known=told, verdicts=verdicts, before=[mine, theirs]
    )
    assert (one.id == name) is kept
    assert (one.state, one.decided_by) == ((state, "ana") if kept else ("observed", ""))
    if not kept and known_there:
        assert one.id == known_id(known, "b")


def test_a_verdict_stays_with_a_theme_that_lives(plant: Plant) -> None:
    # The statements are in the parent theme, too; its cause is another one.
    days = [row % 84 for row in range(200)]
    population = plant(days, {THEME: range(40), "T-2": range(100)})
    mine = piece(population, "a", "where", range(20), conditions=(("os", "iOS"),))
    known = join_causes(population, [mine], week=WEEK)
    verdicts = {known[0].id: Verdict(known[0].id, "rejected", "chance", "ana")}
    child = moved(plant(days, {"T-2": range(100)}), "b", range(20, 60), mine)
    child = replace(child, evidence_ids=(*mine.evidence_ids, *child.evidence_ids))
    (one,) = join_causes(
        population, [child], week=LATER, known=known, verdicts=verdicts, before=[mine]
    )
    assert (one.id == known[0].id, one.state) == (False, "observed")


def test_a_rejected_segment_of_a_merged_theme_takes_nothing_new_with_it(plant: Plant) -> None:
    days = [row % 84 for row in range(200)]
    apart, whole = plant(days, {THEME: range(40)}), plant(days, {"T-2": range(100)})
    mine = piece(apart, "a", "where", range(20), conditions=(("os", "iOS"),))
    # An id of the kind that is found in the data, so that no piece of before is needed.
    mine = replace(mine, id=where_id(THEME, mine.conditions))
    known = join_causes(apart, [mine], week=WEEK)
    verdicts = {known[0].id: Verdict(known[0].id, "rejected", "chance", "ana")}
    heir = moved(whole, "b", range(50), mine)
    said = moved(whole, "s", range(40), piece(apart, "s", "said", range(20)))
    found = join_causes(whole, [heir, said], week=LATER, known=known, verdicts=verdicts)
    assert groups(found) == [{"b"}, {"s"}]
    assert {one.state for one in found if "C-b" in one.evidence} == {"rejected"}
    assert {one.state for one in found if "C-s" in one.evidence} == {"observed"}
