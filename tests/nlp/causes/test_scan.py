from __future__ import annotations

import numpy as np
import pytest

from nlp.causes.scan import belief_by_start, best_window, most_believed, scores, windows

OVER = windows(84, before=14, longest=28, shortest_shift=7)
SHARES = np.full(84, 1 / 84)


def test_bursts_are_rarer_than_shifts_and_short_ones_rarer_than_long() -> None:
    lasts = OVER.last == 83
    assert set(OVER.rare[lasts]) == {0.0}
    length = OVER.last - OVER.first + 1
    assert OVER.rare[~lasts & (length == 28)].min() == pytest.approx(1.0)
    assert OVER.rare[~lasts & (length == 1)].max() == pytest.approx(1.0 + 0.5 * np.log(28))


def test_a_shift_is_believed_before_a_burst_that_does_a_little_better() -> None:
    ratios = np.zeros(OVER.first.size)
    shift = int(np.flatnonzero((OVER.first == 40) & (OVER.last == 83))[0])
    burst = int(np.flatnonzero((OVER.first == 50) & (OVER.last == 60))[0])
    ratios[shift] = 10.0
    for more, first in ((OVER.rare[burst] - 0.01, 40), (OVER.rare[burst] + 0.01, 50)):
        ratios[burst] = 10.0 + more
        best = most_believed(ratios, OVER)
        assert best.first == first
        assert best.score == 10.0 + more  # what noise is compared by is the greatest of all


def test_belief_in_a_day_is_the_sum_over_its_windows() -> None:
    counts = np.random.default_rng(3).poisson(2.0, 84).astype(np.float64) + np.where(
        np.arange(84) >= 50, 3.0, 0.0
    )
    for spread in (1.0, 2.0):
        found = scores(counts[None, :], SHARES, OVER)[0] / spread - OVER.rare
        belief = belief_by_start(counts, SHARES, OVER, spread=spread)
        assert sorted(belief) == sorted(set(OVER.first.tolist()))
        for day in (14, 50, 60, 82):
            mine = OVER.first == day
            assert belief[day].score == pytest.approx(np.log(np.exp(found[mine]).sum()))
            assert found[mine & (OVER.last == belief[day].last)][0] == pytest.approx(
                found[mine].max()
            )
        best = best_window(counts, SHARES, OVER, spread=spread)
        assert abs(best.first - 50) <= 3
        assert best.last == 83


def test_over_dispersed_series_tell_days_apart_less() -> None:
    counts = np.where(np.arange(84) >= 50, 6.0, 2.0)

    def lost(spread: float) -> float:
        belief = belief_by_start(counts, SHARES, OVER, spread=spread)
        return belief[50].score - belief[54].score

    assert 0.0 < lost(3.0) < 0.5 * lost(1.0)
