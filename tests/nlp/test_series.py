from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from nlp.population import Population
from nlp.records import Trend
from nlp.series import TrendConfig, trends
from nlp.weeks import shift, week_of

Plant = Callable[..., Population]
START = week_of(dt.date(2026, 1, 5))


def stream(
    plant: Plant, weekly: Mapping[str, list[int]], *, volume: int = 200, **options: int
) -> Population:
    """Themes with the given distinct customers in each week, `volume` messages a week."""
    weeks = max(map(len, weekly.values()))
    days = [7 * (row // volume) + row % 7 for row in range(weeks * volume)]
    themes: dict[str, list[int]] = {}
    free = [week * volume for week in range(weeks)]
    for name, counts in weekly.items():
        for week, count in enumerate(counts):
            themes.setdefault(name, []).extend(range(free[week], free[week] + count))
            free[week] += count
    return plant(days, themes, **options)


def run(population: Population, week: int, **options: object) -> dict[str, Trend]:
    found = trends(
        population,
        week=shift(START, week),
        labels={},
        born=options.pop("born", {}),  # type: ignore[arg-type]
        cold_start_week=START,
        themes=sorted(population.members),
        **options,  # type: ignore[arg-type]
    )
    return {trend.theme_id: trend for trend in found}


def test_rising_falling_and_steady_are_told_apart(plant: Plant) -> None:
    population = stream(
        plant,
        {"up": [6] * 8 + [30], "down": [30] * 8 + [6], "same": [20] * 8 + [23], "gone": [25] * 9},
    )
    found = run(population, 8)
    assert {name: trend.status for name, trend in found.items()} == {
        "up": "rising",
        "down": "falling",
        "same": "steady",
        "gone": "steady",
    }
    up = found["up"]
    assert up.rank == 1
    assert up.customers == up.statements == 30
    assert up.ratio_low is not None
    assert up.ratio_high is not None
    assert up.ratio_low < 5 < up.ratio_high
    assert found["down"].rank is None


def test_a_rise_of_total_volume_alone_is_no_trend(plant: Plant) -> None:
    days = [7 * week for week in range(8) for _ in range(100)] + [56] * 400
    theme = [row for row in range(len(days)) if row % 10 == 0]
    found = run(plant(days, {"T": theme}), 8)
    assert found["T"].status == "steady"
    assert found["T"].rate_ratio == pytest.approx(1.0, abs=0.2)


def test_zero_baseline_gives_a_finite_ratio(plant: Plant) -> None:
    found = run(stream(plant, {"T": [0] * 8 + [12], "U": [10] * 9}), 8)
    assert found["T"].status == "rising"
    assert found["T"].rate_ratio is not None
    assert np.isfinite(found["T"].rate_ratio)


@pytest.mark.parametrize(("now", "status"), [(4, "not enough data"), (5, "rising"), (6, "rising")])
def test_fewest_customers(plant: Plant, now: int, status: str) -> None:
    found = run(stream(plant, {"T": [0] * 8 + [now], "U": [20] * 9}), 8)
    assert found["T"].status == status
    assert (found["T"].q_value is None) == (status == "not enough data")


@pytest.mark.parametrize(("week", "tested"), [(2, False), (3, True), (4, True)])
def test_fewest_baseline_weeks(plant: Plant, week: int, *, tested: bool) -> None:
    found = run(stream(plant, {"T": [20] * 9}), week)
    assert (found["T"].status != "not enough data") == tested


def test_one_customer_who_writes_often_is_one_customer(plant: Plant) -> None:
    days = [7 * week for week in range(9) for _ in range(100)]
    customers = [row if row < 850 else 999 for row in range(900)]
    found = run(plant(days, {"T": range(850, 900)}, customers=customers), 8)
    assert found["T"].customers == 1
    assert found["T"].statements == 50
    assert found["T"].status == "not enough data"


def test_new_is_young_and_up_but_not_at_the_cold_start(plant: Plant) -> None:
    weekly = {"T": [0] * 8 + [12], "U": [10] * 9, "V": [9] * 9, "W": [2] * 8 + [2]}
    population = stream(plant, weekly)
    born = {"T": shift(START, 8), "U": START, "V": shift(START, 3), "W": shift(START, 8)}
    found = run(population, 8, born=born)
    assert found["T"].status == "new"
    assert found["T"].rank == 1
    assert found["U"].status == found["V"].status == "steady"
    assert found["W"].status == "not enough data"  # born this week, with nothing to show for it
    assert run(population, 0, born=born)["U"].status == "not enough data"


@pytest.mark.parametrize(("weeks_ago", "status"), [(0, "new"), (3, "new"), (4, "rising")])
def test_a_theme_is_new_for_its_first_month(plant: Plant, weeks_ago: int, status: str) -> None:
    population = stream(plant, {"T": [0] * 8 + [12], "U": [10] * 9})
    assert run(population, 8, born={"T": shift(START, 8 - weeks_ago)})["T"].status == status


def test_what_was_founded_by_another_rule_is_no_baseline(plant: Plant) -> None:
    # At the cold start a partition gave the theme its statements; then it took thrice as many.
    population = stream(plant, {"T": [1, 9, 9, 9, 27], "U": [20] * 5})
    assert run(population, 4)["T"].status == "rising"
    # Where too few weeks are left, that week is one of them.
    assert run(stream(plant, {"T": [1, 9, 9, 27], "U": [20] * 4}), 3)["T"].status != "new"


@pytest.mark.parametrize(
    ("now", "burst", "status"),
    [(17, 1e-5, "rising"), (17, 0.2, "steady"), (12, 1e-5, "steady"), (17, None, "steady")],
)
def test_a_burst_counts_for_its_theme_only_where_the_theme_is_up(
    plant: Plant, now: int, burst: float | None, status: str
) -> None:
    others = {f"S{at:02d}": [5] * 9 for at in range(12)}
    population = stream(plant, {"T": [10] * 8 + [now], **others})
    found = run(population, 8, bursts={} if burst is None else {"T": burst})
    assert found["T"].status == status


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ((3, 3, 3), True),
        ((2, 3, 3), False),
        ((3, 2, 3), False),
        ((3, 3, 2), False),
        ((9, 9, 9), True),
    ],
)
def test_three_months_running(plant: Plant, blocks: tuple[int, ...], *, expected: bool) -> None:
    weekly = [n for count in blocks for n in (0, count - 1, 0, 1)]
    assert run(stream(plant, {"T": weekly}, volume=30), 11)["T"].three_months is expected


def test_three_months_needs_two_weeks_of_each(plant: Plant) -> None:
    weekly = [0, 2, 0, 1] * 2 + [0, 3, 0, 0]
    assert not run(stream(plant, {"T": weekly}, volume=30), 11)["T"].three_months


@pytest.mark.parametrize("drift", [0.0, 0.3])
def test_noise_is_called_in_no_more_than_one_theme_in_twenty(plant: Plant, drift: float) -> None:
    called, themes = 0, 60
    for seed in range(3):
        random = np.random.default_rng(seed)
        rates = random.gamma(2.0, 7.0, themes)[:, None]
        weekly = random.poisson(rates * np.exp(random.normal(0, drift, (themes, 9))))
        population = stream(
            plant, {f"T{i:02d}": row.tolist() for i, row in enumerate(weekly)}, volume=1800
        )
        called += sum(
            trend.status in ("rising", "falling") for trend in run(population, 8).values()
        )
    assert called <= 0.05 * 3 * themes


def test_later_weeks_are_not_seen_and_order_does_not_matter(plant: Plant) -> None:
    weekly = {"T": [5] * 8 + [25, 90], "U": [20] * 8 + [3, 3]}
    short = stream(plant, {name: counts[:9] for name, counts in weekly.items()})
    assert run(stream(plant, weekly), 8) == run(short, 8)
    assert run(stream(plant, weekly, shuffled=7), 8) == run(short, 8)


def test_the_false_discovery_rate_decides(plant: Plant) -> None:
    population = stream(plant, {"T": [10] * 8 + [20], "U": [20] * 9})
    q = run(population, 8)["T"].q_value
    assert q is not None
    for limit, status in ((q * 0.99, "steady"), (q, "rising"), (q * 1.01, "rising")):
        assert run(population, 8, config=TrendConfig(max_q=limit))["T"].status == status


def test_noise_of_rare_themes_is_called_in_no_more_weeks_than_the_rate_allows(plant: Plant) -> None:
    # Nothing is true of noise, so a week with any call is a week of false discoveries only.
    config, weeks, called = TrendConfig(max_q=0.1), 20, 0
    for seed in range(weeks):
        random = np.random.default_rng(seed)
        weekly = random.poisson(1.0, (300, 9))
        themes = {f"T{i:03d}": row.tolist() for i, row in enumerate(weekly)}
        found = run(stream(plant, themes, volume=360), 8, config=config)
        called += any(trend.status in ("rising", "falling") for trend in found.values())
    assert called <= config.max_q * weeks


def test_a_jump_is_called_among_rare_themes_in_a_week_of_more_feedback(plant: Plant) -> None:
    random = np.random.default_rng(7)
    volumes = [340] * 8 + [510]
    days = [7 * week for week, volume in enumerate(volumes) for _ in range(volume)]
    first = np.cumsum([0, *volumes])
    themes: dict[str, list[int]] = {"jump": []}
    for week, volume in enumerate(volumes):
        jump = 29 if week == 8 else 6
        themes["jump"] += range(first[week], first[week] + jump)
        for theme in range(300):
            share = volume / 340
            rows = random.integers(first[week] + jump, first[week + 1], random.poisson(share))
            themes.setdefault(f"T{theme:03d}", []).extend({int(row) for row in rows})
    found = run(plant(days, themes), 8, config=TrendConfig(max_q=0.1))
    assert found["jump"].status == "rising"
    assert found["jump"].rate_ratio == pytest.approx(29 / 6 / 1.5, rel=0.1)
    assert [name for name, trend in found.items() if trend.status in ("rising", "falling")] == [
        "jump"
    ]
