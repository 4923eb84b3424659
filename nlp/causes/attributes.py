"""Attributes as small codes: numbers and dates binned, ids left out."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Collection, Mapping
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
    # A cut may lie this part of the data away from the quantile to be a round number.
    round_reach: float = 0.06
    # Numbers in columns named like this are names, though they look like numbers.
    name_words: tuple[str, ...] = ("version", "release", "build", "code", "zip", "postcode")


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute: `codes` (n,) index `values`, sorted; `MISSING` is a value like any other.

    label: what a raw value is called here: its bin or period, or the value itself.
    """

    name: str
    values: tuple[str, ...]
    codes: IntArray
    label: Callable[[str], str] = str

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
    more than `max_values` values that are neither numbers nor dates. Numbers are cut at round
    numbers near their quantiles, dates into months (into weeks when they span under sixty days),
    and two columns that split the feedback alike are one (the first by name, complete ones before
    others), so that no cause is told twice.
    """
    kept: list[Column] = []
    seen: set[bytes] = set()
    for name in sorted(attributes, key=lambda name: (MISSING in attributes[name], name)):
        if name in exclude:
            continue
        label = _labelled(name, attributes[name], config)
        if label is None:
            continue
        called = {value: label(value) for value in set(attributes[name])}
        values = [called[value] for value in attributes[name]]
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
        kept.append(Column(name=name, values=levels, codes=codes, label=label))
    return tuple(sorted(kept, key=lambda column: column.name))


def _labelled(name: str, values: tuple[str, ...], config: BinConfig) -> Callable[[str], str] | None:
    distinct = sorted(set(values) - {MISSING})
    present = sum(value != MISSING for value in values)
    many = present > config.max_values and len(distinct) > config.max_distinct_share * present
    named = any(word in name.casefold() for word in config.name_words)
    numbers = None if named else _numbers(distinct)
    if numbers is not None and len(distinct) > config.max_plain_numbers:
        whole = all(number.is_integer() for number in numbers.values())
        return None if many and whole else _ranged(values, numbers, config)
    if len(distinct) <= config.max_values:
        return None if many else str
    days = _dates(distinct)
    return None if days is None else _dated(days)


def _numbers(distinct: list[str]) -> dict[str, float] | None:
    found = {value: _number(value) for value in distinct}
    plain = {value: number for value, number in found.items() if number is not None}
    return plain if plain and len(plain) == len(found) else None


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _ranged(
    values: tuple[str, ...], numbers: dict[str, float], config: BinConfig
) -> Callable[[str], str]:
    data = np.sort([numbers[value] for value in values if value != MISSING])
    cuts = round_cuts(data, bins=config.bins, reach=config.round_reach)
    labels = _ranges(cuts)

    def label(value: str) -> str:
        number = _number(value)
        return value if number is None else labels[int(np.searchsorted(cuts, number))]

    return label


def round_cuts(data: NDArray[np.float64], *, bins: int, reach: float) -> NDArray[np.float64]:
    """Numbers at which sorted data is cut into about `bins` equal parts, each part "up to" a cut.

    Each cut is the roundest number whose rank lies within `reach` of the quantile's: people know
    "above 100", and the name of a bin, and with it a cause's id, stays from week to week.
    """
    cuts: set[float] = set()
    for part in np.linspace(0.0, 1.0, bins + 1)[1:-1]:
        low, middle, high = np.quantile(
            data, np.clip([part - reach, part, part + reach], 0.0, 1.0), method="lower"
        ).tolist()
        cuts.add(_roundest(low, middle, high))
    inner = [cut for cut in sorted(cuts) if data[0] <= cut < data[-1]]
    return np.array(inner, dtype=np.float64)


def _roundest(low: float, middle: float, high: float) -> float:
    """The number between `low` and `high` with the fewest digits, the nearest to `middle` of them.

    Multiples of 1, 5 and 2 of a power of ten, in this order; `middle` when there is none.
    """
    if low >= high or not np.isfinite(high - low):
        return middle
    power = int(np.floor(np.log10(max(abs(low), abs(high))))) + 1
    for exponent in range(power, power - 8, -1):
        for times in (1.0, 0.5, 0.2):
            step = times * 10.0**exponent
            near = float(np.round(middle / step)) * step
            if low <= near < high and near != 0.0:
                return float(f"{near:.12g}")
    return middle


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


def _dated(days: dict[str, dt.date]) -> Callable[[str], str]:
    span = (max(days.values()) - min(days.values())).days
    form = "%G-W%V" if span < 60 else "%Y-%m"

    def label(value: str) -> str:
        day = _dates([value])
        return value if day is None else day[value].strftime(form)

    return label
