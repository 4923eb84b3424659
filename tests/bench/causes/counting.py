"""Cases counted to figures: a share never stands without what it is a share of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.bench.row import Figure

Case = Mapping[str, Any]


def share(
    name: str,
    hits: Iterable[bool],
    *,
    must: float | None = None,
    stretch: float | None = None,
    at_most: bool = False,
) -> Figure:
    """The share of true ones, with both counts in the name; nothing counted is not measured."""
    told = list(hits)
    value = sum(told) / len(told) if told else None
    return Figure(f"{name}: {sum(told)} of {len(told)}", value, must, stretch, at_most=at_most)


def splits(cases: Sequence[Case], hit: str, by: Sequence[str]) -> dict[str, dict[str, str]]:
    """For each key of `by` and each of its values "hits/cases"."""
    found: dict[str, dict[str, str]] = {}
    for key in by:
        values = sorted({str(case[key]) for case in cases})
        found[key] = {
            value: _of([bool(case[hit]) for case in cases if str(case[key]) == value])
            for value in values
        }
    return found


def _of(hits: Sequence[bool]) -> str:
    return f"{sum(hits)}/{len(hits)}"


def band(value: float, edges: Sequence[float]) -> str:
    """The band of a value between edges, as text that sorts in order."""
    low = max((edge for edge in edges if edge <= value), default=None)
    high = min((edge for edge in edges if edge > value), default=None)
    if low is None:
        return f"under {high:g}"
    return f"{low:g} and more" if high is None else f"{low:g} to {high:g}"
