from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import registry as module
from nlp.exemplars import ExemplarConfig, member_score
from nlp.neighbours import FloatArray, IntArray
from nlp.records import Level, Theme
from nlp.registry import Placement, Registry, build_registry, place, theme_scores

Gaussian = Callable[..., tuple[FloatArray, IntArray]]

CONFIG = ExemplarConfig(vote=3, vote_share=1.0)
MIXED = ExemplarConfig(vote=3, vote_share=0.5)


def theme(
    id: str,
    exemplars: Sequence[str],
    threshold: float,
    *,
    level: Level = "leaf",
    parent: str | None = None,
    retired: str | None = None,
) -> Theme:
    return Theme(
        id=id,
        level=level,
        parent_id=parent,
        label=id,
        label_reason="test",
        terms=(),
        exemplars=tuple(exemplars),
        threshold=threshold,
        born_week="2026-W01",
        retired_week=retired,
    )


AXES = {name: np.eye(4, dtype=np.float32)[number] for number, name in enumerate("xyzw")}


def query(**parts: float) -> FloatArray:
    """One row with these cosines to x, y and z; the rest points to w."""
    row = np.array([parts.get(name, 0.0) for name in "xyz"])
    return np.array([[*row, np.sqrt(max(0.0, 1 - float(row @ row)))]], dtype=np.float32)


def where(registry: Registry, row: FloatArray) -> tuple[str | None, str | None, str]:
    (found,) = place(registry, row, config=CONFIG)
    return found.leaf, found.parent, found.state


@pytest.mark.parametrize(
    ("threshold", "leaf"),
    [(0.75 - 1e-6, "a"), (0.75, "a"), (0.75 + 1e-6, None)],  # 0.75 is exact in binary
)
def test_a_leaf_takes_what_reaches_its_threshold(threshold: float, leaf: str | None) -> None:
    registry = build_registry([theme("a", "x", threshold)], AXES)
    assert where(registry, query(x=0.75)) == (leaf, None, "leaf" if leaf else "unthemed")


def test_the_greatest_score_wins_among_those_who_accept() -> None:
    registry = build_registry([theme("a", "x", 0.9), theme("b", "y", 0.4)], AXES)
    assert where(registry, query(x=0.8, y=0.5))[0] == "b"  # a is nearer and refuses
    registry = build_registry([theme("a", "x", 0.3), theme("b", "y", 0.7)], AXES)
    assert where(registry, query(x=0.5, y=0.75))[0] == "b"


def test_equal_scores_go_to_the_lower_id_in_whatever_order_themes_come() -> None:
    themes = [theme("b1", "y", 0.1), theme("a3", "x", 0.1), theme("c2", "z", 0.1)]
    for order in (themes, themes[::-1]):
        assert where(build_registry(order, AXES), query(x=0.5, y=0.5, z=0.5))[0] == "a3"


def test_what_no_leaf_takes_falls_to_a_parent_that_does() -> None:
    themes = [
        theme("a", "x", 0.7, parent="P"),
        theme("b", "y", 0.7, parent="P"),
        theme("c", "z", 0.7, parent="Q"),
        theme("P", "xy", 0.375, level="parent"),
        theme("Q", "z", 0.6, level="parent"),
    ]
    registry = build_registry(themes, AXES)
    assert where(registry, query(x=0.5, y=0.25)) == (None, "P", "parent")  # mean .375
    assert where(registry, query(x=0.5, y=0.2)) == (None, None, "unthemed")
    assert where(registry, query(z=0.65)) == (None, "Q", "parent")
    assert where(registry, query(x=0.75)) == ("a", "P", "leaf")  # a leaf comes first


def test_equal_parents_go_to_the_lower_id() -> None:
    themes = [
        theme("a", "x", 0.9, parent="P"),
        theme("b", "y", 0.9, parent="O"),
        theme("P", "x", 0.25, level="parent"),
        theme("O", "y", 0.25, level="parent"),
    ]
    for order in (themes, themes[::-1]):
        assert where(build_registry(order, AXES), query(x=0.5, y=0.5))[1] == "O"


def test_nobody_lives_in_an_empty_registry() -> None:
    assert place(build_registry([], {}), query(x=1.0), config=CONFIG) == (
        Placement(None, None, "unthemed", 0.0, 0.0),
    )
    retired = build_registry([theme("a", "x", 0.1, retired="2026-W02")], AXES)
    assert where(retired, query(x=1.0)) == (None, None, "unthemed")
    assert place(build_registry([theme("a", "x", 0.1)], AXES), query()[:0], config=CONFIG) == ()


def test_confidence_is_this_leaf_against_all_leaves() -> None:
    themes = [
        theme("a", "x", 0.5, parent="P"),
        theme("b", "y", 0.9, parent="P"),
        theme("c", "z", 0.9),
        theme("P", "xy", 0.2, level="parent"),
    ]
    registry = build_registry(themes, AXES)
    (clear,) = place(registry, query(x=0.75, y=0.1, z=0.1), config=CONFIG)
    (torn,) = place(registry, query(x=0.55, y=0.5, z=0.5), config=CONFIG)
    assert clear.leaf == torn.leaf == "a"
    assert clear.confidence > 0.99
    odds = np.exp(np.array([0.55, 0.5, 0.5]) / 0.05)
    assert torn.confidence == pytest.approx(odds[0] / odds.sum(), abs=1e-4)
    (wide,) = place(registry, query(x=0.45, y=0.4, z=0.4), config=CONFIG)
    odds = np.exp(np.array([0.45, 0.4, 0.4]) / 0.05)
    assert (wide.state, wide.parent) == ("parent", "P")
    assert wide.confidence == pytest.approx(odds[:2].sum() / odds.sum(), abs=1e-4)
    assert wide.score == pytest.approx(0.425)


def test_a_founder_stands_in_its_theme_whatever_its_score() -> None:
    themes = [
        theme("a", "x", 0.9, parent="P"),
        theme("b", "y", 0.5),
        theme("P", "xy", 0.2, level="parent"),
    ]
    registry = build_registry(themes, AXES)
    row = np.repeat(query(x=0.25, y=0.75), 3, axis=0)
    founder, other, again = place(registry, row, founders={0: "a", 2: "b"}, config=CONFIG)
    assert (founder.leaf, founder.parent, founder.state) == ("a", "P", "leaf")
    assert founder.score == pytest.approx(0.25)
    # It is told how unclear that is.
    assert founder.confidence == pytest.approx(1 / (1 + np.exp(0.5 / 0.05)), rel=1e-3)
    assert other == again == place(registry, row[:1], config=CONFIG)[0]
    assert (other.leaf, other.state) == ("b", "leaf")


def test_a_founder_is_not_left_to_a_parent_or_to_nobody() -> None:
    themes = [theme("a", "x", 0.9, parent="P"), theme("P", "x", 0.4, level="parent")]
    registry = build_registry(themes, AXES)
    rows = np.concatenate([query(x=0.5), query(x=0.25)])
    assert [one.state for one in place(registry, rows, config=CONFIG)] == ["parent", "unthemed"]
    founded = place(registry, rows, founders={0: "a", 1: "a"}, config=CONFIG)
    assert [(one.leaf, one.state) for one in founded] == [("a", "leaf")] * 2


@pytest.fixture(scope="module")
def many(gaussian: Gaussian) -> tuple[Registry, FloatArray]:
    """Five themes of two families that overlap, and 120 queries in and between them."""
    vectors, truth = gaussian([30] * 5, seed=3, spread=1.0)
    held = {f"{row:03d}": vectors[row] for row in range(len(vectors))}
    themes = [
        theme(
            f"T{label}",
            [f"{row:03d}" for row in np.flatnonzero(truth == label)[:6]],
            0.55 + 0.02 * label,
            parent=f"P{label % 2}",
        )
        for label in range(5)
    ]
    themes += [
        theme(f"P{n}", [s for t in themes if t.parent_id == f"P{n}" for s in t.exemplars], 0.5)
        for n in range(2)
    ]
    themes[5:] = [theme(one.id, one.exemplars, one.threshold, level="parent") for one in themes[5:]]
    used = {int(sha) for one in themes for sha in one.exemplars}
    rest = [row for row in range(len(vectors)) if row not in used]
    return build_registry(themes, held), vectors[rest]


def same(left: Placement, right: Placement) -> bool:
    return (
        (left.leaf, left.parent, left.state) == (right.leaf, right.parent, right.state)
        and abs(left.score - right.score) < 1e-5
        and abs(left.confidence - right.confidence) < 1e-4
    )


def test_the_queries_of_the_laws_below_meet_every_state(many: tuple[Registry, FloatArray]) -> None:
    states = {found.state for found in place(*many, config=MIXED)}
    assert states == {"leaf", "parent", "unthemed"}


@given(data=st.data())
def test_a_text_is_placed_by_the_registry_alone(
    many: tuple[Registry, FloatArray], data: st.DataObject
) -> None:
    """Neither the order of the texts, nor which others come along, moves one of them."""
    registry, queries = many
    chosen = data.draw(
        st.lists(st.integers(0, len(queries) - 1), min_size=1, max_size=60), label="queries"
    )
    alone = place(registry, queries, config=MIXED)
    found = place(registry, queries[chosen], config=MIXED)
    assert all(same(found[n], alone[row]) for n, row in enumerate(chosen))


@given(data=st.data())
def test_founders_move_nobody_else(many: tuple[Registry, FloatArray], data: st.DataObject) -> None:
    registry, queries = many
    names = [leaf.id for leaf in registry.leaves]
    founders = data.draw(
        st.dictionaries(st.integers(0, len(queries) - 1), st.sampled_from(names), max_size=20)
    )
    alone = place(registry, queries, config=MIXED)
    for row, found in enumerate(place(registry, queries, founders=founders, config=MIXED)):
        if row in founders:
            assert (found.leaf, found.state) == (founders[row], "leaf")
        else:
            assert found == alone[row]


def test_blocks_do_not_show(
    many: tuple[Registry, FloatArray], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry, queries = many
    whole = theme_scores(registry, registry.leaves, queries, config=MIXED)
    assert whole.shape == (len(queries), 5)
    monkeypatch.setattr(module, "_BLOCK", 7)
    parts = theme_scores(registry, registry.leaves, queries, config=MIXED)
    np.testing.assert_allclose(whole, parts, atol=1e-6)


def test_a_score_is_that_of_member_score(many: tuple[Registry, FloatArray]) -> None:
    registry, queries = many
    scores = theme_scores(registry, registry.leaves, queries, config=MIXED)
    for column, leaf in enumerate(registry.leaves):
        expected = member_score(queries, registry.exemplars(leaf), config=MIXED)
        np.testing.assert_allclose(scores[:, column], expected, atol=1e-6)


def test_a_centroid_is_the_mean_direction() -> None:
    registry = build_registry([theme("a", "xy", 0.5)], AXES)
    np.testing.assert_allclose(
        registry.centroid(registry.leaves[0]), [0.5**0.5, 0.5**0.5, 0, 0], atol=1e-6
    )
