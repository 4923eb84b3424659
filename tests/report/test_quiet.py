from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.document import Point
from report.quiet import quiet_text, quiet_weeks


def points(customers: Sequence[int]) -> tuple[Point, ...]:
    return tuple(Point(f"2026-W{at + 1:02}", many, many) for at, many in enumerate(customers))


@pytest.mark.parametrize(
    ("customers", "weeks"),
    [
        ([], 0),
        ([0, 0, 0], 0),  # nobody ever spoke of it
        ([20, 20, 2, 2], 2),  # at the limit: a tenth of the highest
        ([20, 20, 3, 2], 0),  # above it, and one week alone is soon over
        ([20, 20, 2], 0),
        ([0, 21, 16, 6, 0, 1, 0], 3),
        ([0, 21, 16, 6, 0, 1, 0, 3], 0),  # it is back
        ([2, 1, 1, 2, 0, 0], 2),  # 3 expected: 0.0498
        ([2, 1, 1, 2, 1, 0, 0], 0),  # 2.8 expected: 0.061
    ],
)
def test_weeks_are_quiet_that_hardly_anybody_speaks_in(customers: list[int], weeks: int) -> None:
    assert quiet_weeks(points(customers)) == weeks


def test_it_is_told_in_weeks() -> None:
    assert quiet_text(points([9, 9, 0, 0])) == "has been quiet for 2 weeks"
    assert quiet_text(points([9, 9])) == ""


@given(st.lists(st.integers(0, 40), min_size=1, max_size=20), st.integers(1, 8))
def test_one_more_empty_week_never_makes_a_theme_louder(before: list[int], empty: int) -> None:
    found = quiet_weeks(points([*before, *[0] * empty]))
    longer = quiet_weeks(points([*before, *[0] * (empty + 1)]))
    assert longer == (found + 1 if found else longer)
    assert longer == 0 or longer > empty
