"""A row of the bench's table: figures, each beside what it must reach."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

_STARTED = time.perf_counter()


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `at_most`: smaller is better. A value of None was not measured."""

    name: str
    value: float | None
    must: float | None = None
    stretch: float | None = None
    at_most: bool = False

    @property
    def reached(self) -> str:
        """ "stretch", "must", "no"; "-" where nothing was measured or nothing is asked."""
        if self.value is None or self.must is None:
            return "-"
        if self.stretch is not None and self._holds(self.value, self.stretch):
            return "stretch"
        return "must" if self._holds(self.value, self.must) else "no"

    def _holds(self, value: float, limit: float) -> bool:
        # Rounding must not turn 0.69999 into 0.70.
        return value <= limit if self.at_most else value >= limit


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the issue's table. `details` go to the JSON, `note` says what was left out."""

    key: str
    figures: tuple[Figure, ...]
    details: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


def table(rows: Sequence[Row]) -> str:
    """All figures of all rows as text with aligned columns."""
    lines = [("row", "figure", "value", "must", "stretch", "reached")]
    for row in rows:
        for figure in row.figures:
            sign = "<=" if figure.at_most else ">="
            lines.append(
                (
                    row.key,
                    figure.name,
                    "not measured" if figure.value is None else _short(figure.value),
                    "" if figure.must is None else f"{sign} {_short(figure.must)}",
                    "" if figure.stretch is None else f"{sign} {_short(figure.stretch)}",
                    figure.reached,
                )
            )
        if row.note:
            lines.append((row.key, f"  note: {row.note}", "", "", "", ""))
    fixed = [line for line in lines if not line[1].startswith("  note")]
    widths = [max(len(line[at]) for line in fixed) for at in range(6)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def progress(row: Row) -> str:
    """One line on a row that was measured: what is asked for, and what of it was reached."""
    asked = [figure for figure in row.figures if figure.must is not None]
    told = [f"{figure.name} {figure.reached}" for figure in asked]
    return f"{row.key}: {'; '.join(told) or 'measured'}"


def as_json(row: Row) -> dict[str, Any]:
    """A row as plain JSON values."""
    return {
        "row": row.key,
        "figures": [{**asdict(figure), "reached": figure.reached} for figure in row.figures],
        "note": row.note,
        "details": dict(row.details),
    }


def say(message: str) -> None:
    """Progress, on stderr, with the seconds since the start."""
    print(f"[{time.perf_counter() - _STARTED:7.1f} s] {message}", file=sys.stderr, flush=True)


def mean(values: Sequence[float]) -> float | None:
    """The mean; None of nothing."""
    return sum(values) / len(values) if values else None


def _short(value: float) -> str:
    return f"{value:.4g}" if abs(value) >= 1000 or 0 < abs(value) < 0.01 else f"{value:.3f}"
