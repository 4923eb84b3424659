"""A segment's customers in the customer table: how many there are, and how many are concerned.

Feedback says how often a theme is spoken of among those who write; the table knows those who do
not write, too, so that a segment of loud customers cannot look troubled for its loudness alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.causes.attributes import Column
from nlp.causes.segments import Segment
from nlp.customer_base import CustomerBase
from nlp.population import MISSING, IntArray
from nlp.rates import shrunken_ratio


@dataclass(frozen=True, slots=True)
class SegmentBase:
    """`concerned` of the segment's `customers` mention the theme: `lift` times others' part."""

    concerned: int
    customers: int
    lift: float
    low: float
    high: float

    @property
    def statement(self) -> str:
        """In words, to follow what is said of the feedback."""
        return (
            f"{self.concerned} of {self.customers} customers of that segment, {self.lift:.1f} "
            f"times other customers' share ({self.low:.1f} to {self.high:.1f})"
        )


def base_of(
    base: CustomerBase,
    members: IntArray,
    columns: Sequence[Column],
    segment: Segment,
    *,
    level: float,
) -> SegmentBase | None:
    """Counts and shrunken ratio; None unless every condition is an attribute of the table.

    Customers who are not in the table count nowhere here.

    Args:
        members: feedback that mentions the theme.
    """
    if not base.size or any(columns[at].name not in base.attributes for at, _ in segment):
        return None
    inside = np.ones(base.size, dtype=np.bool_)
    for at, code in segment:
        column, told = columns[at], base.attributes[columns[at].name]
        inside &= (
            np.array([column.label(value or MISSING) for value in told]) == column.values[code]
        )
    entries = np.unique(base.entries[members])
    entries = entries[entries >= 0]
    concerned, customers = int(inside[entries].sum()), int(inside.sum())
    if not 0 < customers < base.size:
        return None
    found = shrunken_ratio(
        np.array([float(concerned)]),
        np.array([float(entries.size - concerned)]),
        np.array([customers / base.size]),
        level=level,
    )
    lift, low, high = (round(float(x[0]), 6) for x in (found.ratio, found.low, found.high))
    return SegmentBase(concerned, customers, lift, low, high)
