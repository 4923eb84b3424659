"""A population read off a ledger: any week, any part of the feedback, laid out where asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.customer_base import CustomerBase
from nlp.facts import Facts
from nlp.ledger import Codes, Ledger
from nlp.part_views import AttributesOf, MembersOf, SaidOf, StatementsOf
from nlp.population import IntArray, Mentions, Population
from nlp.records import Feedback
from nlp.whole import held_values

_FEW = 12  # themes that are counted one by one; to count all takes as long as thirty of them


class Part(Population):
    """What `build_population` gives for a week, restricted to the messages of a mask.

    Equal to it in every field, but each is worked out when it is first asked for, and single
    themes and counts without laying out the others. Parts are told apart by identity.

    Attributes:
        ledger: where it is read off.
        week: statements stand where they stood in this week, and later messages are left out.
        mask: the messages in it, shape (messages of the ledger,).
        rows: the same as places in the ledger, ascending.
        shared: whatever its maker wants to find again at parts made from this one.
    """

    ledger: Ledger
    week: str
    mask: NDArray[np.bool_]
    rows: IntArray
    shared: Any

    def __init__(
        self,
        ledger: Ledger,
        week: str,
        mask: NDArray[np.bool_] | None = None,
        *,
        shared: Any = None,
    ) -> None:
        place = ledger.place_of(week)
        inside = ledger.week <= place
        if mask is not None:
            inside &= mask
        # The fields of a population are frozen; a part has none of them, but works them out.
        self.__dict__.update(
            ledger=ledger,
            week=week,
            mask=inside,
            rows=np.flatnonzero(inside),
            shared=shared,
            _place=place,
            _asked=count(),
            _whole=mask is None,
        )

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"Part({self.week}, {len(self)} of {self.mask.size} messages)"

    def __len__(self) -> int:
        return int(self.rows.size)

    @cached_property
    def feedback(self) -> tuple[Feedback, ...]:
        """In canonical order."""
        return tuple(self.ledger.feedback[self.rows].tolist())

    @cached_property
    def customers(self) -> IntArray:
        """Codes, numbered anew among those who are left."""
        own = self.ledger.customer[self.rows]
        present = np.zeros(self.ledger.customers, dtype=np.int64)
        present[own] = 1
        return (np.cumsum(present) - 1)[own]

    @cached_property
    def days(self) -> IntArray:
        """Ordinals of the local days."""
        return self.ledger.day[self.rows]

    @cached_property
    def weeks(self) -> tuple[str, ...]:
        """ISO weeks."""
        names = np.array(self.ledger.weeks, dtype=np.object_)
        return tuple(names[self.ledger.week[self.rows]].tolist())

    # The views below know their part, which must not know them: it would go in a circle, and a part
    # with its ledger would stay until the garbage collector comes by, if it ever does.
    @property
    def attributes(self) -> Mapping[str, tuple[str, ...]]:
        """Name to column; names that nobody here has are left out."""
        return AttributesOf(self, self._columns)

    @property
    def members(self) -> Mapping[str, IntArray]:
        """Theme id to rows."""
        return MembersOf(self, self._rows_of)

    @property
    def statements(self) -> Mapping[tuple[str, int], tuple[str, ...]]:
        """(Theme id, row) to statement ids."""
        return StatementsOf(self, self._said_of)

    @cached_property
    def _columns(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def _rows_of(self) -> dict[str, IntArray]:
        return {}

    @cached_property
    def _said_of(self) -> SaidOf:
        return OrderedDict()

    @cached_property
    def base(self) -> CustomerBase:
        """The customer table."""
        whole = self.ledger.base
        return replace(whole, entries=whole.entries[self.rows]) if whole.size else CustomerBase()

    @cached_property
    def counts(self) -> Mapping[str, tuple[int, int]]:
        """Theme id -> different customers and statements, of the themes with a mention."""
        ledger, place = self.ledger, int(self.__dict__["_place"])
        if self.__dict__["_whole"]:
            return ledger.whole.counts(ledger, place)
        spoken = ledger.spoken
        holds = spoken.first <= place
        holds &= spoken.last > place
        holds &= self.mask[spoken.row]
        held = np.flatnonzero(holds)
        pair = spoken.pair[held]
        fresh = np.ones(held.size, dtype=np.bool_)
        fresh[1:] = pair[1:] != pair[:-1]
        said = np.diff(np.searchsorted(held, ledger.edges))
        people = np.diff(np.searchsorted(held[fresh], ledger.edges))
        pairs = zip(people.tolist(), said.tolist(), strict=True)
        return {name: pair for name, pair in zip(ledger.theme, pairs, strict=True) if pair[1] > 0}

    def kept(self, mask: NDArray[np.bool_]) -> Part:
        """See `restrict`."""
        inside = np.zeros(self.mask.size, dtype=np.bool_)
        inside[self.rows[mask]] = True
        return Part(self.ledger, self.week, inside, shared=self.shared)

    def in_weeks(self, first: str, last: str) -> NDArray[np.bool_]:
        """See `Population.in_weeks`."""
        ledger = self.ledger
        inside = np.array([first <= name <= last for name in ledger.weeks], dtype=np.bool_)
        return inside[ledger.week[self.rows]]

    def holding(self, name: str, value: str) -> NDArray[np.bool_]:
        """See `Population.holding`."""
        if name not in self.attributes or value not in self.ledger.attributes[name].values:
            return np.zeros(len(self), dtype=np.bool_)
        column = self.ledger.attributes[name]
        found: NDArray[np.bool_] = column.codes[self.rows] == column.values.index(value)
        return found

    def mentions_of(self, themes: Sequence[str]) -> Mentions:
        """See `Population.mentions_of`."""
        ledger = self.ledger
        number = np.full(len(ledger.theme) + 1, -1, dtype=np.int64)
        for at, name in enumerate(themes):
            number[ledger.theme.get(name, -1)] = at
        number[-1] = -1
        held = np.flatnonzero(self._holds(slice(None)))
        theme = number[np.searchsorted(ledger.edges, held, side="right") - 1]
        held, theme = held[theme >= 0], theme[theme >= 0]
        row = self.rows_at(ledger.row[held])
        order = np.argsort(theme, kind="stable")
        theme, row = theme[order], row[order]
        first = np.ones(row.size, dtype=np.bool_)
        first[1:] = (theme[1:] != theme[:-1]) | (row[1:] != row[:-1])
        return Mentions(len(themes), theme[first], row[first])

    def facts(self) -> Facts:
        """See `Population.facts`."""
        return self.ledger.facts.at(self.rows)

    def levels(self) -> Mapping[str, tuple[Sequence[str], IntArray]]:
        """See `Population.levels`."""
        codes = {name: column.codes[self.rows] for name, column in self.ledger.attributes.items()}
        return {
            name: (self.ledger.attributes[name].values, own.astype(np.int64))
            for name, own in codes.items()
            if own.any()
        }

    def values_held(self) -> Mapping[str, tuple[str, ...]]:
        """See `Population.values_held`."""
        if not self.__dict__["_whole"]:
            return held_values(self.levels())
        ledger, place = self.ledger, int(self.__dict__["_place"])
        held = {name: ledger.whole.values(ledger, name, place) for name in ledger.attributes}
        return {name: values for name, values in held.items() if values}

    def message(self, row: int) -> Feedback:
        """See `Population.message`."""
        found = self.ledger.feedback[self.rows[row]]
        assert isinstance(found, Feedback)
        return found

    def week_names(self) -> tuple[str, ...]:
        """See `Population.week_names`."""
        return self._week_names

    @cached_property
    def _week_names(self) -> tuple[str, ...]:
        held = np.bincount(self.ledger.week[self.rows], minlength=len(self.ledger.weeks))
        return tuple(name for name, many in zip(self.ledger.weeks, held, strict=True) if many)

    def places_of(self, weeks: Sequence[str]) -> IntArray:
        """See `Population.places_of`."""
        place = {name: at for at, name in enumerate(weeks)}
        places = np.array([place.get(name, -1) for name in self.ledger.weeks], dtype=np.int64)
        return places[self.ledger.week[self.rows]]

    def weekly(self, weeks: Sequence[str]) -> tuple[IntArray, IntArray]:
        """See `Population.weekly`."""
        ledger = self.ledger
        if self.__dict__["_whole"]:
            people, messages = ledger.whole.weekly(ledger)
            until = int(self.__dict__["_place"]) + 1
            return (
                self._placed(people[:until].tolist(), weeks),
                self._placed(messages[:until].tolist(), weeks),
            )
        order = ledger.by_week[self.mask[ledger.by_week]]
        week, customer = ledger.week[order], ledger.customer[order]
        fresh = np.ones(order.size, dtype=np.bool_)
        fresh[1:] = (week[1:] != week[:-1]) | (customer[1:] != customer[:-1])
        return self._in_weeks(week[fresh], weeks), self._in_weeks(week, weeks)

    def said_weekly(self, theme_id: str, weeks: Sequence[str]) -> tuple[IntArray, IntArray]:
        """See `Population.said_weekly`."""
        rows, _ = self.mentions(theme_id)
        week = self.ledger.week[rows]
        pairs = np.unique(week * np.int64(self.ledger.customers) + self.ledger.customer[rows])
        return (
            self._in_weeks(pairs // max(self.ledger.customers, 1), weeks),
            self._in_weeks(week, weeks),
        )

    def _in_weeks(self, found: NDArray[Any], weeks: Sequence[str]) -> IntArray:
        """How many of some places of weeks are in each of some weeks."""
        return self._placed(np.bincount(found).tolist(), weeks)

    def _placed(self, many: Sequence[int], weeks: Sequence[str]) -> IntArray:
        """The numbers of some weeks, out of those of the ledger's first weeks."""
        held = dict(zip(self.ledger.weeks, many, strict=False))
        return np.array([held.get(name, 0) for name in weeks], dtype=np.int64)

    def weeks_at(self, rows: IntArray) -> list[str]:
        """See `Population.weeks_at`."""
        names = np.array(self.ledger.weeks, dtype=np.object_)
        return list(names[self.ledger.week[self.rows[rows]]].tolist())

    def mention_count(self, theme_id: str) -> tuple[int, int]:
        """See `Population.mention_count`."""
        counted: Mapping[str, tuple[int, int]] | None = self.__dict__.get("counts")
        few = not self.__dict__["_whole"] and next(self.__dict__["_asked"]) < _FEW
        if counted is None and not few:
            counted = self.counts
        if counted is not None:
            return counted.get(theme_id, (0, 0))
        rows, _ = self.mentions(theme_id)
        return (int(np.unique(self.ledger.customer[rows]).size), int(rows.size))

    def within(self, theme_id: str, names: Collection[str]) -> tuple[IntArray, list[str]]:
        """Those of some statements that mention a theme here: (rows, ids), sorted by both."""
        rows, statements = self.mentions(theme_id)
        places = self.ledger.statement_place
        asked = np.array([places[name] for name in names if name in places], dtype=np.int32)
        held = np.isin(statements, asked)
        return self.rows_at(rows[held]), self.ledger.statement_ids[statements[held]].tolist()

    def said(self, theme_id: str) -> tuple[IntArray, list[str]]:
        """See `Population.said`."""
        rows, statements = self.mentions(theme_id)
        return self.rows_at(rows), self.ledger.statement_ids[statements].tolist()

    def mentions(self, theme_id: str) -> tuple[Codes, Codes]:
        """Messages and statements of a theme, as places in the ledger, sorted by both."""
        held = self.held(theme_id)
        return self.ledger.row[held], self.ledger.statement[held]

    def mention_at(self, theme: IntArray, statement: Codes) -> IntArray:
        """The mention of each theme by each statement that holds here, -1 where none does.

        Args:
            theme, statement: of equal shape, as places in the ledger; so is what is returned.
        """
        ledger, place = self.ledger, int(self.__dict__["_place"])
        order, edges = ledger.whole.by_statement(ledger)
        found = np.full(statement.size, -1, dtype=np.int64)
        left = np.arange(statement.size)
        at = edges[statement]
        while left.size:  # a statement has a few mentions: a leaf, a broad theme, former ones
            left = left[at[left] < edges[statement[left] + 1]]
            mention = order[at[left]]
            holds = (ledger.first[mention] <= place) & (ledger.last[mention] > place)
            holds &= self.mask[ledger.row[mention]]
            holds &= (ledger.edges[theme[left]] <= mention) & (
                mention < ledger.edges[theme[left] + 1]
            )
            found[left[holds]] = mention[holds]
            left = left[~holds]
            at[left] += 1
        return found

    def held(self, theme_id: str) -> IntArray:
        """Places of a theme's mentions in the ledger's, sorted by message and statement."""
        at = self.ledger.theme.get(theme_id)
        if at is None:
            return np.zeros(0, dtype=np.int64)
        own = slice(int(self.ledger.edges[at]), int(self.ledger.edges[at + 1]))
        return own.start + np.flatnonzero(self._holds(own))

    @cached_property
    def place(self) -> Codes:
        """Of each message of the ledger its row here, -1 where it is not in this part."""
        place = np.cumsum(self.mask, dtype=np.int32)
        place -= 1
        place[~self.mask] = -1
        return place

    def rows_at(self, places: Codes) -> IntArray:
        """The rows here of some messages of the ledger, which are in this part."""
        return self.place[places].astype(np.int64)

    def _holds(self, own: slice) -> NDArray[np.bool_]:
        """Which of the mentions hold in this week and are of messages in this part."""
        ledger, place = self.ledger, int(self.__dict__["_place"])
        holds: NDArray[np.bool_] = ledger.first[own] <= place
        holds &= ledger.last[own] > place
        holds &= self.mask[ledger.row[own]]
        return holds
