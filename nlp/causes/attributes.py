"""Attributes as small codes: numbers and dates binned, ids left out."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nlp.population import MISSING, IntArray, levels_of

OTHER = "(other)"
# How feedback was collected is no cause of what it says.
HOW_COLLECTED = ("kind", "source")


@dataclass(frozen=True, slots=True)
class BinConfig:
    """Which attributes are looked at, and how wide numbers are cut."""

    # Of more values than this the most frequent are looked at; the others hold too few customers
    # each and are one value together.
    max_values: int = 50
    # A column is of numbers, or of dates, when so large a part of what it holds is: one "unknown"
    # in a thousand does not make names of them. What is none is `OTHER`.
    parsed_share: float = 0.95
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

    Left out: `exclude`, columns with one value, and ids (nearly all values differ). Of more than
    `max_values` values that are neither numbers nor dates, the rarer ones are `OTHER`. Numbers are
    cut at round numbers near their quantiles, dates into months (into weeks when they span under
    sixty days, into quarters or years when there would be too many months), and two columns that
    split the feedback alike are one (the first by name, complete ones before others), so that no
    cause is told twice.
    """
    return encode_levels(
        {name: levels_of(values) for name, values in attributes.items() if name not in exclude},
        exclude=exclude,
        config=config,
    )


def encode_levels(
    attributes: Mapping[str, tuple[Sequence[str], IntArray]],
    *,
    exclude: Collection[str] = (),
    config: BinConfig = BinConfig(),
) -> tuple[Column, ...]:
    """`encode` of columns as `Population.levels` gives them: values, and codes that index them."""
    kept: list[Column] = []
    seen: set[bytes] = set()
    counted = {
        name: _counts(*attributes[name]) for name in sorted(attributes) if name not in exclude
    }
    for name in sorted(counted, key=lambda name: (MISSING in counted[name], name)):
        raw, held = attributes[name]
        label = _labelled(name, counted[name], config)
        if label is None:
            continue
        called = {value: label(value) for value in counted[name]}
        levels = tuple(sorted(set(called.values())))
        if not 2 <= len(levels) <= config.max_values:
            continue
        place = {value: code for code, value in enumerate(levels)}
        moved = [place[called[value]] if value in called else 0 for value in raw]
        codes = np.array(moved, dtype=np.int64)[held]
        first = np.zeros(len(levels), dtype=np.int64)
        first[codes[::-1]] = np.arange(codes.size)[::-1]  # of several rows the last one stays
        shape = np.argsort(np.argsort(first))[codes].astype(np.int16).tobytes()
        if shape in seen:
            continue
        seen.add(shape)
        kept.append(Column(name=name, values=levels, codes=codes, label=label))
    return tuple(sorted(kept, key=lambda column: column.name))


def _counts(values: Sequence[str], codes: IntArray) -> Counter[str]:
    """How often each value is there; those that are not are left out."""
    many = np.bincount(codes, minlength=len(values)).tolist()
    return Counter({value: held for value, held in zip(values, many, strict=True) if held})


def _labelled(name: str, held: Counter[str], config: BinConfig) -> Callable[[str], str] | None:
    counts = Counter({value: rows for value, rows in held.items() if value != MISSING})
    distinct, present = len(counts), counts.total()
    many = present > config.max_values and distinct > config.max_distinct_share * present
    named = any(word in name.casefold() for word in config.name_words)
    numbers = {} if named else _parsed(counts, _number, config)
    if len(numbers) > config.max_plain_numbers:
        whole = all(number.is_integer() for number in numbers.values())
        return None if many and whole else _ranged(counts, numbers, config)
    if distinct <= config.max_values:
        return None if many else str
    days = _parsed(counts, _date, config)
    if days:
        return _dated(days, config)
    return None if many else _most_frequent(counts, config)


Parsed = TypeVar("Parsed")


def _parsed(
    counts: Counter[str], parse: Callable[[str], Parsed | None], config: BinConfig
) -> dict[str, Parsed]:
    """What the values are as numbers or dates; nothing where too few of the rows are."""
    found = {value: made for value in sorted(counts) if (made := parse(value)) is not None}
    held = sum(counts[value] for value in found)
    return found if held >= config.parsed_share * max(counts.total(), 1) else {}


def _most_frequent(counts: Counter[str], config: BinConfig) -> Callable[[str], str]:
    ordered = sorted(counts, key=lambda value: (-counts[value], value))
    # One for `OTHER`, one for `MISSING`.
    kept = frozenset([MISSING, *ordered[: config.max_values - 2]])

    def label(value: str) -> str:
        return value if value in kept else OTHER

    return label


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _ranged(
    counts: Counter[str], numbers: dict[str, float], config: BinConfig
) -> Callable[[str], str]:
    data = np.sort(np.repeat(list(numbers.values()), [counts[value] for value in numbers]))
    cuts = round_cuts(data, bins=config.bins, reach=config.round_reach)
    labels = _ranges(cuts)

    def label(value: str) -> str:
        number = _number(value)
        if number is None:
            return MISSING if value == MISSING else OTHER
        return labels[int(np.searchsorted(cuts, number))]

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


def _date(value: str) -> dt.date | None:
    try:
        return dt.datetime.fromisoformat(value).date()
    except ValueError:
        return None


def _dated(days: Mapping[str, dt.date], config: BinConfig) -> Callable[[str], str]:
    span = (max(days.values()) - min(days.values())).days
    widths: tuple[tuple[int, Callable[[dt.date], str]], ...] = (
        (59, lambda day: f"{day:%G-W%V}"),
        (30 * (config.max_values - 4), lambda day: f"{day:%Y-%m}"),
        (90 * (config.max_values - 4), lambda day: f"{day:%Y}-Q{(day.month + 2) // 3}"),
    )
    period = next((made for days_long, made in widths if span <= days_long), None)

    def label(value: str) -> str:
        day = _date(value)
        if day is None:
            return MISSING if value == MISSING else OTHER
        return f"{day:%Y}" if period is None else period(day)

    return label
