from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.before_after import BeforeAfterConfig, before_after
from nlp.weeks import shift, weeks_between

CHANGED = "2026-W40"
WEEKS = weeks_between("2026-W30", "2026-W46")
HEARD = dict.fromkeys(WEEKS, 100)


def steady(before: int, after: int, *, last: str = "2026-W46") -> dict[str, int]:
    return {week: before if week < CHANGED else after for week in WEEKS if week <= last}


def test_the_week_of_the_decision_is_on_neither_side() -> None:
    said = steady(12, 4) | {CHANGED: 1000}
    found = before_after(said, HEARD, changed=CHANGED, last="2026-W46")
    assert (found.weeks_before, found.weeks_after) == (8, 6)
    assert (found.customers_before, found.customers_after) == (96, 24)
    assert (found.first_before, found.last_after) == ("2026-W32", "2026-W46")


def test_a_clear_fall_is_told_with_its_interval() -> None:
    found = before_after(steady(12, 4), HEARD, changed=CHANGED, last="2026-W46")
    assert found.ratio == pytest.approx(1 / 3, rel=0.05)
    assert found.ratio_low is not None
    assert found.ratio_high is not None
    assert found.ratio_low < 1 / 3 < found.ratio_high < 0.6


def test_more_customers_heard_is_no_rise() -> None:
    heard = {week: 100 if week <= CHANGED else 300 for week in WEEKS}
    found = before_after(steady(10, 30), heard, changed=CHANGED, last="2026-W46")
    assert found.ratio == pytest.approx(1, abs=0.05)


def test_one_that_comes_in_bursts_has_a_wider_interval() -> None:
    calm = before_after(steady(12, 6), HEARD, changed=CHANGED, last="2026-W46")
    burst = steady(2, 6) | {"2026-W35": 82}
    wild = before_after(burst, HEARD, changed=CHANGED, last="2026-W46")
    assert calm.customers_before == wild.customers_before == 96
    assert calm.ratio_high is not None
    assert wild.ratio_high is not None
    assert wild.ratio_high > 1 > calm.ratio_high


@pytest.mark.parametrize(("after", "told"), [(0, False), (1, False), (2, True)])
def test_too_few_weeks_since_are_not_enough(after: int, *, told: bool) -> None:
    last = shift(CHANGED, after)
    found = before_after(steady(12, 4), HEARD, changed=CHANGED, last=last)
    assert found.weeks_after == after
    assert (found.ratio is not None) == told
    assert bool(found.note) != told


@pytest.mark.parametrize(("before", "told"), [(1, False), (2, True), (3, True)])
def test_too_few_weeks_before_are_not_enough(before: int, *, told: bool) -> None:
    heard = {week: 100 for week in WEEKS if week >= shift(CHANGED, -before)}
    found = before_after(steady(12, 4), heard, changed=CHANGED, last="2026-W46")
    assert found.weeks_before == before
    assert (found.ratio is not None) == told


@pytest.mark.parametrize(("mentions", "told"), [(7, False), (8, True), (9, True)])
def test_too_few_mentions_are_not_enough(mentions: int, *, told: bool) -> None:
    found = before_after({"2026-W38": mentions}, HEARD, changed=CHANGED, last="2026-W46")
    assert (found.ratio is not None) == told
    assert ("mentions" in found.note) != told


def test_nobody_heard_is_not_enough() -> None:
    heard = {week: 0 if week > CHANGED else 100 for week in WEEKS}
    found = before_after(steady(12, 0), heard, changed=CHANGED, last="2026-W46")
    assert found.ratio is None
    assert "nobody" in found.note


@given(
    st.lists(st.integers(0, 60), min_size=len(WEEKS), max_size=len(WEEKS)),
    st.integers(-3, 9),
)
@settings(max_examples=60)
def test_whatever_is_counted_the_ratio_lies_in_its_interval(counts: list[int], late: int) -> None:
    found = before_after(
        dict(zip(WEEKS, counts, strict=True)), HEARD, changed=CHANGED, last=shift(CHANGED, late)
    )
    if found.ratio is None:
        assert found.note.startswith("not enough data")
        return
    assert found.ratio_low is not None
    assert found.ratio_high is not None
    assert 0 <= found.ratio_low <= found.ratio <= found.ratio_high < np.inf


def test_nothing_changed_is_rarely_called_a_change() -> None:
    """Poisson weeks of one rate: the interval leaves 1 out in about one of twenty."""
    random = np.random.default_rng(5)
    wrong = 0
    for _ in range(300):
        said = dict(zip(WEEKS, random.poisson(6, len(WEEKS)).tolist(), strict=True))
        found = before_after(said, HEARD, changed=CHANGED, last="2026-W46")
        assert found.ratio_low is not None
        assert found.ratio_high is not None
        wrong += not found.ratio_low <= 1 <= found.ratio_high
    assert wrong <= 0.08 * 300


@pytest.mark.parametrize(("before", "tells"), [(5, False), (7, True)])
def test_the_least_is_what_can_tell_a_fall_from_chance(before: int, *, tells: bool) -> None:
    """The reason beside `least_customers`: one a week before, at even exposure, one after."""
    heard = dict.fromkeys(weeks_between("2026-W32", "2026-W48"), 100)
    said = {shift(CHANGED, -1 - week): 1 for week in range(before)} | {"2026-W44": 1}
    anything = BeforeAfterConfig(least_customers=1)
    found = before_after(said, heard, changed=CHANGED, last="2026-W48", config=anything)
    assert found.ratio_high is not None
    assert (found.ratio_high < 1) == tells


def test_of_many_comparisons_together_chance_seldom_makes_one_a_change() -> None:
    """Twenty themes of one rate each, read together: one by one, most packs would tell of one."""
    random = np.random.default_rng(7)
    packs, alone, together = 60, 0, 0
    for _ in range(packs):
        told = {1: False, 20: False}
        for _ in range(20):
            said = dict(zip(WEEKS, random.poisson(8, len(WEEKS)).tolist(), strict=True))
            for comparisons in told:
                found = before_after(
                    said, HEARD, changed=CHANGED, last="2026-W46", comparisons=comparisons
                )
                assert found.ratio_low is not None
                assert found.ratio_high is not None
                told[comparisons] |= not found.ratio_low <= 1 <= found.ratio_high
        alone += told[1]
        together += told[20]
    assert alone > 0.4 * packs
    assert together <= 0.1 * packs
