from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from nlp.causes.daily import Daily, excess, spreads
from nlp.causes.scan import Best

DAYS = 84
SHARES = np.full((2, DAYS), 1 / DAYS)


def series(*, burst: float) -> Daily:
    """Two themes of two customers a day, the first with `burst` on days 40 to 49; twenty in all."""
    themes = np.full((2, DAYS), 2.0)
    themes[0, 40:50] = burst
    return Daily(dt.date(2026, 1, 5), themes, 18.0 + themes[0])


@pytest.mark.parametrize(("score", "taken"), [(17.9, False), (18.0, True), (18.1, True)])
def test_what_a_sure_onset_brought_is_excess(score: float, *, taken: bool) -> None:
    found = excess(
        series(burst=12.0),
        SHARES,
        [Best(40, 49, score), Best(20, 30, 3.0)],
        np.array([2.0, 1.0]),
        surely=9.0,
    )
    assert found[40:50] == pytest.approx(10.0 if taken else 0.0)
    assert not found[:40].any()
    assert not found[50:].any()


def test_no_more_than_half_of_a_day_is_excess() -> None:
    told = series(burst=100.0)
    found = excess(told, SHARES, [Best(40, 49, 99.0)] * 2, np.ones(2), surely=9.0)
    assert (found[40:50] == 0.5 * told.total[40:50]).all()


def test_a_window_with_no_more_than_usual_is_no_excess() -> None:
    found = excess(series(burst=1.0), SHARES, [Best(40, 49, 99.0)] * 2, np.ones(2), surely=9.0)
    assert found == pytest.approx(0.0)


def test_spreads_of_steady_themes_are_one_and_those_of_drifting_ones_grow_with_size() -> None:
    random = np.random.default_rng(1)
    size = np.repeat([0.5, 2.0, 8.0], 20)[:, None]
    shares, best = np.full((60, DAYS), 1 / DAYS), [Best(40, 60, 1.0)] * 60
    steady = spreads(random.poisson(size, (60, DAYS)).astype(np.float64), shares, best)
    assert np.median(steady) < 1.2
    assert steady.max() < 2.0
    level = np.exp(random.normal(0.0, 0.4, (60, 12))).repeat(7, axis=1)
    drifting = spreads(random.poisson(size * level).astype(np.float64), shares, best)
    small, middle, large = (float(np.median(part)) for part in np.split(drifting, 3))
    assert 1.2 < small < 1.0 + 0.4 * middle
    assert 2.0 < middle < 0.4 * large
