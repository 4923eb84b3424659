from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.impact import ImpactConfig, measure_impacts
from nlp.population import Population
from nlp.regression import build_design, total_shortfall

Plant = Callable[..., Population]
QUICK = ImpactConfig(resamples=120)


def scored(
    plant: Plant,
    seed: int,
    *,
    losses: dict[str, float],
    rows: int = 900,
    per_theme: int = 60,
    together: Sequence[tuple[str, str]] = (),
    shuffled: int | None = None,
) -> Population:
    """NPS scores about 8, less 10 x loss for each theme mentioned; pairs come mostly together."""
    random = np.random.default_rng(seed)
    themes: dict[str, list[int]] = {
        name: sorted(random.choice(rows, per_theme, replace=False).tolist()) for name in losses
    }
    for first, second in together:
        both = random.choice(themes[first], per_theme * 2 // 3, replace=False).tolist()
        themes[second] = sorted({*both, *themes[second][: per_theme // 3]})
    scores = 7.5 + random.normal(0, 1.0, rows)
    customers = random.integers(0, rows // 2, rows)
    scores += random.normal(0, 0.7, rows)[customers]
    for name, loss in losses.items():
        scores[themes[name]] -= 10 * loss
    return plant(
        [0] * rows,
        themes,
        customers=customers.tolist(),
        scores=scores.tolist(),  # not cut at 0 and 10: the truth stays the planted loss
        shuffled=shuffled,
    )


def test_planted_losses_lie_in_their_90_percent_intervals_most_of_the_time(plant: Plant) -> None:
    losses = {"bad": 0.3, "worse": 0.45, "decoy": 0.0, "mild": 0.1}
    held, asked = 0, 0
    for seed in range(20):
        population = scored(plant, seed, losses=losses, together=[("bad", "decoy")], per_theme=30)
        found = measure_impacts(population, themes=list(losses), config=QUICK)
        for name, loss in losses.items():
            asked += 1
            held += found[name].low <= loss <= found[name].high
    assert 0.80 <= held / asked <= 0.98, f"{held} of {asked}"


def test_a_decoy_that_comes_with_a_bad_theme_is_not_blamed(plant: Plant) -> None:
    population = scored(plant, 1, losses={"bad": 0.4, "decoy": 0.0}, together=[("bad", "decoy")])
    found = measure_impacts(population, themes=["bad", "decoy"], config=QUICK)
    scores = np.array([item.unit_score for item in population.feedback])
    naive = float(scores.mean() - scores[population.members["decoy"]].mean())
    assert naive > 0.15
    assert abs(found["decoy"].loss) < 0.06
    assert found["bad"].loss == pytest.approx(0.4, abs=0.06)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 10), st.sets(st.sampled_from("ABC"), max_size=3)),
        min_size=12,
        max_size=40,
    )
)
def test_the_parts_add_up_to_no_more_than_the_whole(
    plant: Plant, rows: list[tuple[int, set[str]]]
) -> None:
    themes = {name: [i for i, row in enumerate(rows) if name in row[1]] for name in "ABC"}
    population = plant([0] * len(rows), themes, scores=[row[0] for row in rows])
    config = ImpactConfig(resamples=5, min_scored=2)
    found = measure_impacts(population, themes="ABC", config=config)
    names = sorted(population.members)
    design = build_design(population, themes=names, min_free=config.min_free)
    parts = sum(
        max(found[name].loss, 0.0) * mentions
        for name, mentions in zip(names, design.mentions, strict=True)
        if found[name].source == "score"
    )
    assert parts <= total_shortfall(design, ridge=config.ridge) + 1e-4


@pytest.mark.parametrize(("customers", "source"), [(9, "prior"), (10, "score"), (11, "score")])
def test_fewest_scored_customers(plant: Plant, customers: int, source: str) -> None:
    population = plant(
        [0] * 100, {"T": range(customers)}, scores=[2.0] * customers + [9.0] * (100 - customers)
    )
    found = measure_impacts(population, themes=["T"], config=QUICK)["T"]
    assert found.source == source
    assert found.scored == customers
    assert ("too few scores" in found.note) == (source == "prior")


def test_without_scores_the_other_themes_lend_theirs_with_a_wide_interval(plant: Plant) -> None:
    scores = [np.nan] * 40 + [3.0] * 40 + [9.0] * 100
    population = plant([0] * 180, {"U": range(40), "T": range(40, 80)}, scores=scores)
    found = measure_impacts(population, themes=["T", "U"], config=QUICK)
    assert found["U"].source == "prior"
    assert found["U"].loss == pytest.approx(found["T"].loss)
    assert found["U"].high - found["U"].low > found["T"].high - found["T"].low


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


def test_mentions_too_recent_to_be_followed_say_nothing_about_recontact(plant: Plant) -> None:
    found = measure_impacts(plant([0, 3], {"T": [0, 1]}), themes=["T"], config=QUICK)
    assert found["T"].recontact_rate is None


def test_order_of_rows_does_not_matter(plant: Plant) -> None:
    losses = {"bad": 0.3, "mild": 0.1}
    plain = scored(plant, 3, losses=losses, rows=200, per_theme=20)
    mixed = scored(plant, 3, losses=losses, rows=200, per_theme=20, shuffled=8)
    first = measure_impacts(plain, themes=["bad", "mild"], config=QUICK)
    again = measure_impacts(mixed, themes=["mild", "bad"], config=QUICK)
    assert first == again
    assert np.array_equal(first["bad"].draws, again["bad"].draws)


def test_nothing_given_is_nothing_measured(plant: Plant) -> None:
    assert measure_impacts(plant([], {}), themes=["T"]) == {}
