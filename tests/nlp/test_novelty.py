from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.exemplars import ExemplarConfig
from nlp.neighbours import FloatArray, IntArray
from nlp.novelty import gain, rejoined

Gaussian = Callable[..., tuple[FloatArray, IntArray]]
CONFIG = ExemplarConfig(vote=3, vote_share=0.5)


def own_scores(members: FloatArray) -> list[float]:
    """Member scores without the text itself, one by one."""
    found = []
    for row in range(len(members)):
        others = np.delete(members, row, axis=0)
        similar = np.sort(others @ members[row])[-3:].mean()
        centre = others.sum(axis=0)
        found.append(0.5 * similar + 0.5 * float(centre / np.linalg.norm(centre) @ members[row]))
    return found


@pytest.mark.parametrize("size", [2, 3, 4, 25])
def test_gain_is_the_share_by_which_its_own_score_is_better(gaussian: Gaussian, size: int) -> None:
    members, _ = gaussian([size], seed=size)
    claims = np.linspace(0.1, 0.5, size).astype(np.float32)
    own = float(np.mean(own_scores(members)))
    expected = (own - float(claims.mean())) / own
    assert gain(members, claims, config=CONFIG) == pytest.approx(expected, rel=1e-4)


@given(claim=st.floats(-1.0, 1.0), more=st.floats(0.0, 0.5))
def test_what_others_claim_more_gains_less(claim: float, more: float) -> None:
    members = np.eye(4, 8, dtype=np.float32) + 0.5
    members /= np.linalg.norm(members, axis=1, keepdims=True)
    first, second = (
        gain(members, np.full(4, level, dtype=np.float32), config=CONFIG)
        for level in (claim, claim + more)
    )
    assert second <= first + 1e-6


def mean_cosine(rows: FloatArray) -> float:
    upper = np.triu_indices(len(rows), k=1)
    return float((rows @ rows.T)[upper].mean())


def test_pieces_of_one_thing_are_one_again(gaussian: Gaussian) -> None:
    vectors, truth = gaussian([30, 30, 30], seed=2, spread=0.5)
    pieces = [np.flatnonzero(truth == 0)[:10], np.flatnonzero(truth == 0)[10:]]
    whole = [np.flatnonzero(truth == label) for label in (1, 2)]
    found = rejoined(vectors, [pieces[0], whole[0], pieces[1], whole[1]], tightness=0.5)
    assert [part.tolist() for part in found] == [[0, 2], [1], [3]]


@pytest.mark.parametrize(("off", "joined"), [(-1e-4, True), (1e-4, False)])
def test_a_union_must_be_as_tight_as_a_theme(
    gaussian: Gaussian, off: float, *, joined: bool
) -> None:
    vectors, _ = gaussian([10, 10], seed=4, spread=0.6)
    groups = [np.arange(10), np.arange(10, 20)]
    found = rejoined(vectors, groups, tightness=mean_cosine(vectors) + off)
    assert (len(found) == 1) is joined


@given(seed=st.integers(0, 1000), tightness=st.floats(0.0, 1.0))
def test_every_group_is_in_one_part(seed: int, tightness: float) -> None:
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(24, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    groups = [np.arange(start, start + 4) for start in range(0, 24, 4)]
    found = rejoined(vectors, groups, tightness=tightness)
    assert sorted(at for part in found for at in part.tolist()) == list(range(6))
    assert all(left[0] < right[0] for left, right in pairwise(found))
