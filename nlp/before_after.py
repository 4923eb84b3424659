"""Before and after a day: how often something is mentioned, with all feedback as exposure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nlp.rates import dispersion, shrunken_ratio
from nlp.weeks import shift, weeks_between


@dataclass(frozen=True, slots=True)
class BeforeAfterConfig:
    """When a comparison is worth telling.

    weeks_before: two months, so that one odd week does not make the "before".
    least_weeks: on either side; one week is an accident.
    least_customers: mentions of both sides together. With fewer only a complete end can be told
        from chance: at even exposure 7 before and 1 after give 0.17 times (95% 0.01 to 0.83), 5
        before and 1 after 0.23 times (0.02 to 1.26).
    error: the chance that any interval of those read together leaves the truth out.
    """

    weeks_before: int = 8
    least_weeks: int = 2
    least_customers: int = 8
    error: float = 0.05


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Mentions before and after a week, which itself is left out: the change fell into it.

    customers_before, customers_after: who mentioned it, a customer counted once a week; `heard_*`:
    who wrote at all, counted the same way. ratio: of the rate after to that before, with its
    interval, which holds with 95% together with those of the other `comparisons`; all three None
    where `note` says why.
    """

    first_before: str
    weeks_before: int
    weeks_after: int
    last_after: str
    customers_before: int
    customers_after: int
    heard_before: int
    heard_after: int
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    note: str = ""
    comparisons: int = 1


def before_after(
    mentioned: Mapping[str, int],
    heard: Mapping[str, int],
    *,
    changed: str,
    last: str,
    comparisons: int = 1,
    config: BeforeAfterConfig | None = None,
) -> BeforeAfter:
    """Compare the weeks before `changed` with those after it, up to `last`.

    The ratio is that of `nlp.rates.shrunken_ratio`: two Poisson counts with the customers heard as
    their exposures, shrunken to 1. Counts are divided by their over-dispersion first, so that a
    theme that comes in bursts gets the wider interval it deserves.

    Where several comparisons are read together each interval is widened (Bonferroni), so that all
    of them hold at once with 95%: read one by one, one of twenty would tell of a change by chance.

    Args:
        mentioned: ISO week -> customers who mentioned it; a week that is missing has none.
        heard: ISO week -> customers who wrote at all. Weeks before the first are no weeks of it.
        changed: the ISO week something was decided in.
        last: the last week known.
        comparisons: how many are read together, this one included; at least 1.
        config: when there is enough to tell.
    """
    config = config or BeforeAfterConfig()
    start = max(shift(changed, -config.weeks_before), min(heard, default=changed))
    before = weeks_between(start, shift(changed, -1))
    after = weeks_between(shift(changed, 1), last)
    counts = [
        np.array([mentioned.get(week, 0) for week in part], float) for part in (before, after)
    ]
    exposed = [np.array([heard.get(week, 0) for week in part], float) for part in (before, after)]
    total, base = [float(part.sum()) for part in counts], [float(part.sum()) for part in exposed]
    note = ""
    if min(len(before), len(after)) < config.least_weeks:
        side = "before" if len(before) < config.least_weeks else "since"
        note = f"not enough data: {config.least_weeks} whole weeks {side} are needed"
    elif min(base) <= 0:
        note = "not enough data: nobody was heard on one side"
    elif sum(total) < config.least_customers:
        needed = f"{config.least_customers} mentions are needed, there are {sum(total):.0f}"
        note = f"not enough data: {needed}"
    ratio = low = high = None
    if not note:
        spread = _spread(counts, exposed)
        found = shrunken_ratio(
            np.array([total[1] / spread]),
            np.array([total[0] / spread]),
            np.array([base[1] / sum(base)]),
            level=1 - config.error / comparisons,
        )
        ratio, low, high = (round(float(one[0]), 6) for one in (found.ratio, found.low, found.high))
    return BeforeAfter(
        first_before=before[0] if before else changed,
        weeks_before=len(before),
        weeks_after=len(after),
        last_after=after[-1] if after else changed,
        customers_before=int(total[0]),
        customers_after=int(total[1]),
        heard_before=int(base[0]),
        heard_after=int(base[1]),
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        note=note,
        comparisons=comparisons,
    )


def _spread(counts: list[np.ndarray], exposed: list[np.ndarray]) -> float:
    """How many times wider than Poisson the weeks lie about the rate of their side."""
    expected = np.concatenate(
        [base * (part.sum() / base.sum()) for part, base in zip(counts, exposed, strict=True)]
    )
    free = max(1, len(expected) - 2)
    return float(dispersion(np.concatenate(counts)[None, :], expected[None, :], free=free)[0])
