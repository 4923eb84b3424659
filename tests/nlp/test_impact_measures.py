"""Beside losses: praise, recontact, reopening, time to a resolution and revenue."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from nlp.impact import measure_impacts
from tests.nlp.impact_world import QUICK, Plant


@pytest.mark.parametrize("score", [0.0, 7.0, 9.0, 10.0])
def test_where_all_scores_are_equal_nothing_is_praise(plant: Plant, score: float) -> None:
    random = np.random.default_rng(0)
    themes = {f"T{at}": random.choice(400, 30, replace=False).tolist() for at in range(8)}
    plans = {"plan": random.choice(["a", "b", "c"], 400).tolist()}
    population = plant([0] * 400, themes, scores=[score] * 400, attributes=plans)
    found = measure_impacts(population, themes=list(themes), config=QUICK)
    assert not any(one.praise for one in found.values())
    assert {str(one.loss) for one in found.values()} == {"0.0"}


def test_praise_is_told_by_scores_above_comparable_and_satisfied_customers(plant: Plant) -> None:
    random = np.random.default_rng(2)
    rows = 300
    scores = random.choice([6.0, 7.0, 8.0], rows)
    scores[:40] = random.choice([9.0, 10.0], 40)
    scores[40:80] = random.choice([1.0, 2.0, 3.0], 40)
    themes = {"praise": range(40), "bad": range(40, 80), "plain": range(80, 120)}
    found = measure_impacts(plant([0] * rows, themes, scores=scores), themes=themes, config=QUICK)
    assert {name: one.praise for name, one in found.items()} == {
        "praise": True,
        "bad": False,
        "plain": False,
    }
    # better than the others is no praise where nobody is satisfied
    low = plant([0] * rows, themes, scores=scores / 2)
    assert not measure_impacts(low, themes=themes, config=QUICK)["praise"].praise


def test_recontact_reopening_time_and_revenue(plant: Plant) -> None:
    plain = plant([0, 5, 0, 20, 0, 60], {"T": range(5)}, customers=[1, 1, 2, 2, 3, 9])
    items = tuple(
        dataclasses.replace(
            item,
            reopened=at == 0 if at < 2 else None,
            resolved_at=item.created_at + dt.timedelta(days=at) if at in (1, 2, 3) else None,
            revenue=100.0 * (at + 1),
            account_id="a" if at < 2 else None,
        )
        for at, item in enumerate(plain.feedback)
    )
    found = measure_impacts(dataclasses.replace(plain, feedback=items), themes=["T"], config=QUICK)
    one = found["T"]
    assert one.recontact_rate == pytest.approx(1 / 5)  # customer 1 within 14 days; 2 after 20
    assert one.reopen_rate == 0.5
    assert one.days_to_resolve == 2.0
    assert one.revenue == 200 + 400 + 500
    assert one.recontact_draws.shape == (QUICK.resamples,)


def test_revenue_of_an_account_is_split_over_the_themes_its_people_mention(plant: Plant) -> None:
    plain = plant([0] * 5, {"A": [0, 1, 3], "B": [0, 2, 4]}, customers=[1, 2, 3, 4, 5])
    paid = [(600.0, "a"), (None, "a"), (500.0, "a"), (90.0, None), (None, None)]
    items = tuple(
        dataclasses.replace(item, revenue=revenue, account_id=account)
        for item, (revenue, account) in zip(plain.feedback, paid, strict=True)
    )
    population = dataclasses.replace(plain, feedback=items)
    found = measure_impacts(population, themes=["A", "B"], config=QUICK)
    assert (found["A"].revenue, found["B"].revenue) == (390.0, 300.0)
    assert measure_impacts(plain, themes=["A"], config=QUICK)["A"].revenue is None
    # parts are rounded down
    thirds = plant([0], {"A": [0], "B": [0], "C": [0]})
    item = dataclasses.replace(thirds.feedback[0], revenue=100.0)
    split = measure_impacts(
        dataclasses.replace(thirds, feedback=(item,)), themes="ABC", config=QUICK
    )
    assert [one.revenue for one in split.values()] == [33.33] * 3


def test_a_return_about_several_themes_counts_once(plant: Plant) -> None:
    population = plant([0, 5, 60], {"A": [0, 1], "B": [0, 1]}, customers=[1, 1, 2])
    found = measure_impacts(population, themes=["A", "B"], config=QUICK)
    assert [found[name].recontact_rate for name in "AB"] == [0.25, 0.25]
    alone = measure_impacts(population, themes=["A"], config=QUICK)
    assert alone["A"].recontact_rate == 0.5


def test_mentions_too_recent_to_be_followed_say_nothing_about_recontact(plant: Plant) -> None:
    found = measure_impacts(plant([0, 3], {"T": [0, 1]}), themes=["T"], config=QUICK)
    assert found["T"].recontact_rate is None
