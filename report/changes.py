"""What changed: the lists of new, rising, falling and lasting themes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from nlp.records import Cause, Friction, RootCause, Trend
from nlp.weeks import shift
from report import wording
from report.backlog import root_cause_line
from report.document import CauseNews, ThemeLine
from report.scene import Scene, copies_told, finite, theme_series

_MOVED = frozenset({"new", "rising"})


def weeks_rising(previous: Sequence[Trend], week: str) -> dict[str, int]:
    """Theme id -> number of weeks it has been rising without a break, this one included."""
    before = {(item.week, item.theme_id) for item in previous if item.status == "rising"}
    found: dict[str, int] = {}
    for theme_id in sorted({item.theme_id for item in previous}):
        weeks = 1
        while (shift(week, -weeks), theme_id) in before:
            weeks += 1
        found[theme_id] = weeks
    return found


def cause_news(
    scene: Scene, root_causes: Sequence[RootCause], pieces: Mapping[str, Cause]
) -> tuple[CauseNews, ...]:
    """Root causes that are new or rising this week, the surest first; none that was rejected."""
    moved = [one for one in root_causes if one.trend in _MOVED and one.state != "rejected"]
    moved.sort(key=lambda one: (1.0 if one.trend_q is None else one.trend_q, one.id))
    return tuple(
        CauseNews(
            trend=one.trend,
            theme_id=one.theme_id,
            label=scene.label(one.theme_id, one.theme_id),
            cause=root_cause_line(one, pieces),
        )
        for one in moved
    )


def theme_lines(
    scene: Scene, trends: Iterable[Trend], rising_for: Mapping[str, int]
) -> tuple[ThemeLine, ...]:
    """All themes of a list, biggest change in customers first.

    A broad theme is left out where one of its own narrower themes is in the same list.
    """
    items = sorted(trends, key=_by_change)
    present = {item.theme_id for item in items}
    covered = {
        theme.parent_id
        for theme in scene.themes.values()
        if theme.id in present and theme.parent_id
    }
    lines: list[ThemeLine] = []
    for item in items:
        if item.theme_id in covered:
            continue
        owner_id, owner = scene.owner(item.theme_id)
        theme = scene.themes.get(item.theme_id)
        lines.append(
            ThemeLine(
                theme_id=item.theme_id,
                label=scene.label(item.theme_id, item.label),
                broad=theme is not None and theme.level == "parent",
                owner_id=owner_id,
                owner=owner,
                stage=scene.stage(item.theme_id),
                status=item.status,
                customers=item.customers,
                statements=item.statements,
                usual=wording.usual(item),
                rate_ratio=finite(item.rate_ratio),
                ratio_low=finite(item.ratio_low),
                ratio_high=finite(item.ratio_high),
                q_value=finite(item.q_value),
                note=wording.theme_note(
                    item,
                    weeks_rising=rising_for.get(item.theme_id, 1) if item.status == "rising" else 0,
                ),
                series=theme_series(scene, item.theme_id),
                copies=copies_told(scene, item.theme_id, [scene.week]),
            )
        )
    return tuple(lines)


def founded(lines: Iterable[ThemeLine]) -> tuple[ThemeLine, ...]:
    """The themes of a cold start, those that most customers spoke of first; nothing is compared."""
    return tuple(
        replace(line, note=wording.said_this_week(line.customers, line.statements))
        for line in sorted(lines, key=lambda one: (-one.customers, one.theme_id))
    )


def costliest_first(
    scene: Scene, lines: Iterable[ThemeLine], friction: Sequence[Friction]
) -> tuple[ThemeLine, ...]:
    """The themes by their place in the backlog; a broad one has that of its costliest.

    Those without a place come last, by the customers they reach, and of equals by their ids.
    """
    place: dict[str, tuple[bool, int, int]] = {}
    for item in friction:
        theme = scene.themes.get(item.theme_id)
        mine = (item.rank is None, item.rank or 0, -item.reach)
        above = theme.parent_id if theme else None
        for name in {item.theme_id, above or item.theme_id}:
            place[name] = min(mine, place.get(name, mine))
    none = (True, 0, 0)

    def order(line: ThemeLine) -> tuple[bool, int, int, int, str]:
        return (*place.get(line.theme_id, none), -line.customers, line.theme_id)

    return tuple(sorted(lines, key=order))


def _by_change(trend: Trend) -> tuple[float, int, int, str]:
    expected = wording.usual(trend)
    change = abs(trend.customers - expected) if expected is not None else float(trend.customers)
    return (-change, -trend.customers, -trend.statements, trend.theme_id)
