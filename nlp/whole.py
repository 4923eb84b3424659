"""What all feedback comes to in every week at once: a server is asked for one week after another.

Of a part nothing of this holds; of all feedback up to a week a column, or a beginning, does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlp.population import MISSING, IntArray

if TYPE_CHECKING:
    from nlp.ledger import Ledger


class Whole:
    """Sums over a ledger, each worked out when it is first asked for."""

    def __init__(self) -> None:
        self._counts: tuple[IntArray, IntArray] | None = None
        self._weekly: tuple[IntArray, IntArray] | None = None
        self._begun: dict[str, IntArray] = {}
        self._by_statement: tuple[NDArray[np.int32], NDArray[np.int32]] | None = None

    def counts(self, ledger: Ledger, place: int) -> dict[str, tuple[int, int]]:
        """Different customers and statements of each theme as of a week, of those that have any."""
        if place < 0:
            return {}
        if self._counts is None:
            self._counts = _counts(ledger)
        people, said = (table[:, place].tolist() for table in self._counts)
        return {
            name: (people[at], said[at]) for at, name in enumerate(ledger.theme) if said[at] > 0
        }

    def weekly(self, ledger: Ledger) -> tuple[IntArray, IntArray]:
        """Different customers and messages of each of the ledger's weeks."""
        if self._weekly is None:
            week, customer = ledger.week[ledger.by_week], ledger.customer[ledger.by_week]
            fresh = np.ones(week.size, dtype=np.bool_)
            fresh[1:] = (week[1:] != week[:-1]) | (customer[1:] != customer[:-1])
            many = len(ledger.weeks)
            self._weekly = (
                np.bincount(week[fresh], minlength=many),
                np.bincount(week, minlength=many),
            )
        return self._weekly

    def by_statement(self, ledger: Ledger) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Places of the mentions, sorted by statement, and where those of each statement begin."""
        if self._by_statement is None:
            order = np.argsort(ledger.statement, kind="stable").astype(np.int32)
            many = np.bincount(ledger.statement, minlength=len(ledger.statement_ids))
            edges = np.concatenate([[0], np.cumsum(many)]).astype(np.int32)
            self._by_statement = (order, edges)
        return self._by_statement

    def values(self, ledger: Ledger, name: str, place: int) -> tuple[str, ...]:
        """The values of an attribute that somebody has up to a week, in the ledger's order."""
        column = ledger.attributes[name]
        begun = self._begun.get(name)
        if begun is None:
            begun = np.full(len(column.values), len(ledger.weeks), dtype=np.int64)
            latest = ledger.by_week[::-1]  # of each value the first week is written last
            begun[column.codes[latest]] = ledger.week[latest]
            self._begun[name] = begun
        return tuple(
            value
            for value, since in zip(column.values, begun.tolist(), strict=True)
            if since <= place and value != MISSING
        )


def _counts(ledger: Ledger) -> tuple[IntArray, IntArray]:
    """Customers and statements of each theme as of each week, each of shape (themes, weeks)."""
    spoken, weeks = ledger.spoken, len(ledger.weeks)
    themes = len(ledger.theme)
    theme = np.repeat(np.arange(themes, dtype=np.int64), np.diff(ledger.edges))
    start = np.maximum(spoken.first, ledger.week[spoken.row]).astype(np.int64)
    stop = np.minimum(spoken.last, weeks).astype(np.int64)
    live = start < stop
    theme, start, stop = theme[live], start[live], stop[live]
    pair = spoken.pair[live].astype(np.int64)
    said = _sum(themes, weeks, (theme, start), (theme, stop))
    # A customer counts while any of his mentions holds: the mentions of one, by their first week,
    # are joined where they overlap or touch.
    order = np.argsort(pair * (weeks + 1) + start, kind="stable")
    theme, start, pair = theme[order], start[order], pair[order] * (weeks + 2)
    reach = np.maximum.accumulate(pair + stop[order])
    begins = np.ones(pair.size, dtype=np.bool_)
    begins[1:] = reach[:-1] < pair[1:] + start[1:]
    ends = np.ones(pair.size, dtype=np.bool_)
    ends[:-1] = begins[1:]
    people = _sum(
        *(themes, weeks),
        (theme[begins], start[begins]),
        (theme[ends], reach[ends] - pair[ends]),
    )
    return people, said


def _sum(
    themes: int, weeks: int, on: tuple[IntArray, IntArray], off: tuple[IntArray, IntArray]
) -> IntArray:
    """How many are on in each week; `on` and `off` are (theme, week) pairs."""
    size, width = themes * (weeks + 1), weeks + 1
    steps = np.bincount(on[0] * width + on[1], minlength=size)
    steps -= np.bincount(off[0] * width + off[1], minlength=size)
    return np.cumsum(steps.reshape(themes, width), axis=1)[:, :weeks]


def held_values(
    levels: Mapping[str, tuple[Sequence[str], IntArray]],
) -> dict[str, tuple[str, ...]]:
    """Of attributes as (values, codes) the values that somebody has, without `MISSING`."""
    found: dict[str, tuple[str, ...]] = {}
    for name, (values, codes) in levels.items():
        held = np.bincount(codes, minlength=len(values)).tolist()
        found[name] = tuple(
            value for value, rows in zip(values, held, strict=True) if rows and value != MISSING
        )
    return found
