"""Charts drawn by hand as inline SVG: no script, no image file, and a text that says the same.

Colours come from the page's style sheet by class (`bar`, `bar-now`, `range`, `dot`), so that dark
mode and print need no second drawing; presentation attributes are the fallback in mail clients.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from report.document import Point


def number(value: float) -> str:
    """At most two decimals, never "-0"; the same text on every machine."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def shape(template: str, *values: str | float) -> Markup:
    """A shape of words and numbers of the program's own, or of what is escaped already.

    A page has thousands; `Markup.format`, which escapes, takes ten times as long.
    """
    return Markup(template.format(*values))  # noqa: S704


def describe(points: Sequence[Point]) -> str:
    """The series in words: "customers a week, 2026-W40 to 2026-W47: 3, 5, 9 (highest 9)"."""
    if not points:
        return "no weeks to show"
    values = ", ".join(str(point.customers) for point in points)
    highest = max(point.customers for point in points)
    span = f"{points[0].week} to {points[-1].week}" if len(points) > 1 else f"only {points[0].week}"
    return f"customers a week, {span}: {values} (highest {highest})"


def bars(points: Sequence[Point], *, width: int = 132, height: int = 32) -> Markup:
    """Customers a week as bars, the last one marked; the scale starts at zero."""
    if not points:
        return Markup("")
    gap = 2.0
    step = width / len(points)
    top = max(1, *(point.customers for point in points))
    shapes: list[Markup] = []
    for index, point in enumerate(points):
        # A zero week keeps a hairline, so that a gap reads as "nobody", not as "no data".
        tall = max(1.0, point.customers / top * (height - 2))
        now = index == len(points) - 1
        shapes.append(
            shape(
                '<rect class="{}" x="{}" y="{}" width="{}" height="{}" fill="{}"/>',
                "bar-now" if now else "bar",
                number(index * step),
                number(height - tall),
                number(max(1.0, step - gap)),
                number(tall),
                "#0b5cad" if now else "#8aa4bd",
            )
        )
    return svg(Markup("").join(shapes), describe(points), width=width, height=height)


def interval(
    low: float,
    middle: float,
    high: float,
    *,
    least: float,
    most: float,
    text: str,
    width: int = 132,
) -> Markup:
    """A range with its middle marked, on an axis from `least` to `most`; `text` says it in words.

    Raises:
        ValueError: when the axis has no length or the range is upside down.
    """
    if most <= least:
        raise ValueError(f"an axis from {least} to {most} has no length")
    if not low <= middle <= high:
        raise ValueError(f"{middle} does not lie between {low} and {high}")
    height = 16

    def place(value: float) -> float:
        inside = min(max(value, least), most)
        return 4 + (inside - least) / (most - least) * (width - 8)

    axis = shape(
        '<line class="axis" x1="4" y1="8" x2="{}" y2="8" stroke="#8aa4bd"/>', number(width - 4)
    )
    bar = shape(
        '<rect class="range" x="{}" y="5" width="{}" height="6" rx="3" fill="#7fb0de"/>',
        number(place(low)),
        number(max(2.0, place(high) - place(low))),
    )
    dot = shape('<circle class="dot" cx="{}" cy="8" r="4" fill="#0b5cad"/>', number(place(middle)))
    return svg(axis + bar + dot, text, width=width, height=height)


def count_bar(part: int, whole: int, *, width: int = 120) -> Markup:
    """A part of a whole as one bar; the number beside it says the same."""
    height = 10
    shown = max(1.0, part / max(whole, 1) * width)
    bar = shape(
        '<rect class="bar" x="0" y="0" width="{}" height="{}" fill="#8aa4bd"/>',
        number(shown),
        height,
    )
    return svg(bar, f"{part} of {whole}", width=width, height=height)


def svg(content: Markup, text: str, *, width: int, height: int) -> Markup:
    """A drawing with its text alternative; `content` is escaped already."""
    return shape(
        '<svg class="chart" role="img" xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}"'
        ' viewBox="0 0 {0} {1}" aria-label="{2}"><title>{2}</title>{3}</svg>',
        width,
        height,
        escape(text),
        content,
    )
