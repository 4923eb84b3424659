from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.corrections import Correction, Part
from nlp.neighbours import IntArray
from nlp.overlap import KnownText
from nlp.rebuild import Decided, Proposal, RebuildConfig, compare, decided_by, survivors
from nlp.records import Theme, text_sha

Table = dict[tuple[str | None, int], int]  # (leaf, fresh group) -> texts


def theme(name: str) -> Theme:
    return Theme(name, "leaf", None, f"about {name}", "", (), ("x",), 0.5, "2026-W01")


def world(
    table: Table, *, customers: int | None = None
) -> tuple[list[Theme], list[KnownText], IntArray]:
    """Themes, texts and fresh labels with these overlaps; each text has a customer of its own."""
    rows = sorted(
        (text_sha(f"{leaf} {group} {n}"), leaf, group)
        for (leaf, group), count in table.items()
        for n in range(count)
    )
    names = sorted({leaf for leaf, _ in table if leaf is not None})
    texts = [
        KnownText(sha, f"text {sha[:6]}", leaf, 1, frozenset({f"c{n % (customers or len(rows))}"}))
        for n, (sha, leaf, _) in enumerate(rows)
    ]
    return (
        [theme(name) for name in names],
        texts,
        np.array([row[2] for row in rows], dtype=np.int64),
    )


def proposed(table: Table, *, decided: Decided | None = None) -> tuple[Proposal, ...]:
    themes, texts, labels = world(table)
    return compare(themes, texts, labels, decided=decided)


def kinds(found: Sequence[Proposal]) -> list[tuple[str, str, str]]:
    return [(one.kind, one.theme_id, one.into) for one in found]


def test_two_themes_at_home_in_one_group_are_proposed_to_merge_into_the_larger() -> None:
    (found,) = proposed({("A", 0): 20, ("B", 0): 9, ("B", 1): 1, ("C", 2): 12})
    assert (found.kind, found.theme_id, found.into) == ("merge", "B", "A")
    assert found.overlaps == (("B", 0.9), ("A", 1.0))
    assert found.reason == (
        "9 of the 10 texts (90%) of 'about B' and 20 of the 20 texts (100%) of 'about A' "
        "lie in one group of 29 texts"
    )
    assert len(found.quotes) == 3
    assert found.value() == {"into": "A"}


@pytest.mark.parametrize(("inside", "merges"), [(5, False), (6, True), (7, True)])
def test_a_theme_is_at_home_from_six_tenths_on(inside: int, *, merges: bool) -> None:
    found = proposed({("A", 0): 20, ("B", 0): inside, ("B", 1): 10 - inside})
    assert bool(found) == merges


@pytest.mark.parametrize(("others", "merges"), [(31, False), (30, True), (29, True)])
def test_the_group_must_be_mostly_theirs(others: int, *, merges: bool) -> None:
    found = proposed({("A", 0): 20, ("B", 0): 10, (None, 0): others})
    assert ("merge" in {one.kind for one in found}) == merges


def test_three_in_one_group_all_go_into_the_largest() -> None:
    found = proposed({("A", 0): 8, ("B", 0): 20, ("C", 0): 9})
    assert kinds(found) == [("merge", "A", "B"), ("merge", "C", "B")]


def test_a_theme_in_two_groups_of_its_own_is_proposed_to_split() -> None:
    (found,) = proposed({("A", 0): 12, ("A", 1): 7, ("A", 2): 1, ("B", 3): 20, ("B", 2): 5})
    assert (found.kind, found.theme_id) == ("split", "A")
    assert [len(part) for part in found.parts] == [12, 7]
    assert found.overlaps == (("part 1", 0.6), ("part 2", 0.35))
    assert "12 and 7" in found.reason
    assert [len(part["texts"]) for part in found.value()["parts"]] == [12, 7]


@pytest.mark.parametrize(("small", "splits"), [(24, False), (25, True), (26, True)])
def test_a_part_holds_a_quarter(small: int, *, splits: bool) -> None:
    assert bool(proposed({("A", 0): 100 - small, ("A", 1): small})) == splits


@pytest.mark.parametrize(("small", "splits"), [(4, False), (5, True), (6, True)])
def test_a_part_has_five_texts(small: int, *, splits: bool) -> None:
    assert bool(proposed({("A", 0): 8, ("A", 1): small})) == splits


@pytest.mark.parametrize(("others", "splits"), [(31, False), (30, True), (29, True)])
def test_of_the_group_of_a_part_a_quarter_is_of_the_theme(others: int, *, splits: bool) -> None:
    found = proposed({("A", 0): 10, ("A", 1): 10, ("B", 1): others, ("B", 2): 100})
    assert bool(found) == splits


@pytest.mark.parametrize(("others", "splits"), [(11, False), (10, True), (9, True)])
def test_one_part_has_a_group_that_is_mostly_the_themes_own(others: int, *, splits: bool) -> None:
    table: Table = {("A", 0): 10, ("A", 1): 10, ("B", 0): others, ("C", 1): 20}
    found = proposed(table | {("B", 2): 100, ("C", 3): 100})
    assert ("split" in {one.kind for one in found}) == splits


@pytest.mark.parametrize(("stray", "splits"), [(31, False), (30, True), (29, True)])
def test_the_parts_hold_seven_tenths_together(stray: int, *, splits: bool) -> None:
    spread: Table = {("A", 10 + n): 1 for n in range(stray)}
    table: Table = {("A", 0): 35, ("A", 1): 65 - stray, **spread}
    table |= {("Z", 10 + n): 1 for n in range(stray)}
    assert ("split" in {one.kind for one in proposed(table)}) == splits


def test_what_has_no_theme_and_lies_together_is_proposed_to_be_born() -> None:
    (found,) = proposed({("A", 0): 20, (None, 1): 7, ("A", 1): 3})
    assert (found.kind, found.theme_id) == ("birth", "")
    assert found.overlaps == (("without a theme", 0.7),)
    assert found.reason == (
        "7 of the 10 texts of a group (70%) have no theme: 7 mentions of 7 customers"
    )
    assert found.value() == {"texts": list(found.parts[0])}


@pytest.mark.parametrize(("table", "customers"), [
    ({("A", 0): 20, (None, 1): 6, ("A", 1): 3}, 99),  # two thirds
    ({("A", 0): 20, (None, 1): 5}, 99),  # five mentions
    ({("A", 0): 20, (None, 1): 9}, 4),
])  # fmt: skip
def test_a_birth_keeps_to_the_rules_of_births(table: Table, customers: int) -> None:
    assert compare(*world(table, customers=customers)) == ()


def test_texts_of_a_theme_that_has_ended_are_not_born_again() -> None:
    themes, texts, labels = world({("A", 0): 20, ("B", 1): 9})
    ended = [replace(one, retired_week="2026-W30") if one.id == "B" else one for one in themes]
    assert compare(ended, texts, labels) == ()


def test_a_theme_whose_texts_are_scattered_is_proposed_for_removal() -> None:
    table: Table = {("A", n): 2 for n in range(9)}
    table |= {(f"T{n}", n): 20 for n in range(9)}
    (found,) = proposed(table)
    assert (found.kind, found.theme_id, found.value()) == ("remove", "A", {})
    assert "scattered over 9 groups" in found.reason


@pytest.mark.parametrize(("best", "removed"), [(24, True), (25, False), (26, False)])
def test_a_theme_with_a_quarter_in_one_group_is_not_scattered(best: int, *, removed: bool) -> None:
    table: Table = {("A", 0): best}
    table |= {("A", n): 1 for n in range(1, 101 - best)}
    table |= {(f"T{n}", n): 50 for n in range(101 - best)}
    assert bool(proposed(table)) == removed


def test_a_theme_cut_into_many_small_groups_of_its_own_is_not_scattered() -> None:
    assert proposed({("A", n): 6 for n in range(10)}) == ()


MERGE: Table = {("A", 0): 20, ("B", 0): 9}
SPLIT: Table = {("A", 0): 12, ("A", 1): 8}


@pytest.mark.parametrize("change", [{"pinned": True}, {"seeded_by": "s"}])
@pytest.mark.parametrize("name", ["A", "B"])
def test_pinned_and_seeded_themes_are_never_proposed(name: str, change: dict[str, object]) -> None:
    scattered: Table = {(name, n): 2 for n in range(9)}
    scattered |= {("T", n): 9 for n in range(9)}
    for table in (MERGE, SPLIT, scattered):
        themes, texts, labels = world(table)
        kept = [replace(one, **change) if one.id == name else one for one in themes]  # type: ignore[arg-type]
        assert all(name not in {one.theme_id, one.into} for one in compare(kept, texts, labels))


def test_what_people_split_or_forbade_to_link_is_not_merged() -> None:
    assert kinds(proposed(MERGE)) == [("merge", "B", "A")]
    _, texts, _ = world(MERGE)
    leaf_of = {text.sha: text.leaf for text in texts}
    first = {leaf: next(s for s, at in leaf_of.items() if at == leaf) for leaf in ("A", "B")}
    shas = {leaf: [s for s, at in leaf_of.items() if at == leaf] for leaf in ("A", "B")}
    split = Correction("split", "OLD", parts=(Part(tuple(shas["A"])), Part(tuple(shas["B"]))))
    link = Correction("cannot-link", texts=(first["A"], first["B"]))
    for decision in (split, link):
        assert proposed(MERGE, decided=decided_by([decision], leaf_of)) == ()


def test_a_third_theme_goes_where_it_may() -> None:
    apart = Decided(apart=frozenset({frozenset({"A", "B"})}))
    table: Table = {("A", 0): 20, ("B", 0): 15, ("C", 0): 9}
    assert kinds(proposed(table, decided=apart)) == [("merge", "C", "A")]
    both = Decided(apart=frozenset({frozenset({"A", "B"}), frozenset({"A", "C"})}))
    assert kinds(proposed(table, decided=both)) == [("merge", "C", "B")]


def test_what_people_merged_or_linked_is_not_split() -> None:
    assert kinds(proposed(SPLIT)) == [("split", "A", "")]
    _, texts, labels = world(SPLIT)
    leaf_of = {text.sha: text.leaf for text in texts}
    shas = [texts[int(np.flatnonzero(labels == group)[0])].sha for group in (0, 1)]
    merge = Correction("merge", "B", into="A")
    link = Correction("must-link", texts=(shas[0], shas[1]))
    for decision in (merge, link):
        assert proposed(SPLIT, decided=decided_by([decision], leaf_of)) == ()


def test_what_people_let_be_born_is_not_removed() -> None:
    birth = Correction("birth", texts=("one", "two"))
    (name,) = birth.children
    table: Table = {(name, n): 2 for n in range(9)}
    table |= {(f"T{n}", n): 20 for n in range(9)}
    assert kinds(proposed(table)) == [("remove", name, "")]
    assert proposed(table, decided=decided_by([birth], {})) == ()


def test_what_is_to_be_born_with_the_next_run_is_not_proposed_again() -> None:
    table: Table = {("A", 0): 20, (None, 1): 8}
    (found,) = proposed(table)
    most = Correction("birth", texts=found.parts[0][:5])
    half = Correction("birth", texts=found.parts[0][:4])
    assert proposed(table, decided=decided_by([most], {})) == ()
    assert proposed(table, decided=decided_by([half], {})) == (found,)


def test_labels_must_fit() -> None:
    themes, texts, labels = world(MERGE)
    with pytest.raises(ValueError, match="29 texts, but 28 labels"):
        compare(themes, texts, labels[:-1])


def test_who_survives() -> None:
    found = survivors(*world({("A", 0): 6, ("A", 1): 4, ("B", 2): 59, ("B", 3): 41, ("C", 4): 5}))
    assert found == {"A": 0.6, "C": 1.0}


tables = st.dictionaries(
    st.tuples(st.sampled_from([None, "A", "B", "C", "D"]), st.integers(0, 5)),
    st.integers(1, 30),
    min_size=1,
)


@given(tables, st.permutations(range(6)))
def test_only_the_groups_matter_not_their_numbers(table: Table, numbers: list[int]) -> None:
    themes, texts, labels = world(table)
    again = np.array([numbers[label] * 7 for label in labels], dtype=np.int64)
    assert compare(themes[::-1], texts, again) == compare(themes, texts, labels)


@given(tables)
def test_a_register_compared_with_itself_has_nothing_to_propose(table: Table) -> None:
    themes, texts, _ = world(table)
    names = {one.id: at for at, one in enumerate(themes)}
    labels = [names[t.leaf] if t.leaf else 100 + at for at, t in enumerate(texts)]
    assert compare(themes, texts, np.array(labels, dtype=np.int64)) == ()


@given(tables)
def test_each_theme_is_part_of_one_kind_of_proposal_and_texts_stay_its_own(table: Table) -> None:
    themes, texts, labels = world(table)
    leaf_of = {text.sha: text.leaf for text in texts}
    kind_of: dict[str, set[str]] = {}
    gone: list[str] = []
    for one in compare(themes, texts, labels):
        for name in {one.theme_id, one.into} - {""}:
            kind_of.setdefault(name, set()).add(one.kind)
        if one.kind == "merge":
            gone.append(one.theme_id)
            assert one.into != one.theme_id
        shas = [sha for part in one.parts for sha in part]
        assert len(shas) == len(set(shas))
        assert {leaf_of[sha] for sha in shas} <= {one.theme_id or None}
        assert 1 <= len(one.quotes) <= RebuildConfig().quotes
    assert all(len(found) == 1 for found in kind_of.values())
    assert len(gone) == len(set(gone))
    assert not set(gone) & {one.into for one in compare(themes, texts, labels)}
