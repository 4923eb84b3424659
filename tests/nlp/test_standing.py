from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.rates import FloatArray
from nlp.standing import TIES_NAMED, stand


def plainly(scores: FloatArray, draws: FloatArray, *, level: float) -> list[tuple[int, ...]]:
    """(rank, best place, worst place, times among the first five) by the definition, slowly."""
    items = range(scores.size)
    order = sorted(items, key=lambda i: (-scores[i], i))
    rank = {item: place for place, item in enumerate(order, 1)}
    sure = (1.0 + level) / 2.0

    def better(one: int, other: int) -> bool:
        led = (draws[:, one] > draws[:, other]).sum() + 0.5 * (
            draws[:, one] == draws[:, other]
        ).sum()
        return bool(led / len(draws) > sure and rank[one] < rank[other])

    top = [sorted(items, key=lambda i: (-own[i], rank[i]))[:5] for own in draws]
    return [
        (
            rank[item],
            min(1 + sum(better(other, item) for other in items), rank[item]),
            max(scores.size - sum(better(item, other) for other in items), rank[item]),
            sum(item in first for first in top),
        )
        for item in items
    ]


@given(
    items=st.integers(1, 8),
    resamples=st.sampled_from([1, 20, 300]),
    seed=st.integers(0, 10_000),
    values=st.sampled_from([3, 1000]),
)
def test_items_stand_where_the_definition_puts_them(
    items: int, resamples: int, seed: int, values: int
) -> None:
    draw = np.random.default_rng(seed)
    scores = draw.integers(0, values, items).astype(np.float64)
    draws = draw.integers(0, values, (resamples, items)) + 2.0 * scores
    found = stand(scores, draws, level=0.9)
    assert list(
        zip(
            found.rank.tolist(),
            found.rank_low.tolist(),
            found.rank_high.tolist(),
            np.rint(found.top5 * resamples).astype(int).tolist(),
            strict=True,
        )
    ) == plainly(scores, draws, level=0.9)


@pytest.mark.parametrize("more", [-1, 0, 1, 30])
def test_of_many_ties_the_nearest_are_named(more: int) -> None:
    items = TIES_NAMED + 1 + more
    scores = np.arange(items, 0, -1).astype(np.float64)
    draws = np.random.default_rng(1).standard_normal((50, items))
    found = stand(scores, draws, level=0.9999)
    middle = items // 2
    assert found.rank_low[middle] == 1
    assert found.rank_high[middle] == items
    tied = found.tied[middle]
    assert len(tied) == min(items - 1, TIES_NAMED)
    assert list(tied) == sorted(tied)
    assert middle not in tied
    furthest = max(abs(one - middle) for one in tied)
    assert all(
        one in tied for one in range(items) if one != middle and abs(one - middle) < furthest
    )
