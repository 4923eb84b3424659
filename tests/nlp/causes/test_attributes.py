from __future__ import annotations

import pytest

from nlp.causes.attributes import BinConfig, Column, encode
from nlp.population import MISSING


def columns(**values: list[str]) -> dict[str, Column]:
    return {c.name: c for c in encode({name: tuple(v) for name, v in values.items()})}


def test_ids_constants_and_names_of_things_are_left_out() -> None:
    found = columns(
        order=[str(100_000 + i) for i in range(400)],
        user=[f"u{i}" for i in range(400)],
        page=[f"/p/{i % 51}" for i in range(400)],
        source=["app"] * 400,
        plan=["pro" if i % 3 else "free" for i in range(400)],
    )
    assert list(found) == ["plan"]


@pytest.mark.parametrize(("distinct", "kept"), [(49, True), (50, True), (51, False)])
def test_most_values(distinct: int, *, kept: bool) -> None:
    assert bool(columns(page=[f"p{i % distinct}" for i in range(500)])) is kept


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
    assert found.values[found.codes[0]] == "up to 5.9"


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
