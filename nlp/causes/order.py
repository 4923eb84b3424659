"""The order of causes: the harm that would go if the cause went, with intervals of the rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nlp.records import Cause, Friction


def avoidable(cause: Cause) -> float:
    """Share of the theme that would go if the cause went and were the whole reason.

    Attributable fraction (Levin 1953): share (1 - 1 / lift) for where and when; for causes that
    customers state, their share.
    """
    return cause.share_of_theme * excess(cause.lift)


def excess(lift: float | None) -> float:
    """The part of what stands inside a segment or a jump that is there beyond the usual rate.

    1 - 1 / lift; all of it for what customers state, which has no lift.
    """
    return 1.0 if lift is None else 1.0 - 1.0 / max(lift, 1.0)


def cause_order(cause: Cause) -> tuple[float, float, str]:
    """Sort key inside one theme: the greatest avoidable share first, then the surest."""
    return (-round(avoidable(cause), 9), 1.0 if cause.q_value is None else cause.q_value, cause.id)


def rank_causes(causes: Sequence[Cause], friction: Sequence[Friction]) -> tuple[Cause, ...]:
    """Give causes of ranked themes a rank by the theme's score times their avoidable share.

    Causes whose intervals of that product overlap may stand in any order: rank_low counts the
    causes that lie wholly above, rank_high those wholly below. The product's interval takes the
    low ends of impact, share (Wilson) and lift together, and the high ends together, so it is
    wide. Causes of themes without a rank have none. Sorted by rank, then theme and id.
    """
    scored = {item.theme_id: item for item in friction if item.score is not None}
    told = sorted(
        (cause for cause in causes if cause.theme_id in scored),
        key=lambda c: (-_cause_score(c, scored[c.theme_id]), c.theme_id, c.id),
    )
    bounds = np.array([_cause_bounds(c, scored[c.theme_id]) for c in told]).reshape(-1, 2)
    ranked = [
        replace(
            cause,
            rank=place,
            rank_low=min(place, 1 + int((bounds[:, 0] > bounds[place - 1, 1]).sum())),
            rank_high=max(place, len(told) - int((bounds[:, 1] < bounds[place - 1, 0]).sum())),
        )
        for place, cause in enumerate(told, start=1)
    ]
    rest = [
        replace(cause, rank=None, rank_low=None, rank_high=None)
        for cause in causes
        if cause.theme_id not in scored
    ]
    rest.sort(key=lambda c: (c.theme_id, c.kind, c.id))
    return (*ranked, *rest)


def _cause_score(cause: Cause, item: Friction) -> float:
    return round((item.score or 0.0) * avoidable(cause), 9)


def _cause_bounds(cause: Cause, item: Friction) -> tuple[float, float]:
    impact = item.impact or 0.0
    per_impact = item.reach * item.confidence / item.effort
    low_impact = impact if item.impact_low is None else item.impact_low
    high_impact = impact if item.impact_high is None else item.impact_high
    low_share, high_share = _wilson(cause)
    low = avoidable(replace(cause, share_of_theme=low_share, lift=cause.lift_low or cause.lift))
    high = avoidable(replace(cause, share_of_theme=high_share, lift=cause.lift_high or cause.lift))
    return per_impact * low_impact * low, per_impact * high_impact * high


def _wilson(cause: Cause) -> tuple[float, float]:
    """Wilson's 90% interval of the cause's share of its theme."""
    share, z = cause.share_of_theme, 1.6448536
    total = max(cause.customers / share, 1.0) if share > 0 else 1.0
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * float(np.sqrt(share * (1 - share) / total + (z / (2 * total)) ** 2))
    half /= 1 + z * z / total
    return max(0.0, middle - half), min(1.0, middle + half)
