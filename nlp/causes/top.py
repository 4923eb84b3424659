"""The leading root causes of each theme, by id, beside its place in the backlog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nlp.records import Friction, RootCause

MOST = 3  # more is a list, not a lead


def with_top_causes(
    friction: Sequence[Friction], root_causes: Sequence[RootCause]
) -> tuple[Friction, ...]:
    """The friction points with `top_causes`: ids of the best ranked, then the widest causes.

    What a person rejected leads nowhere.
    """
    by_theme: dict[str, list[RootCause]] = {}
    for one in root_causes:
        if one.state != "rejected":
            by_theme.setdefault(one.theme_id, []).append(one)
    return tuple(
        replace(
            item,
            top_causes=tuple(
                one.id for one in sorted(by_theme.get(item.theme_id, ()), key=_order)[:MOST]
            ),
        )
        for item in friction
    )


def _order(one: RootCause) -> tuple[bool, int, int, str]:
    return (one.rank is None, one.rank or 0, -one.customers, one.id)
