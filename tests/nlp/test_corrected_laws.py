"""What holds whatever people corrected: undone leaves no trace, order is irrelevant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.corrections import Correction, Corrections, plan
from nlp.found_view import found_view, is_corrected
from nlp.records import Theme
from tests.nlp.corrected_world import (
    CORRECTIONS,
    NESTED,
    PLACED,
    RIVER_SPLIT,
    SHA_SET,
    SPLIT,
    STATEMENTS,
    THEMES,
    W1,
    W2,
    apply,
    distinct_names,
    kinds,
    some_corrections,
    subjects,
)


@settings(max_examples=150, deadline=None)
@given(made=some_corrections)
def test_the_found_view_is_what_the_engine_had(made: list[Correction]) -> None:
    found = apply(W1, made)
    decided = plan(Corrections(tuple(made)), THEMES, SHA_SET.__contains__)
    expected = found_view(THEMES, PLACED, decided)
    assert found_view(found.themes, found.assigned, decided) == expected
    assert expected[1] == PLACED


@settings(max_examples=100, deadline=None)
@given(made=some_corrections)
def test_replayed_corrections_change_nothing(made: list[Correction]) -> None:
    first = apply(W1, made)
    again = apply(W2, made, before=first)
    assert (again.themes, again.assigned) == (first.themes, first.assigned)
    assert {kind for kind, _ in kinds(again)} <= {"not applied"}


@settings(max_examples=100, deadline=None)
@given(made=some_corrections, undone=st.sets(st.integers(0, 5)))
def test_an_undone_correction_leaves_no_trace(made: list[Correction], undone: set[int]) -> None:
    left = [one for n, one in enumerate(made) if n not in undone]
    after = apply(W2, left, before=apply(W1, made))
    never = apply(W2, left, before=apply(W1, left))
    assert after.assigned == never.assigned
    kept = {one.id for one in never.themes}

    def timeless(themes: tuple[Theme, ...]) -> list[Theme]:
        """One that was hindered by what was undone is in force a week later."""
        return [replace(one, retired_week=one.retired_week and W1, born_week=W1) for one in themes]

    assert timeless(tuple(one for one in after.themes if one.id in kept)) == timeless(never.themes)
    assert {one.ended for one in after.themes if one.id not in kept} <= {"removed"}


@settings(max_examples=100, deadline=None)
@given(made=some_corrections)
def test_statements_are_conserved_and_stand_where_they_may(made: list[Correction]) -> None:
    found = apply(W1, made)
    themes = {one.id: one for one in found.themes}
    assert found.assigned.keys() == PLACED.keys()
    for item in STATEMENTS:
        row = found.assigned[item.id]
        assert (row.theme_id is not None) == (row.state == "leaf")
        if row.theme_id is not None:
            assert themes[row.theme_id].retired_week is None
            assert row.parent_theme_id == themes[row.theme_id].parent_id
        if row.state == "noise":
            assert item.noise or row.method.startswith("corrected: dismissed")
        if row.state == "parent":
            assert themes[row.parent_theme_id or ""].retired_week is None
        assert is_corrected(row) or row == PLACED[item.id]
    for one in found.themes:
        assert (one.retired_week is not None) == bool(one.ended)
        assert all(themes[key].id for key in one.successors)


@settings(max_examples=60, deadline=None)
@given(made=some_corrections, seed=st.integers(0, 9))
def test_the_order_of_themes_and_places_is_irrelevant(made: list[Correction], seed: int) -> None:
    random = np.random.default_rng(seed)
    ids = sorted(PLACED)
    shuffled = {ids[i]: PLACED[ids[i]] for i in random.permutation(len(ids))}
    themes = [THEMES[i] for i in random.permutation(len(THEMES))]
    assert apply(W1, made, themes=themes, placed=shuffled) == apply(W1, made)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_unrelated_corrections_come_to_the_same_in_any_order(data: st.DataObject) -> None:
    splits = data.draw(st.sampled_from([[], [SPLIT, RIVER_SPLIT]]))
    drawn = splits + data.draw(st.lists(st.sampled_from(CORRECTIONS), max_size=12, unique_by=id))
    made: list[Correction] = []
    for one in drawn:
        if not any(subjects(one) & subjects(other) for other in made):
            made.append(one)
    other = data.draw(st.permutations(made))
    first = apply(W1, made, name=distinct_names())
    again = apply(W1, other, name=distinct_names())
    assert first.themes == again.themes
    assert first.assigned == again.assigned
    assert sorted(first.events, key=str) == sorted(again.events, key=str)


def test_parts_are_named_in_one_order_whatever_was_split_first() -> None:
    made = [SPLIT, RIVER_SPLIT, Correction("split", SPLIT.children[1], parts=NESTED)]
    first = apply(W1, made, name=distinct_names())
    again = apply(W1, [made[1], made[0], made[2]], name=distinct_names())
    assert {one.id for one in first.themes} >= {*made[2].children, *RIVER_SPLIT.children}
    assert first.themes == again.themes
