"""A theme's weeks as a chart: its rate with an interval band, customers as bars, marks for days.

Two panels over one time axis, drawn for a given width in CSS pixels so that the writing keeps its
size: a page draws it once for wide and once for narrow screens and shows one of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from markupsafe import Markup, escape

from nlp.theme_series import WeekRate
from nlp.weeks import monday
from report.charts import number, shape, svg
from report.wording import TURNING, day, shorten

_LEFT, _RIGHT = 34.0, 8.0  # room for the axis' writing
_RATE_TOP, _RATE_BOTTOM = 26.0, 146.0
_BARS_TOP, _BARS_BOTTOM = 166.0, 206.0
_HEIGHT = 226
_SIGN_GAP = 3.0  # between signs in a row
# A band wider than this many times the highest rate is cut: it would press the line to the floor.
_WIDEST = 2.5
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)


@dataclass(frozen=True, slots=True)
class Mark:
    """A day to mark: an onset found in the series, or a dated event. `sign` stands in the chart."""

    day: dt.date
    kind: Literal["onset", "event"]
    sign: str
    text: str


def trend_chart(points: Sequence[WeekRate], marks: Sequence[Mark], *, width: int = 720) -> Markup:
    """Rate (share of the customers who wrote, with its interval) and customers, week by week.

    Marks outside the weeks shown are left out.
    """
    if not points:
        return Markup("")
    rates = [point.rate for point in points if point.rate is not None]
    highs = [point.high for point in points if point.high is not None]
    top = _ceiling(min(max(highs, default=0.0), _WIDEST * max(rates, default=0.0)))
    step = (width - _LEFT - _RIGHT) / len(points)
    parts = [
        _grid(top, width),
        *_band(points, top, step),
        *_line(points, top, step),
        *_bars(points, step),
        _weeks(points, step),
        *_marks(points, marks, step, width),
    ]
    return svg(Markup("").join(parts), describe_trend(points, marks), width=width, height=_HEIGHT)


def describe_trend(points: Sequence[WeekRate], marks: Sequence[Mark]) -> str:
    """The chart in words: every week's customers and rate, and what is marked."""
    told = "; ".join(
        f"{point.week} {point.customers}"
        + (f" ({percent(point.rate)})" if point.rate is not None else " (nobody wrote)")
        for point in points
    )
    inside = "".join(
        f"; marked: {mark.sign}, {day(mark.day)}, {shorten(TURNING.sub('', mark.text), limit=120)}"
        for mark in marks
        if _place(points, mark.day) is not None
    )
    return f"customers a week, and as a share of all who wrote: {told}{inside}"


def percent(rate: float) -> str:
    """A rate as "3.2%", "12%": one digit after the point under ten."""
    return f"{rate * 100:.1f}%" if rate < 0.0995 else f"{rate * 100:.0f}%"


def marked(points: Sequence[WeekRate], marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Those of the marks that lie in the weeks shown."""
    return tuple(mark for mark in marks if _place(points, mark.day) is not None)


def _ceiling(value: float) -> float:
    """A round number at or above a rate, at least 1%."""
    step = next((step for step in _STEPS if value <= 4 * step), 0.5)
    return max(0.01, min(1.0, -(-value // step) * step))


def _y(rate: float, top: float) -> float:
    inside = min(rate, top) / top
    return _RATE_BOTTOM - inside * (_RATE_BOTTOM - _RATE_TOP)


def _x(place: float, step: float) -> float:
    return _LEFT + (place + 0.5) * step


def _text(x: float, y: float, text: str, *, anchor: str, of: str = "tick") -> Markup:
    return shape(
        '<text class="{}" x="{}" y="{}" text-anchor="{}" font-size="11" fill="#52606d">{}</text>',
        of,
        number(x),
        number(y),
        anchor,
        escape(text),
    )


def _grid(top: float, width: int) -> Markup:
    parts: list[Markup] = []
    for share in (0.0, 0.5, 1.0):
        y = _y(top * share, top)
        parts.append(
            shape(
                '<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}" stroke="#d8dee5"/>',
                number(_LEFT),
                number(y),
                number(width - _RIGHT),
                number(y),
            )
        )
        parts.append(_text(_LEFT - 4, y + 4, _tick(top * share), anchor="end"))
    return Markup("").join(parts)


def _tick(rate: float) -> str:
    return f"{rate * 100:.2f}".rstrip("0").rstrip(".") + "%"


def _runs(points: Sequence[WeekRate]) -> list[list[int]]:
    """Places of neighbouring weeks that have a rate."""
    runs: list[list[int]] = []
    for at, point in enumerate(points):
        if point.rate is None:
            continue
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _band(points: Sequence[WeekRate], top: float, step: float) -> list[Markup]:
    found: list[Markup] = []
    for run in _runs(points):
        upper = [(_x(at, step), _y(points[at].high or 0.0, top)) for at in run]
        lower = [(_x(at, step), _y(points[at].low or 0.0, top)) for at in reversed(run)]
        if len(run) == 1:  # one week alone: as wide as a dot
            (x, high), (_, low) = upper[0], lower[0]
            upper, lower = [(x - 2, high), (x + 2, high)], [(x + 2, low), (x - 2, low)]
        found.append(
            shape('<polygon class="band" points="{}" fill="#cfe2f4"/>', _path([*upper, *lower]))
        )
    return found


def _line(points: Sequence[WeekRate], top: float, step: float) -> list[Markup]:
    found: list[Markup] = []
    for run in _runs(points):
        places = [(_x(at, step), _y(points[at].rate or 0.0, top)) for at in run]
        line = '<polyline class="line" points="{}" fill="none" stroke="#0b5cad" stroke-width="2"/>'
        found.append(shape(line, _path(places)))
        found += [
            shape(
                '<circle class="dot" cx="{}" cy="{}" r="{}" fill="#0b5cad"/>',
                number(x),
                number(y),
                "4" if at == len(points) - 1 else "2",
            )
            for at, (x, y) in zip(run, places, strict=True)
        ]
    return found


def _path(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in places)


def _bars(points: Sequence[WeekRate], step: float) -> list[Markup]:
    most = max(1, *(point.customers for point in points))
    found = [_text(_LEFT - 4, _BARS_TOP + 8, str(most), anchor="end")]
    for at, point in enumerate(points):
        tall = max(1.0, point.customers / most * (_BARS_BOTTOM - _BARS_TOP))
        now = at == len(points) - 1
        found.append(
            shape(
                '<rect class="{}" x="{}" y="{}" width="{}" height="{}" fill="{}"/>',
                "bar-now" if now else "bar",
                number(_LEFT + at * step + min(1.0, step / 6)),
                number(_BARS_BOTTOM - tall),
                number(max(0.5, step - min(2.0, step / 3))),
                number(tall),
                "#0b5cad" if now else "#8aa4bd",
            )
        )
    return found


def _weeks(points: Sequence[WeekRate], step: float) -> Markup:
    """First, middle and last week, as far as there is room."""
    last = len(points) - 1
    parts = [_text(_LEFT, _HEIGHT - 5, points[0].week, anchor="start")]
    if last >= 2:
        middle = last // 2
        parts.append(_text(_x(middle, step), _HEIGHT - 5, points[middle].week, anchor="middle"))
    if last >= 1:
        end = _LEFT + (last + 1) * step
        parts.append(_text(end, _HEIGHT - 5, points[last].week, anchor="end"))
    return Markup("").join(parts)


def _place(points: Sequence[WeekRate], of: dt.date) -> float | None:
    """Where a day lies, in weeks from the first Monday; None outside."""
    if not points:
        return None
    days = (of - monday(points[0].week)).days
    return days / 7 if 0 <= days < 7 * len(points) else None


def _marks(
    points: Sequence[WeekRate], marks: Sequence[Mark], step: float, width: int
) -> list[Markup]:
    """A line through both panels for each day marked, its signs above it, in two rows."""
    found: list[Markup] = []
    signs: list[tuple[float, str, str]] = []
    shown = [mark for mark in marks if _place(points, mark.day) is not None]
    shown.sort(key=lambda one: (one.day, one.kind != "onset", one.sign))
    for of_day, group in groupby(shown, key=lambda one: one.day):
        day_marks = list(group)
        x = _LEFT + (_place(points, of_day) or 0.0) * step
        # Events below, onsets above.
        found.extend(_rule(x, kind) for kind in sorted({mark.kind for mark in day_marks}))
        sign = "·".join(mark.sign for mark in day_marks)
        signs.append((x, sign, f"sign {day_marks[0].kind}-sign"))
    for (_, sign, of), (at, y) in zip(signs, _sign_places(signs, width), strict=True):
        found.append(_text(at, y, sign, anchor="middle", of=of))
    return found


def _sign_places(signs: Sequence[tuple[float, str, str]], width: int) -> list[tuple[float, float]]:
    """Where each sign's middle stands: above its line, or so near beside it that none touch.

    In the lower row where there is room, else in the one that is free first; then aside to the
    right, and back from the right edge.
    """
    halves = [3.5 * len(sign) for _, sign, _ in signs]
    rows: tuple[list[int], list[int]] = ([], [])
    places = [0.0] * len(signs)
    taken = [_LEFT - _SIGN_GAP, _LEFT - _SIGN_GAP]
    for at, (x, _, _) in enumerate(signs):
        row = 0 if x - halves[at] - taken[0] >= _SIGN_GAP or taken[0] <= taken[1] else 1
        places[at] = max(x, taken[row] + _SIGN_GAP + halves[at])
        taken[row] = places[at] + halves[at]
        rows[row].append(at)
    for places_of in rows:
        edge = float(width - _RIGHT)
        for at in reversed(places_of):
            # More signs than there is room for: they touch, but stay inside.
            places[at] = max(min(places[at], edge - halves[at]), halves[at])
            edge = places[at] - halves[at] - _SIGN_GAP
    return [(place, 9.0 if at in rows[1] else 20.0) for at, place in enumerate(places)]


def _rule(x: float, kind: str) -> Markup:
    return shape(
        '<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}"{}/>',
        kind,
        number(x),
        number(_RATE_TOP - 4),
        number(x),
        number(_BARS_BOTTOM),
        "#8a4b00" if kind == "onset" else "#52606d",
        Markup(' stroke-dasharray="2 3"') if kind == "event" else "",
    )
