from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.causes.attributes import OTHER, BinConfig, Column, encode, round_cuts
from nlp.population import MISSING


def columns(**values: list[str]) -> dict[str, Column]:
    return {c.name: c for c in encode({name: tuple(v) for name, v in values.items()})}


def test_ids_constants_and_names_of_things_are_left_out() -> None:
    found = columns(
        order=[str(100_000 + i) for i in range(400)],
        user=[f"u{i}" for i in range(400)],
        source=["app"] * 400,
        plan=["pro" if i % 3 else "free" for i in range(400)],
    )
    assert list(found) == ["plan"]


@pytest.mark.parametrize(("distinct", "others"), [(49, 0), (50, 0), (51, 3), (200, 152)])
def test_of_many_values_the_rarer_ones_are_one(distinct: int, others: int) -> None:
    pages = [f"p{i % distinct:03d}" for i in range(1000)]
    column = columns(page=pages)["page"]
    assert len(column.values) == min(distinct, 49 if others else 50)
    assert (OTHER in column.values) == bool(others)
    assert len({page for page in pages if column.label(page) == OTHER}) == others
    assert column.label("never seen") == (OTHER if others else "never seen")


@pytest.mark.parametrize(("odd", "binned"), [(50, True), (51, False)])
def test_a_few_odd_values_do_not_make_names_of_numbers(odd: int, *, binned: bool) -> None:
    seats = ["unknown"] * odd + [str(i % 90) for i in range(1000 - odd)]
    found = columns(seats=seats)["seats"]
    assert any(value.startswith("above") for value in found.values) == binned
    assert found.label("unknown") == (OTHER if binned else "unknown")


def test_many_months_become_quarters_or_years() -> None:
    day = dt.date(2000, 1, 5)
    for years, form in ((3, "2001-07"), (9, "2001-Q3"), (20, "2001")):
        dates = [str(day + dt.timedelta(days=i * 365 * years // 900)) for i in range(900)]
        assert columns(signup=[*dates, "tbd"])["signup"].label("2001-08-09")[:4] == "2001"
        assert form[:6] in {value[:6] for value in columns(signup=dates)["signup"].values}


@pytest.mark.parametrize(("distinct", "levels"), [(11, 11), (12, 12), (13, 5)])
def test_numbers_are_binned_above_twelve_values(distinct: int, levels: int) -> None:
    found = columns(seats=[str(i % distinct) for i in range(520)])
    assert len(found["seats"].values) == levels


def test_versions_are_names_though_they_look_like_numbers() -> None:
    found = columns(app_version=[f"{60 + i % 20}.0" for i in range(400)])
    assert len(found["app_version"].values) == 20


def test_bins_are_exhaustive_and_say_their_edges() -> None:
    found = columns(price=[f"{i / 10:.1f}" for i in range(300)] + [MISSING] * 10)["price"]
    assert found.values[found.missing] == MISSING
    assert sum(value.startswith("up to") for value in found.values) == 1
    assert sum(value.startswith("above") for value in found.values) == 4
    assert found.values[found.codes[0]] == "up to 5"


def test_cuts_are_round_numbers_that_people_know() -> None:
    random = np.random.default_rng(1)
    seats = np.exp(random.normal(3.0, 1.4, 4000)).astype(int) + 1
    found = columns(seats=[str(n) for n in seats])["seats"]
    assert set(found.values) == {
        "up to 5", "above 5 to 15", "above 15 to 30", "above 30 to 50", "above 50"
    }  # fmt: skip


@given(
    data=st.lists(st.floats(-1e6, 1e6), min_size=20, max_size=60, unique=True),
    bins=st.integers(2, 6),
)
def test_bins_hold_about_the_same_number(data: list[float], bins: int) -> None:
    values = np.sort(np.array(data))
    cuts = round_cuts(values, bins=bins, reach=0.06)
    ranks = np.searchsorted(values, cuts, side="right") / values.size
    assert np.all(np.diff(cuts) > 0)
    assert all(
        np.abs(np.linspace(0, 1, bins + 1)[1:-1] - rank).min() < 0.06 + 0.1 for rank in ranks
    )


@pytest.mark.parametrize(
    ("low", "middle", "high", "cut"),
    [(88, 97, 130, 100), (42, 47, 55, 50), (98.1, 98.4, 98.9, 98.5), (2003, 2004, 2006, 2005),
     (3, 3, 3, 3), (-130, -97, -88, -100), (0.012, 0.017, 0.024, 0.02)],
)  # fmt: skip
def test_the_roundest_number_in_reach(low: float, middle: float, high: float, cut: float) -> None:
    data = np.array([low] * 3 + [middle] * 4 + [high] * 3 + [high + abs(high)])
    assert round_cuts(data, bins=2, reach=0.3).tolist() == [cut]


def test_raw_values_have_labels_even_those_that_were_not_seen() -> None:
    found = columns(seats=[str(i) for i in range(1, 41)] * 10, plan=["a", "b"] * 200)
    assert found["plan"].label("c") == "c"
    assert found["seats"].label("1000") == "above 30"
    assert found["seats"].label("many") == OTHER
    assert found["seats"].label(MISSING) == MISSING


def test_dates_become_months_or_weeks() -> None:
    months = columns(joined=[f"2025-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(400)])
    assert "2025-03" in months["joined"].values
    weeks = encode(
        {"joined": tuple(f"2026-01-{1 + i % 28:02d}" for i in range(400))},
        config=BinConfig(max_values=20),
    )
    assert "2026-W02" in weeks[0].values


def test_two_columns_that_split_alike_are_one() -> None:
    plan = ["pro" if i % 3 else "free" for i in range(60)]
    found = columns(tier=["b" if value == "pro" else "a" for value in plan], plan=plan)
    assert list(found) == ["plan"]


def test_excluded_columns_are_not_looked_at() -> None:
    assert encode({"tag": ("a", "b") * 30}, exclude=["tag"]) == ()
