"""A share by week as bars, the last one marked."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from report.charts import number
from report.wording import percent

_LEFT, _BOTTOM, _TOP = 40, 22, 8


def share_chart(
    points: Sequence[tuple[str, float | None]],
    *,
    of: str,
    width: int = 720,
    height: int = 180,
) -> Markup:
    """The shares, from nothing to the highest, rounded up to a tenth; empty without any.

    Args:
        points: (week, share), the earliest first; None where nothing was counted.
        of: what the share is of, for the text alternative: "statements in no theme".
        width: in pixels of the drawing, which scales.
        height: as well.
    """
    known = [(week, share) for week, share in points if share is not None]
    if not known:
        return Markup("")
    top = max(0.1, -(-max(share for _, share in known) * 10 // 1) / 10)
    inside, tall = width - _LEFT - 4, height - _TOP - _BOTTOM
    step = inside / len(points)
    shapes = [_line_at(0.0, top, width, height), _line_at(top / 2, top, width, height)]
    shapes.append(_line_at(top, top, width, height))
    for place, (week, share) in enumerate(points):
        if share is None:
            continue
        size = max(1.0, share / top * tall)
        shapes.append(
            Markup(
                '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>'
            ).format(
                "bar-now" if place == len(points) - 1 else "bar",
                number(_LEFT + place * step + 1),
                number(_TOP + tall - size),
                number(max(1.0, step - 3)),
                number(size),
                week,
                percent(share),
            )
        )
    shapes += _week_names([week for week, _ in points], step, height)
    told = ", ".join(f"{week} {percent(share)}" for week, share in known)
    text = f"Share of {of} a week: {told}"
    return Markup(
        '<svg class="chart" role="img" viewBox="0 0 {w} {h}" width="{w}" height="{h}" '
        'aria-label="{text}" xmlns="http://www.w3.org/2000/svg">{shapes}</svg>'
    ).format(w=width, h=height, text=text, shapes=Markup("").join(shapes))


def _line_at(share: float, top: float, width: int, height: int) -> Markup:
    y = _TOP + (height - _TOP - _BOTTOM) * (1 - share / top)
    return Markup(
        '<line class="axis" x1="{}" x2="{}" y1="{y}" y2="{y}"/>'
        '<text class="tick" x="{}" y="{}" text-anchor="end" font-size="12">{}</text>'
    ).format(_LEFT, width - 4, _LEFT - 6, number(y + 4), percent(share), y=number(y))


def _week_names(weeks: Sequence[str], step: float, height: int) -> list[Markup]:
    """Every so many weeks one name, so that they do not touch; the last one always."""
    every = max(1, -(-70 // int(max(step, 1))))
    return [
        Markup(
            '<text class="tick" x="{}" y="{}" text-anchor="middle" font-size="12">{}</text>'
        ).format(
            number(_LEFT + (place + 0.5) * step),
            height - 6,
            escape(week[5:] if step < 60 else week),
        )
        for place, week in enumerate(weeks)
        if (len(weeks) - 1 - place) % every == 0
    ]
