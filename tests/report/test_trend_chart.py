from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from nlp.theme_series import WeekRate
from nlp.weeks import shift
from report.trend_chart import Mark, describe_trend, marked, percent, trend_chart

FIRST = "2026-W01"
MONDAY = dt.date(2025, 12, 29)


def weeks(*customers: int | None) -> tuple[WeekRate, ...]:
    return tuple(
        WeekRate(shift(FIRST, at), 0, 0, 0, 0, None, None, None)
        if count is None
        else WeekRate(
            shift(FIRST, at), count, count, 100, 120, count / 100, count / 200, count / 50
        )
        for at, count in enumerate(customers)
    )


def test_the_text_says_what_is_drawn() -> None:
    text = describe_trend(weeks(3, None, 12), [Mark(MONDAY, "event", "1", "release: 4.2 \u202ex")])
    assert text == (
        "customers a week, and as a share of all who wrote: 2026-W01 3 (3.0%); "
        "2026-W02 0 (nobody wrote); 2026-W03 12 (12%); marked: 1, 29 December 2025, release: 4.2 x"
    )


@pytest.mark.parametrize("width", [350, 760])
@pytest.mark.parametrize(
    "points", [weeks(0), weeks(5, 7), weeks(1, None, 3, 4), weeks(*range(26)), weeks(None)]
)
def test_everything_lies_inside_the_drawing(points: tuple[WeekRate, ...], width: int) -> None:
    marks = [Mark(MONDAY + dt.timedelta(days=at), "event", str(at), "e") for at in range(0, 200, 3)]
    drawn = ET.fromstring(str(trend_chart(points, marks, width=width)))
    high = float(drawn.attrib["height"])
    for one in drawn.iter():
        for name in ("x", "x1", "x2", "cx"):
            assert 0 <= float(one.attrib.get(name, 0)) <= width
        for name in ("y", "y1", "y2", "cy"):
            assert 0 <= float(one.attrib.get(name, 0)) <= high
        for x, y in re.findall(r"([-\d.]+),([-\d.]+)", one.attrib.get("points", "")):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= high


@pytest.mark.parametrize("width", [350, 760])
@pytest.mark.parametrize(
    "days",
    [
        (0, 3, 8, 14, 22, 29, 31, 36, 42, 62, 63, 65, 71),
        (62, 63, 64, 65, 66, 67, 69, 70, 72, 74, 76, 77, 80, 81, 82, 83),
        (0, 1, 2, 3, 4, 5, 6),
    ],
)
def test_signs_of_neighbouring_days_never_touch(days: tuple[int, ...], width: int) -> None:
    marks = [
        Mark(MONDAY + dt.timedelta(days=day), "event", str(at + 1), "e")
        for at, day in enumerate(days)
    ]
    drawn = ET.fromstring(str(trend_chart(weeks(*range(1, 13)), marks, width=width)))
    signs = [one for one in drawn.iter() if one.attrib.get("class", "").startswith("sign ")]
    assert [one.text for one in signs] == [mark.sign for mark in marks]
    rows: dict[str, list[tuple[float, float]]] = {}
    for one in signs:
        half = 3.5 * len(one.text or "")
        x = float(one.attrib["x"])
        rows.setdefault(one.attrib["y"], []).append((x - half, x + half))
    for row in rows.values():
        row.sort()
        assert all(end < start for (_, end), (start, _) in pairwise(row))
        assert row[0][0] >= 0
        assert row[-1][1] <= width
    # Aside by less than the width of a few signs, so that each is found above its line.
    step = (width - 34 - 8) / 12
    for one, day in zip(signs, days, strict=True):
        assert abs(float(one.attrib["x"]) - (34 + day / 7 * step)) < 60


def test_weeks_without_feedback_break_the_line() -> None:
    drawn = ET.fromstring(str(trend_chart(weeks(1, 2, None, 3, 4), [])))
    lines = [one for one in drawn.iter() if one.tag.endswith("polyline")]
    assert [len(one.attrib["points"].split()) for one in lines] == [2, 2]


def test_marks_of_one_day_are_one_sign_and_others_are_left_out() -> None:
    marks = [
        Mark(MONDAY, "onset", "A", "since <b>"),
        Mark(MONDAY, "event", "1", "release"),
        Mark(MONDAY - dt.timedelta(days=1), "event", "2", "before"),
        Mark(MONDAY + dt.timedelta(days=14), "event", "3", "after"),
    ]
    points = weeks(1, 2)
    assert [mark.sign for mark in marked(points, marks)] == ["A", "1"]
    drawn = ET.fromstring(str(trend_chart(points, marks)))
    signs = [one.text for one in drawn.iter() if "sign" in one.attrib.get("class", "")]
    assert signs == ["A·1"]
    assert "<b>" not in str(trend_chart(points, marks))


def test_no_weeks_draw_nothing() -> None:
    assert trend_chart((), []) == ""


@pytest.mark.parametrize(
    ("rate", "text"), [(0.0, "0.0%"), (0.0994, "9.9%"), (0.0996, "10%"), (1.0, "100%")]
)
def test_rates_are_rounded_to_what_matters(rate: float, text: str) -> None:
    assert percent(rate) == text
