from __future__ import annotations

import pytest

from nlp.residue import ResidueConfig, ResidueWeek, residue_drift

FIRST = ResidueWeek("2026-W01", 100, 0)  # the themes were formed on it


def weeks(*unthemed: int) -> list[ResidueWeek]:
    found = [FIRST]
    found += [
        ResidueWeek(f"2026-W{place:02d}", 100 - number, number)
        for place, number in enumerate(unthemed, start=2)
    ]
    return found


@pytest.mark.parametrize(
    ("unthemed", "trend"),
    [
        ((10, 11, 9, 10, 10, 11, 24, 26, 25, 25), "rising"),
        ((25, 24, 26, 25, 25, 24, 10, 9, 11, 10), "falling"),
        ((10, 12, 9, 11, 10, 8, 11, 9, 12, 10), "steady"),
        ((10, 30, 12, 28, 11, 29, 31, 13, 30, 27), "steady"),
        ((10, 10, 10, 12, 12, 12, 12), "rising"),
        ((10, 10, 10, 10, 10, 10, 10), "steady"),
    ],
)
def test_weeks_are_compared_by_their_spread(unthemed: tuple[int, ...], trend: str) -> None:
    assert residue_drift(weeks(*unthemed)).trend == trend


def test_the_interval_is_welchs() -> None:
    # As scipy.stats.ttest_ind has it for these two samples, with unequal variances.
    found = residue_drift(weeks(10, 11, 9, 10, 10, 11, 24, 26, 25, 25))
    assert found.difference == pytest.approx(0.25 - 0.61 / 6)
    assert found.low == pytest.approx(0.13591, abs=1e-5)
    assert found.high == pytest.approx(0.16075, abs=1e-5)


@pytest.mark.parametrize(("before", "trend"), [(2, "not enough weeks"), (3, "steady")])
def test_too_few_weeks_are_no_drift(before: int, trend: str) -> None:
    assert residue_drift(weeks(*[10] * (before + 4))).trend == trend


def test_weeks_before_the_first_themes_and_the_one_that_formed_them_do_not_count() -> None:
    early = [ResidueWeek(f"2025-W{place}", 0, 100) for place in range(40, 50)]
    later = weeks(10, 11, 9, 10, 12, 9, 10)
    assert residue_drift(early + later) == residue_drift(later)
    assert residue_drift([]).trend == "not enough weeks"


def test_only_the_quarter_before_is_compared() -> None:
    config = ResidueConfig(before=3)
    found = residue_drift(weeks(90, 90, 90, 10, 11, 10, 10, 11, 10, 11), config=config)
    assert (found.before_weeks, found.trend) == (3, "steady")


def test_a_week_without_statements_has_no_share() -> None:
    assert ResidueWeek("2026-W01", 0, 0).share is None
