from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from nlp.causes.votes import _per_message, count_votes
from nlp.causes.where import where
from nlp.population import Population

Plant = Callable[..., Population]


def writers(seed: int, rows: int = 3000, people: int = 400) -> list[int]:
    """Customers of whom some write often."""
    random = np.random.default_rng(seed)
    often = random.lognormal(0.0, 0.8, people)
    return [int(one) for one in random.choice(people, rows, p=often / often.sum())]


@pytest.mark.parametrize("rho", [0.0, 0.02, 0.1, 0.4, 1.0])
@pytest.mark.parametrize("rate", [0.001, 0.05, 0.7])
def test_exposure_of_a_message_is_the_expectation_of_its_vote(rate: float, rho: float) -> None:
    levels = np.array([1.0, 2.0, 7.0, 300.0, 3000.0])
    others = np.arange(3000)
    true = [
        (binom.pmf(others[: int(n)], n - 1, rate) / (1 + rho * others[: int(n)])).sum()
        for n in levels
    ]
    assert _per_message(levels, rate, rho) == pytest.approx(true, rel=1e-3)


@pytest.mark.parametrize("rate", [0.03, 0.2])
def test_where_messages_of_a_customer_are_no_more_alike_than_chance_they_count(
    plant: Plant, rate: float
) -> None:
    random = np.random.default_rng(1)
    rows = np.flatnonzero(random.random(3000) < rate)
    population = plant([0] * 3000, {"T": rows.tolist()}, customers=writers(2))
    votes = count_votes(population, ["T"])
    assert votes.customers[0] < 0.93 * rows.size
    assert votes.totals[0] > 0.9 * rows.size
    assert votes.heads.sum() == pytest.approx(votes.customers[0])


@pytest.mark.parametrize("others", [0, 20, 200])
def test_one_customer_who_repeats_himself_has_few_votes(plant: Plant, others: int) -> None:
    """Fifty copies beside 20 others are about one vote; beside 200, less than a cause needs."""
    customers = [0] * 50 + list(range(1, 2951))
    population = plant(
        [0] * 3000, {"T": [*range(50), *range(500, 500 + others)]}, customers=customers
    )
    votes = count_votes(population, ["T"])
    assert votes.weight[votes.row < 50].sum() < (5 if others == 200 else 2.5)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("repeaters", [1, 4])
def test_repeaters_make_no_cause(plant: Plant, repeaters: int, seed: int) -> None:
    """Fifty messages each of up to four customers: fewer people than a cause must show."""
    said = 50 * repeaters
    customers = [at // 50 for at in range(said)] + list(range(100, 3100 - said))
    random = np.random.default_rng(seed)
    region = ["EU"] * said + random.choice(["EU", "US", "UK"], 3000 - said).tolist()
    small = ["x"] * said + random.choice(["x", *"abcdefgh"], 3000 - said).tolist()
    population = plant(
        [0] * 3000,
        {"T": [*range(said), *range(500, 1500, 5)], "U": range(700, 900)},
        customers=customers,
        attributes={"region": region, "small": small},
    )
    told = {pair for one in where(population, themes=["T", "U"]) for pair in one.conditions}
    assert not told & {("region", "EU"), ("small", "x")}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.0, 1.0))
def test_votes_lie_between_customers_and_mentions(plant: Plant, seed: int, copied: float) -> None:
    random = np.random.default_rng(seed)
    customers = np.array(writers(seed, rows=400, people=60))
    said = np.where(
        np.isin(customers, random.choice(60, 6)),
        random.random(400) < copied,
        random.random(400) < 0.05,
    )
    population = plant(
        [0] * 400, {"T": np.flatnonzero(said).tolist()}, customers=customers.tolist()
    )
    votes = count_votes(population, ["T"])
    if not votes.themes:
        return
    assert votes.customers[0] - 1e-9 <= votes.totals[0] <= said.sum() + 1e-9
    assert votes.exposure.sum(axis=1) == pytest.approx(1.0)


def test_feedback_left_out_counts_nowhere(plant: Plant) -> None:
    population = plant([0] * 40, {"T": range(20)}, customers=[at // 4 for at in range(40)])
    keep = np.arange(40) >= 10
    votes = count_votes(population, ["T"], keep=keep)
    assert votes.row.min() >= 10
    assert votes.exposure[:, ~keep].sum() == 0.0
    nothing = count_votes(population, ["T"], keep=np.zeros(40, dtype=np.bool_))
    assert nothing.totals.tolist() == [0.0]
