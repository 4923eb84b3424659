from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nlp import coarse
from nlp.coarse import build_coarse, may_reach
from nlp.nearness import Nearness

FloatArray = NDArray[np.float32]


def unit(rows: NDArray[np.float64]) -> FloatArray:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1.0), dtype=np.float32)


@st.composite
def vectors(draw: st.DrawFn) -> tuple[FloatArray, FloatArray]:
    """Vectors that lie about as sentences' do, or badly: in bundles, with a few long numbers."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows, width = draw(st.integers(1, 300)), draw(st.sampled_from([1, 3, 64, 384]))
    made = random.standard_normal((rows, width))
    made *= random.exponential(1.0, width) ** draw(st.sampled_from([0.0, 1.0, 4.0]))
    made += draw(st.sampled_from([0.0, 0.5, 5.0])) * random.standard_normal(width)
    made[random.random(rows) < 0.1] = 0.0
    at = draw(st.integers(0, rows - 1))
    asked = made[at] + draw(st.sampled_from([0.0, 0.3, 2.0])) * random.standard_normal(width)
    return unit(made), unit(asked[np.newaxis])[0]


@settings(max_examples=300, deadline=None)
@given(vectors(), st.data())
def test_the_first_look_misses_nothing(
    made: tuple[FloatArray, FloatArray], data: st.DataObject
) -> None:
    """The least asked for is often just the cosine of a row: to be a hair off would show."""
    rows, asked = made
    exact = np.vecdot(rows, asked)
    least = data.draw(st.sampled_from([0.45, *exact.tolist()]) | st.floats(-1, 1, width=32))
    built = build_coarse(rows)
    assert built is not None
    reach = may_reach(built, asked, least)
    assert reach[exact >= np.float32(least)].all()


def test_the_first_look_leaves_most_out() -> None:
    random = np.random.default_rng(1)
    rows = unit(random.standard_normal((5000, 384)))
    built = build_coarse(rows)
    assert built is not None
    asked = unit((rows[:1] + 0.02 * random.standard_normal((1, 384))).astype(np.float64))[0]
    exact = np.vecdot(rows, asked)
    least = float(np.sort(exact)[-50])
    assert 50 <= np.count_nonzero(may_reach(built, asked, least)) < 150
    assert built.nbytes < rows.nbytes / 3.9


@settings(max_examples=100, deadline=None)
@given(vectors(), st.data())
def test_cosines_are_the_same_bits_whichever_way_they_are_found(
    made: tuple[FloatArray, FloatArray], data: st.DataObject
) -> None:
    rows, asked = made
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    also = random.random(len(rows)) < data.draw(st.sampled_from([0.0, 0.02, 0.5]))
    share = data.draw(st.sampled_from([None, 0.05, 0.9]))
    among = None if share is None else random.random(len(rows)) < share
    unmeant = random.random(len(rows)) < 0.1
    built = build_coarse(rows)
    assert built is not None
    looked = Nearness(rows, asked, unmeant, partial(may_reach, built))
    whole = Nearness(rows, asked, unmeant)
    for least in (0.45, 0.9):
        found = {}
        for name, one in (("looked", looked), ("whole", whole)):
            at, cosine = one.near(least, also=also, among=among)
            assert np.isnan(cosine[unmeant[at]]).all()
            kept = (cosine >= np.float32(least)) | also[at]
            found[name] = (at[kept].tolist(), cosine[kept].tobytes())
            if among is not None:
                assert among[at].all()
        assert found["looked"] == found["whole"]
        assert whole.of(at).tobytes() == cosine.tobytes()


def test_where_bytes_cannot_be_multiplied_all_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent(_rows: object, _vector: object) -> NDArray[np.int32]:
        raise RuntimeError("not on this processor")

    def cut_off(rows: NDArray[np.int8], vector: NDArray[np.int8]) -> NDArray[np.int32]:
        """Sums of two in 16 bits, as processors without the instruction may have them."""
        pairs = (rows.astype(np.int64) * vector).reshape(len(rows), -1, 2).sum(axis=2)
        found: NDArray[np.int32] = np.clip(pairs, -(2**14), 2**14).sum(axis=1).astype(np.int32)
        return found

    assert coarse.is_exact.__wrapped__()
    for broken in (absent, cut_off):
        with monkeypatch.context() as patched:
            patched.setattr(coarse, "_products", broken)
            assert not coarse.is_exact.__wrapped__()
    monkeypatch.setattr(coarse, "is_exact", lambda: False)
    assert build_coarse(np.ones((3, 4), dtype=np.float32)) is None
