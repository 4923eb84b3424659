from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.fdr import benjamini_hochberg

p_values = st.lists(st.floats(0, 1), max_size=40)


@given(p_values)
def test_q_is_at_least_p_and_at_most_one(p: list[float]) -> None:
    q = benjamini_hochberg(np.array(p))
    assert np.all(q >= np.array(p))
    assert np.all(q <= 1)


@given(p_values)
def test_smaller_p_never_has_larger_q(p: list[float]) -> None:
    values = np.array(p)
    q = benjamini_hochberg(values)
    assert np.all(np.diff(q[np.argsort(values, kind="stable")]) >= 0)


@given(p_values, st.randoms(use_true_random=False))
def test_order_does_not_matter(p: list[float], random: object) -> None:
    values = np.array(p)
    order = np.random.default_rng(len(p)).permutation(len(p))
    assert np.array_equal(benjamini_hochberg(values)[order], benjamini_hochberg(values[order]))


@given(p_values)
def test_leaving_out_large_p_changes_nothing(p: list[float]) -> None:
    values = np.array(p)
    small = values <= 0.3
    whole = benjamini_hochberg(values)[small]
    part = benjamini_hochberg(values[small], tests=values.size)
    # the q of the part can only be larger: a p left out may pull a q down to itself
    assert np.all(part >= whole - 1e-12)
    assert np.array_equal(part <= 0.3, whole <= 0.3)


def test_known_values() -> None:
    q = benjamini_hochberg(np.array([0.01, 0.04, 0.03, 0.5]))
    assert q == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        benjamini_hochberg(np.array([0.1, np.nan]))
    with pytest.raises(ValueError, match="2 p-values"):
        benjamini_hochberg(np.array([0.1, 0.2]), tests=1)
