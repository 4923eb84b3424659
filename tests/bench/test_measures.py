"""The harness's own measures: against sklearn, and on answers that are perfect or wrong."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from tests.bench.measures import (
    accuracy,
    ari,
    coverage,
    growth_exponent,
    majorities,
    matching,
    nmi,
    purity,
    together,
)

LABELS = [frozenset({name}) for name in ["a"] * 4 + ["b"] * 3 + ["c"] * 3]
PERFECT = ["x"] * 4 + ["y"] * 3 + ["z"] * 3
groups = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=60)


def test_a_perfect_answer() -> None:
    assert accuracy(PERFECT, LABELS) == 1
    assert nmi(PERFECT, LABELS) == pytest.approx(1)
    assert ari(PERFECT, [min(own) for own in LABELS]) == 1
    assert purity(PERFECT, LABELS) == coverage(PERFECT) == 1
    assert matching(PERFECT, LABELS) == {"x": "a", "y": "b", "z": "c"}


def test_everything_in_one_cluster() -> None:
    one = ["x"] * 10
    assert accuracy(one, LABELS) == 0.4
    assert nmi(one, LABELS) == 0
    assert ari(one, [min(own) for own in LABELS]) == 0
    assert purity(one, LABELS) == 0.4


def test_nothing_assigned() -> None:
    none = [None] * 10
    assert accuracy(none, LABELS) == coverage(none) == purity(none, LABELS) == 0
    assert nmi(none, LABELS) == 0
    assert majorities(none, LABELS) == {}


def test_unassigned_texts_are_wrong_but_not_impure() -> None:
    part = [*PERFECT[:2], None, None, *PERFECT[4:]]
    assert accuracy(part, LABELS) == 0.8
    assert coverage(part) == 0.8
    assert purity(part, LABELS) == 1


def test_a_label_is_matched_once() -> None:
    """Ten clusters of one text each: three can be matched."""
    assert accuracy([str(at) for at in range(10)], LABELS) == 0.3


def test_a_text_of_two_labels_is_right_with_either() -> None:
    labels = [frozenset({"a"}), frozenset({"a", "b"}), frozenset({"b"})]
    assert accuracy(["x", "x", "y"], labels) == 1
    assert accuracy(["x", "y", "y"], labels) == 1
    assert 0 < nmi(["x", "x", "y"], labels) < 1


@given(groups)
def test_agrees_with_sklearn(pairs: list[tuple[int, int]]) -> None:
    clusters = [str(left) for left, _ in pairs]
    labels = [frozenset({str(right)}) for _, right in pairs]
    left, right = zip(*pairs, strict=True)
    assert ari(clusters, [str(name) for name in right]) == pytest.approx(
        adjusted_rand_score(left, right)
    )
    expected = normalized_mutual_info_score(left, right)
    if len(set(left)) > 1 or len(set(right)) > 1:
        assert nmi(clusters, labels) == pytest.approx(expected, abs=1e-9)


@given(groups)
def test_laws(pairs: list[tuple[int, int]]) -> None:
    clusters = [None if left == 0 else str(left) for left, _ in pairs]
    labels = [frozenset({str(right)}) for _, right in pairs]
    covered = coverage(clusters)
    assert covered == pytest.approx(1 - sum(one is None for one in clusters) / len(clusters))
    # A matching is one way to give each cluster a label; the commonest label is the best way.
    assert accuracy(clusters, labels) <= purity(clusters, labels) * covered + 1e-12
    commonest = Counter(right for _, right in pairs).most_common(1)[0][1]
    everything = ["x"] * len(pairs)
    assert accuracy(everything, labels) == pytest.approx(commonest / len(pairs))
    assert 0 <= nmi(clusters, labels) <= 1 + 1e-9


def test_notes_of_one_call() -> None:
    calls = [frozenset({name}) for name in ["1", "1", "1", "2", "2", "3"]]
    same, any_pair = together(["x", "x", None, "y", "x", "y"], calls)
    assert same == 1 / 4  # three pairs of call 1, one of call 2
    assert any_pair == 4 / 15  # three pairs in x, one in y, of fifteen


def test_growth() -> None:
    sizes = [50_000, 200_000, 1_000_000]
    assert growth_exponent(sizes, [size**1.2 for size in sizes]) == pytest.approx(1.2)
    assert growth_exponent(sizes, np.full(3, 7.0).tolist()) == pytest.approx(0, abs=1e-9)
