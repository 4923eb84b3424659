"""All feedback of all weeks in columns, once, so that any week and any part of it is a mask.

A population lays out what was said up to one week. Whoever is asked about many weeks and many
parts (a server) would lay out the same again and again: here a mention knows from which week to
which it held, and `Part` reads a population of any week off these columns.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nlp.customer_base import CustomerBase, build_base
from nlp.facts import Facts, facts_of
from nlp.population import MISSING, IntArray
from nlp.rates import FloatArray
from nlp.records import Customer, Feedback
from nlp.whole import Whole

Codes = NDArray[np.int32]
_OPEN = np.iinfo(np.int16).max  # a place that nothing followed


@dataclass(frozen=True, slots=True)
class Said:
    """A statement without its text: `sha` tells its text from others, `length` is in characters."""

    id: str
    feedback_key: str
    sha: str
    length: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stood from a week on; `theme_id` is the leaf, `parent_id` the parent."""

    statement_id: str
    week: str
    theme_id: str | None
    parent_id: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of text: `values[codes[row]]`; code 0 is `MISSING`."""

    values: tuple[str, ...]
    codes: Codes


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """All mentions in the order in which customers are counted: theme, then customer.

    row, first, last: of each mention; see `Ledger`, whose `edges` hold for this order, too.
    pair: the same number for the mentions of one theme by one customer, ascending.
    """

    pair: Codes
    row: Codes
    first: NDArray[np.int16]
    last: NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Columns of n messages (sorted by key), s statements (sorted by id) and all mentions.

    feedback: shape (n,), objects. weeks: all weeks, sorted; week: shape (n,), places in it.
    customer: shape (n,), codes by sorted name, below `customers`. day: shape (n,), ordinals.
    facts: of the messages.
    statement_ids: shape (s,), objects. text: shape (s,), equal where the texts are; length: shape
        (s,), in characters. message: shape (s,), their messages. placed: shape (s,), the week from
        which each stood anywhere, if only in no theme; beyond all weeks where it never did.
    theme: place of each theme in `edges`: its mentions are edges[at] to edges[at + 1].
    row, statement, first, last: of each mention its message, its statement, and the weeks from
        which (included) to which (not included) it held; sorted by theme, message and statement.
    confidence: of each mention, how surely the statement belongs there.
    spoken: the mentions once more, sorted by theme and then by customer.
    by_week: places of the messages, sorted by week and then by customer; shape (n,).
    whole: what all of it comes to, week by week.
    """

    feedback: NDArray[np.object_]
    weeks: tuple[str, ...]
    week: NDArray[np.int16]
    customer: Codes
    customers: int
    day: IntArray
    facts: Facts
    attributes: Mapping[str, Coded]
    base: CustomerBase
    statement_ids: NDArray[np.object_]
    text: Codes
    length: Codes
    message: Codes
    placed: NDArray[np.int16]
    theme: Mapping[str, int]
    edges: IntArray
    row: Codes
    statement: Codes
    first: NDArray[np.int16]
    last: NDArray[np.int16]
    confidence: FloatArray
    spoken: Spoken
    by_week: Codes
    statement_place: Mapping[str, int] = field(repr=False)
    whole: Whole = field(default_factory=Whole, init=False, repr=False)

    def place_of(self, week: str) -> int:
        """The place of the last week that is not after `week`; -1 when all are."""
        return bisect_right(self.weeks, week) - 1


def build_ledger(
    feedback: Iterable[Feedback],
    statements: Iterable[Said],
    places: Iterable[Place],
    *,
    customers: Iterable[Customer] = (),
) -> Ledger:
    """Lay out everything; order of input does not matter.

    Args:
        feedback: all messages.
        statements: those without a message are ignored.
        places: of statements, one for each week in which a statement came to stand elsewhere.
        customers: the customer table.
    """
    ordered = sorted(feedback, key=lambda item: item.key)
    base = build_base(ordered, customers)
    position = {item.key: row for row, item in enumerate(ordered)}
    known = sorted(
        (one for one in statements if one.feedback_key in position), key=lambda one: one.id
    )
    statement_place = {one.id: at for at, one in enumerate(known)}
    texts = {sha: code for code, sha in enumerate(sorted({one.sha for one in known}))}
    stood = sorted(
        (place for place in places if place.statement_id in statement_place),
        key=lambda place: (place.statement_id, place.week),
    )
    weeks = tuple(sorted({item.week for item in ordered} | {place.week for place in stood}))
    week_place = {name: at for at, name in enumerate(weeks)}
    names = sorted({item.customer for item in ordered})
    codes = {name: code for code, name in enumerate(names)}
    customer = np.array([codes[item.customer] for item in ordered], dtype=np.int32)
    message = np.array([position[one.feedback_key] for one in known], dtype=np.int32)
    placed = np.full(len(known), _OPEN, dtype=np.int16)
    for place in reversed(stood):  # of each statement the first week comes last
        placed[statement_place[place.statement_id]] = week_place[place.week]
    mentions = _mentions(
        stood,
        statement_place=statement_place,
        rows=message,
        week_place=week_place,
        customer=customer,
    )
    week = np.array([week_place[item.week] for item in ordered], dtype=np.int16)
    return Ledger(
        feedback=_objects(ordered),
        weeks=weeks,
        week=week,
        customer=customer,
        customers=len(names),
        day=np.array([item.day.toordinal() for item in ordered], dtype=np.int64),
        facts=facts_of(ordered),
        attributes=_attributes(ordered, base),
        base=base,
        statement_ids=_objects([one.id for one in known]),
        text=np.array([texts[one.sha] for one in known], dtype=np.int32),
        length=np.array([one.length for one in known], dtype=np.int32),
        message=message,
        placed=placed,
        theme=mentions.theme,
        edges=mentions.edges,
        row=mentions.row,
        statement=mentions.statement,
        first=mentions.first,
        last=mentions.last,
        confidence=mentions.confidence,
        spoken=mentions.spoken,
        by_week=np.lexsort((customer, week)).astype(np.int32),
        statement_place=statement_place,
    )


@dataclass(frozen=True, slots=True)
class _Mentions:
    theme: Mapping[str, int]
    edges: IntArray
    row: Codes
    statement: Codes
    first: NDArray[np.int16]
    last: NDArray[np.int16]
    confidence: FloatArray
    spoken: Spoken


def _mentions(
    stood: Sequence[Place],
    *,
    statement_place: Mapping[str, int],
    rows: Codes,
    week_place: Mapping[str, int],
    customer: Codes,
) -> _Mentions:
    """All mentions; `stood` is sorted by statement and week."""
    themes = sorted(
        {name for place in stood for name in (place.theme_id, place.parent_id) if name is not None}
    )
    theme_place = {name: at for at, name in enumerate(themes)}
    statement = np.array([statement_place[one.statement_id] for one in stood], dtype=np.int32)
    first = np.array([week_place[one.week] for one in stood], dtype=np.int16)
    last = np.full(len(stood), _OPEN, dtype=np.int16)
    if len(stood) > 1:
        goes_on = statement[1:] == statement[:-1]
        last[:-1][goes_on] = first[1:][goes_on]
    leaf = np.array([theme_place.get(one.theme_id or "", -1) for one in stood], dtype=np.int32)
    broad = np.array([theme_place.get(one.parent_id or "", -1) for one in stood], dtype=np.int32)
    broad[broad == leaf] = -1
    theme = np.concatenate([leaf, broad])
    at = np.tile(np.arange(len(stood), dtype=np.int64), 2)[theme >= 0]
    theme = theme[theme >= 0]
    row = rows[statement[at]]
    order = np.lexsort((statement[at], row, theme))
    at, theme, row = at[order], theme[order], row[order]
    by_customer = np.lexsort((customer[row], theme))
    of_theme, of_customer = theme[by_customer], customer[row[by_customer]]
    fresh = np.ones(by_customer.size, dtype=np.bool_)
    fresh[1:] = (of_theme[1:] != of_theme[:-1]) | (of_customer[1:] != of_customer[:-1])
    spoken = Spoken(
        pair=np.cumsum(fresh, dtype=np.int32),
        row=row[by_customer],
        first=first[at[by_customer]],
        last=last[at[by_customer]],
    )
    return _Mentions(
        theme=theme_place,
        edges=np.searchsorted(theme, np.arange(len(themes) + 1)).astype(np.int64),
        row=row,
        statement=statement[at],
        first=first[at],
        last=last[at],
        confidence=np.array([one.confidence for one in stood], dtype=np.float64)[at],
        spoken=spoken,
    )


def _attributes(ordered: Sequence[Feedback], base: CustomerBase) -> dict[str, Coded]:
    """The columns of `Population.attributes`, each combination of values looked at once."""
    names = sorted(base.attributes)
    known = [
        tuple((name, value) for name in names if (value := base.attributes[name][at]))
        for at in range(base.size)
    ]
    entries = base.entries.tolist() if base.size else [-1] * len(ordered)
    combinations: dict[tuple[object, ...], int] = {}
    rows: list[dict[str, str]] = []
    held = np.zeros(len(ordered), dtype=np.int32)
    for row, (item, entry) in enumerate(zip(ordered, entries, strict=True)):
        of_table = known[entry] if entry >= 0 else ()
        key = (of_table, item.kind, item.source, item.channel, item.language, item.attributes)
        code = combinations.get(key)
        if code is None:
            code = combinations[key] = len(rows)
            rows.append(
                dict(of_table)
                | {
                    "kind": item.kind,
                    "source": item.source,
                    **({"channel": item.channel} if item.channel else {}),
                    **({"language": item.language} if item.language else {}),
                    **dict(item.attributes),
                }
            )
        held[row] = code
    return {
        name: _coded([one.get(name, MISSING) for one in rows], held)
        for name in sorted({name for one in rows for name in one})
    }


def _coded(values: Sequence[str], held: Codes) -> Coded:
    """A column of the values that combinations have, and which combination each row holds."""
    levels = (MISSING, *sorted(set(values) - {MISSING}))
    place = {value: code for code, value in enumerate(levels)}
    codes = np.array([place[value] for value in values], dtype=np.int32)
    return Coded(levels, codes[held])


def _objects(items: Sequence[object]) -> NDArray[np.object_]:
    """A column of objects; `np.array` would look into those that have a length."""
    column = np.empty(len(items), dtype=np.object_)
    column[:] = items
    return column


def runs(sorted_rows: Codes | IntArray) -> list[tuple[int, int]]:
    """(start, end) of each run of equal numbers."""
    if not sorted_rows.size:
        return []
    starts = np.flatnonzero(np.r_[True, sorted_rows[1:] != sorted_rows[:-1]])
    return list(pairwise([*starts.tolist(), int(sorted_rows.size)]))
