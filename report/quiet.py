"""Whether a theme has fallen quiet: what is fixed first may have passed by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from report import wording
from report.document import Point


@dataclass(frozen=True, slots=True)
class QuietConfig:
    """When weeks count as quiet.

    A single empty week is soon over; a tenth of the theme's highest week is what an incident leaves
    behind it. A theme of few customers has such weeks by chance: as many as seen, or fewer, must
    have been less likely than one in twenty at the rate of the weeks before.
    """

    least_weeks: int = 2
    of_highest: float = 0.1
    chance: float = 0.05


_DEFAULT = QuietConfig()


def quiet_weeks(series: Sequence[Point], *, config: QuietConfig = _DEFAULT) -> int:
    """For how many weeks up to the last one hardly anybody has spoken of it; 0 where it is not so.

    The distinct customers of the weeks are compared, as Poisson counts.
    """
    customers = [point.customers for point in series]
    limit = config.of_highest * max(customers, default=0)
    quiet = 0
    while quiet < len(customers) and customers[-1 - quiet] <= limit:
        quiet += 1
    before = customers[: len(customers) - quiet]
    if quiet < config.least_weeks or not before:
        return 0
    expected = quiet * sum(before) / len(before)
    return quiet if _at_most(sum(customers[-quiet:]), expected) <= config.chance else 0


def quiet_text(series: Sequence[Point], *, config: QuietConfig = _DEFAULT) -> str:
    """For how long, in words: "has been quiet for 3 weeks"; "" where it has not."""
    weeks = quiet_weeks(series, config=config)
    return f"has been quiet for {wording.count(weeks, 'week')}" if weeks else ""


def _at_most(count: int, mean: float) -> float:
    """The chance of so many or fewer where `mean` are expected."""
    return math.fsum(
        math.exp(at * math.log(mean) - mean - math.lgamma(at + 1)) for at in range(count + 1)
    )
