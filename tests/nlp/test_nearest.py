from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.nearest import FloatArray, Near, confidence_of, embedded, nearest

X = np.array([1, 0], dtype=np.float32)
Y = np.array([0, 1], dtype=np.float32)


def test_nearest_text_decides_and_is_named() -> None:
    vectors = {"a": np.stack([Y, X]), "b": np.array([[0.6, 0.8]], dtype=np.float32)}
    near = nearest(X, vectors, ids=("b", "a"), top=1)
    assert [(one.id, one.text_no) for one in near] == [("a", 1), ("b", 0)]
    assert near[1].similarity == pytest.approx(0.6)


def test_top_two_are_averaged_and_one_is_enough_when_there_is_one() -> None:
    vectors = {"a": np.stack([Y, X]), "b": np.array([[0.6, 0.8]], dtype=np.float32)}
    near = nearest(X, vectors, ids=("a", "b"), top=2)
    assert [one.id for one in near] == ["b", "a"]
    assert [one.similarity for one in near] == pytest.approx([0.6, 0.5])


def test_equals_stand_in_the_order_people_wrote() -> None:
    vectors = {"a": X[None], "z": X[None] * np.float32(1 + 1e-7)}
    assert [one.id for one in nearest(X, vectors, ids=("z", "a"), top=1)] == ["z", "a"]
    assert [one.id for one in nearest(X, vectors, ids=("a", "z"), top=1)] == ["a", "z"]


def test_vectors_of_other_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="old; embed the labels anew"):
        nearest(X, {"a": X[None], "old": Y[None]}, ids=("a",), top=1)
    with pytest.raises(ValueError, match="not those of the labels: b"):
        nearest(X, {"a": X[None]}, ids=("a", "b"), top=1)
    with pytest.raises(ValueError, match=r"shape \(n, 2\)"):
        nearest(X, {"a": np.ones((1, 3), dtype=np.float32)}, ids=("a",), top=1)
    with pytest.raises(ValueError, match=r"shape \(n, 2\)"):
        nearest(X, {"a": np.ones((0, 2), dtype=np.float32)}, ids=("a",), top=1)
    with pytest.raises(ValueError, match="nan or infinity"):
        nearest(X, {"a": np.full((1, 2), np.nan, dtype=np.float32)}, ids=("a",), top=1)


@pytest.mark.parametrize(
    ("similarity", "shown"),
    [(0.2999, "0.29"), (0.3, "0.30"), (0.3049, "0.30"), (1.0, "1.00"), (-0.001, "-0.01")],
)
def test_shown_similarity_never_reaches_what_it_missed(similarity: float, shown: str) -> None:
    assert Near("a", similarity, 0).shown == shown


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=12))
def test_confidence_is_a_share_and_at_least_an_even_one(values: list[float]) -> None:
    ordered = sorted(values, reverse=True)
    found = confidence_of(ordered, temperature=0.03)
    assert 1 / len(values) - 1e-9 <= found <= 1
    assert found <= confidence_of([ordered[0] + 0.1, *ordered[1:]], temperature=0.03)


def test_confidence_of_one_alone_is_one_and_of_twins_a_half() -> None:
    assert confidence_of([0.4], temperature=0.03) == 1.0
    assert confidence_of([0.4, 0.4], temperature=0.03) == pytest.approx(0.5)


def test_embedded_gives_each_thing_its_own_rows_from_one_call() -> None:
    calls: list[list[str]] = []

    def encode(texts: Sequence[str]) -> FloatArray:
        calls.append(list(texts))
        return np.array([[len(text), 0] for text in texts], dtype=np.float32)

    found = embedded({"a": ("x", "xx"), "b": ("xxx",)}, encode)
    assert calls == [["x", "xx", "xxx"]]
    assert found["a"][:, 0].tolist() == [1, 2]
    assert found["b"][:, 0].tolist() == [3]
