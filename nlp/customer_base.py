"""The customer table laid out in columns: who there is, whether or not they write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nlp.records import Customer, Feedback

IntArray = NDArray[np.int64]


def _nobody() -> IntArray:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class CustomerBase:
    """Entries of the table, sorted by id, and which of them each feedback is from.

    entries: entry per feedback, -1 where its customer and account are not in the table, shape (n,).
    size: how many entries there are.
    attributes: name -> value per entry, None where it has none.
    """

    entries: IntArray = field(default_factory=_nobody)
    size: int = 0
    attributes: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)


def build_base(feedback: Sequence[Feedback], customers: Iterable[Customer]) -> CustomerBase:
    """Lay out the table; feedback is found by its customer id, else by its account id."""
    ordered = sorted(customers, key=lambda one: one.id)
    if not ordered:
        return CustomerBase()
    position = {one.id: at for at, one in enumerate(ordered)}
    known = [dict(one.attributes) for one in ordered]
    names = sorted({name for row in known for name in row})

    def entry(item: Feedback) -> int:
        ids = (item.customer_id, item.account_id)
        return next((position[name] for name in ids if name in position), -1)

    return CustomerBase(
        entries=np.array([entry(item) for item in feedback], dtype=np.int64),
        size=len(ordered),
        attributes={name: tuple(row.get(name) for row in known) for name in names},
    )


def joined(base: CustomerBase, row: int) -> dict[str, str]:
    """What the table says of the customer of a feedback."""
    at = int(base.entries[row]) if base.size else -1
    if at < 0:
        return {}
    return {name: value for name, values in base.attributes.items() if (value := values[at])}
