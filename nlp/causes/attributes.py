"""Attributes as small codes: numbers and dates binned, ids left out."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.population import MISSING, IntArray


@dataclass(frozen=True, slots=True)
class BinConfig:
    """Which attributes are looked at, and how wide numbers are cut."""

    # More values than this are names of things, not segments; each would hold too few customers.
    max_values: int = 50
    # A column whose values are this nearly all different is an id, however few rows there are.
    max_distinct_share: float = 0.9
    # Up to twelve numbers are levels (stars, months, seats) and stay as they are.
    max_plain_numbers: int = 12
    # Fifths: coarse enough to hold customers, fine enough to show "large accounts".
    bins: int = 5
    # Numbers in columns named like this are names, though they look like numbers.
    name_words: tuple[str, ...] = ("version", "release", "build", "code", "zip", "postcode")


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute: `codes` (n,) index `values`, sorted; `MISSING` is a value like any other."""

    name: str
    values: tuple[str, ...]
    codes: IntArray

    @property
    def missing(self) -> int:
        """The code of `MISSING`, or -1."""
        return self.values.index(MISSING) if MISSING in self.values else -1


def encode(
    attributes: Mapping[str, tuple[str, ...]],
    *,
    exclude: Collection[str] = (),
    config: BinConfig = BinConfig(),
) -> tuple[Column, ...]:
    """The attributes that can hold segments, sorted by name.

    Left out: `exclude`, columns with one value, ids (nearly all values differ) and columns with
    more than `max_values` values that are neither numbers nor dates. Numbers are cut at their
    quantiles, dates into months (into weeks when they span under sixty days), and two columns that
    split the feedback alike are one (the first by name, complete ones before others), so that no
    cause is told twice.
    """
    kept: list[Column] = []
    seen: set[bytes] = set()
    for name in sorted(attributes, key=lambda name: (MISSING in attributes[name], name)):
        if name in exclude:
            continue
        values = _binned(name, attributes[name], config)
        if values is None:
            continue
        levels = tuple(sorted(set(values)))
        if not 2 <= len(levels) <= config.max_values:
            continue
        place = {value: code for code, value in enumerate(levels)}
        codes = np.array([place[value] for value in values], dtype=np.int64)
        _, first, order = np.unique(codes, return_index=True, return_inverse=True)
        shape = np.argsort(np.argsort(first))[order].astype(np.int16).tobytes()
        if shape in seen:
            continue
        seen.add(shape)
        kept.append(Column(name=name, values=levels, codes=codes))
    return tuple(sorted(kept, key=lambda column: column.name))


def _binned(name: str, values: tuple[str, ...], config: BinConfig) -> tuple[str, ...] | None:
    distinct = sorted(set(values) - {MISSING})
    present = sum(value != MISSING for value in values)
    many = present > config.max_values and len(distinct) > config.max_distinct_share * present
    named = any(word in name.casefold() for word in config.name_words)
    numbers = None if named else _numbers(distinct)
    if numbers is not None and len(distinct) > config.max_plain_numbers:
        whole = all(number.is_integer() for number in numbers.values())
        return None if many and whole else _quantiles(values, numbers, config.bins)
    if len(distinct) <= config.max_values:
        return None if many else values
    days = _dates(distinct)
    return None if days is None else _periods(values, days)


def _numbers(distinct: list[str]) -> dict[str, float] | None:
    found: dict[str, float] = {}
    for value in distinct:
        try:
            number = float(value)
        except ValueError:
            return None
        if not np.isfinite(number):
            return None
        found[value] = number
    return found or None


def _quantiles(values: tuple[str, ...], numbers: dict[str, float], bins: int) -> tuple[str, ...]:
    data = np.array([numbers.get(value, np.nan) for value in values])
    inner = np.linspace(0, 1, bins + 1)[1:-1]
    # "lower" cuts at values that occur, so that the labels are numbers people know
    cuts = np.unique(np.quantile(data[~np.isnan(data)], inner, method="lower"))
    cuts = cuts[cuts < np.nanmax(data)]
    labels = _ranges(cuts)
    where = np.searchsorted(cuts, data, side="left")
    return tuple(
        MISSING if value == MISSING else labels[int(at)]
        for value, at in zip(values, where, strict=True)
    )


def _ranges(cuts: NDArray[np.float64]) -> list[str]:
    text = [f"{cut:g}" for cut in cuts]
    if not text:
        return ["any"]
    between = [f"above {low} to {high}" for low, high in itertools.pairwise(text)]
    return [f"up to {text[0]}", *between, f"above {text[-1]}"]


def _dates(distinct: list[str]) -> dict[str, dt.date] | None:
    found: dict[str, dt.date] = {}
    for value in distinct:
        try:
            found[value] = dt.datetime.fromisoformat(value).date()
        except ValueError:
            return None
    return found or None


def _periods(values: tuple[str, ...], days: dict[str, dt.date]) -> tuple[str, ...]:
    span = (max(days.values()) - min(days.values())).days
    form = "%G-W%V" if span < 60 else "%Y-%m"
    return tuple(MISSING if value == MISSING else days[value].strftime(form) for value in values)
