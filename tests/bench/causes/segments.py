"""Choosing segments to plant: one to three conditions that hold enough of a theme."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlp.population import MISSING
from tests.bench.causes.customers import BoolArray, Condition, Customers
from tests.bench.causes.dealing import DEALT

_LEAST = 25  # mentions that are expected inside
_LARGEST = 0.4  # of the volume: more is no concentration
# Each condition must narrow the others by a quarter or more: what runs on iOS is no computer.
_NARROWS = 0.75
_RANGE_SHARES = (0.15, 0.3)  # of customers in a planted range of numbers
_MISSING_SHARE = 0.08  # of customers without a value, from which on that is a value to plant


def choose_segment(
    rng: np.random.Generator, customers: Customers, *, size: int, lift: float, depth: int
) -> tuple[Condition, ...]:
    """A segment in which so many mentions can be expected as to be worth planting; () if none."""
    for _ in range(60):
        names = sorted(customers.values)
        chosen = [names[int(at)] for at in rng.permutation(len(names))[:depth]]
        segment = tuple(sorted(_condition(rng, customers, name) for name in chosen))
        if depth > 1 and any(one.value == MISSING for one in segment):
            continue
        masks = [customers.mask(one) for one in segment]
        share = _weight(customers, masks)
        part = lift * share / (1.0 + (lift - 1.0) * share)
        narrows = all(
            share <= _NARROWS * _weight(customers, masks[:at] + masks[at + 1 :])
            for at in range(len(masks))
        )
        if narrows and share <= _LARGEST and size * DEALT * part >= _LEAST:
            return segment
    return ()


def _condition(rng: np.random.Generator, customers: Customers, name: str) -> Condition:
    values = customers.values[name]
    missing = sum(value == MISSING for value in values) / len(values)
    if missing >= _MISSING_SHARE and rng.random() < 0.15:
        return Condition(name, MISSING)
    known = [value for value in values if value != MISSING]
    if name == "seats":
        numbers = np.array([float(value) for value in known])
        share = float(rng.uniform(*_RANGE_SHARES))
        if rng.random() < 0.5:
            return Condition(name, low=float(np.quantile(numbers, 1 - share, method="higher")))
        return Condition(name, high=float(np.quantile(numbers, share, method="lower")))
    if name == "signup":
        months = sorted({value[:7] for value in known})[1:-1]
        return Condition(name, months[int(rng.integers(len(months)))])
    kinds = sorted(set(known))
    return Condition(name, kinds[int(rng.integers(len(kinds)))])


def _weight(customers: Customers, masks: Sequence[BoolArray]) -> float:
    inside = np.ones(len(customers.names), dtype=np.bool_)
    for mask in masks:
        inside &= mask
    weights = customers.writes
    return float(weights[inside].sum() / weights.sum())
