"""All feedback up to a week, laid out in columns: what causes, trends and ranks are counted on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nlp.customer_base import CustomerBase, build_base, joined
from nlp.facts import Facts, facts_of
from nlp.records import Assignment, Customer, Feedback, Statement

MISSING = "(missing)"

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Mentions:
    """Who speaks of which theme, each message once for a theme; sorted by theme and message.

    themes: how many there are; theme: their numbers, shape (k,). row: the messages, shape (k,).
    """

    themes: int
    theme: IntArray
    row: IntArray

    def of(self, rows: NDArray[np.bool_]) -> Mentions:
        """Those of the messages where `rows`, shape (messages,), is true."""
        kept = rows[self.row]
        return Mentions(self.themes, self.theme[kept], self.row[kept])


@dataclass(frozen=True, slots=True)
class Population:
    """Feedback in canonical order (by key), its columns, and who speaks of which theme.

    customers: customer code per feedback, shape (n,).
    days: proleptic ordinal of the local day per feedback, shape (n,).
    weeks: ISO week per feedback.
    attributes: name -> value per feedback, `MISSING` where it has none; `kind`, `channel`,
        `source` and `language` are attributes too, and so is what the customer table says of the
        customer, unless the feedback itself says otherwise.
    members: theme id -> sorted indices of the feedback that mentions it (leaves and parents; a
        parent's members include its leaves').
    statements: (theme id, feedback index) -> ids of the statements that mention it.
    base: the customer table; empty where there is none.
    """

    feedback: tuple[Feedback, ...]
    customers: IntArray
    days: IntArray
    weeks: tuple[str, ...]
    attributes: Mapping[str, tuple[str, ...]]
    members: Mapping[str, IntArray]
    statements: Mapping[tuple[str, int], tuple[str, ...]]
    base: CustomerBase = field(default_factory=CustomerBase)

    def __len__(self) -> int:
        return len(self.feedback)

    def distinct_customers(self, indices: IntArray) -> int:
        """How many different customers stand behind these feedback indices."""
        return int(np.unique(self.customers[indices]).size)

    def kept(self, mask: NDArray[np.bool_]) -> Population:
        """See `restrict`, which checks the mask's length."""
        return _kept(self, mask)

    def in_weeks(self, first: str, last: str) -> NDArray[np.bool_]:
        """Which feedback is of these weeks, both included; shape (n,)."""
        return np.array([first <= week <= last for week in self.weeks], dtype=np.bool_)

    def holding(self, name: str, value: str) -> NDArray[np.bool_]:
        """Which feedback has this value of an attribute; shape (n,)."""
        column = self.attributes.get(name)
        if column is None:
            return np.zeros(len(self), dtype=np.bool_)
        return np.array([found == value for found in column], dtype=np.bool_)

    def mentions_of(self, themes: Sequence[str]) -> Mentions:
        """Which feedback mentions which of some themes; a theme's number is its place in them."""
        none = np.zeros(0, dtype=np.int64)
        own = [self.members.get(name, none) for name in themes]
        numbers = np.repeat(np.arange(len(own), dtype=np.int64), [rows.size for rows in own])
        return Mentions(len(own), numbers, np.concatenate([none, *own]))

    def facts(self) -> Facts:
        """Scores, times and money of the feedback."""
        return facts_of(self.feedback)

    def levels(self) -> Mapping[str, tuple[Sequence[str], IntArray]]:
        """Attributes as (values, codes): values[codes[row]]; some values may be of no feedback."""
        return {name: levels_of(column) for name, column in self.attributes.items()}

    def values_held(self) -> Mapping[str, tuple[str, ...]]:
        """Attribute -> the values that somebody has, in no order, without `MISSING`."""
        return {name: tuple(set(column) - {MISSING}) for name, column in self.attributes.items()}

    def message(self, row: int) -> Feedback:
        """One feedback."""
        return self.feedback[row]

    def week_names(self) -> tuple[str, ...]:
        """The weeks that have feedback, sorted."""
        return tuple(sorted(set(self.weeks)))

    def places_of(self, weeks: Sequence[str]) -> IntArray:
        """The place of each feedback's week among `weeks`, -1 where it is none; shape (n,)."""
        place = {name: at for at, name in enumerate(weeks)}
        return np.array([place.get(name, -1) for name in self.weeks], dtype=np.int64)

    def weekly(self, weeks: Sequence[str]) -> tuple[IntArray, IntArray]:
        """Distinct customers and messages in each of some weeks, each of shape (weeks,)."""
        column = self.places_of(weeks)
        inside = column >= 0
        pairs = np.unique(self.customers[inside] * len(weeks) + column[inside])
        return (
            np.bincount(pairs % max(len(weeks), 1), minlength=len(weeks)),
            np.bincount(column[inside], minlength=len(weeks)),
        )

    def said_weekly(self, theme_id: str, weeks: Sequence[str]) -> tuple[IntArray, IntArray]:
        """The same of a theme: its customers and its statements."""
        rows, _ = self.said(theme_id)
        column = self.places_of(weeks)[rows]
        inside = column >= 0
        pairs = np.unique(self.customers[rows[inside]] * len(weeks) + column[inside])
        return (
            np.bincount(pairs % max(len(weeks), 1), minlength=len(weeks)),
            np.bincount(column[inside], minlength=len(weeks)),
        )

    def weeks_at(self, rows: IntArray) -> list[str]:
        """ISO weeks of some feedback."""
        return [self.weeks[row] for row in rows.tolist()]

    def mention_count(self, theme_id: str) -> tuple[int, int]:
        """Different customers and statements of a theme."""
        rows, names = self.said(theme_id)
        return (self.distinct_customers(rows), len(names))

    def within(self, theme_id: str, names: Collection[str]) -> tuple[IntArray, list[str]]:
        """Those of some statements that mention a theme here: (indices, ids), sorted by both."""
        wanted = set(names)
        rows, ids = self.said(theme_id)
        kept = [at for at, name in enumerate(ids) if name in wanted]
        return rows[kept], [ids[at] for at in kept]

    def said(self, theme_id: str) -> tuple[IntArray, list[str]]:
        """A theme's statements and the feedback of each: (indices, ids), sorted by both."""
        rows: list[int] = []
        names: list[str] = []
        for row in self.members.get(theme_id, np.zeros(0, dtype=np.int64)).tolist():
            own = self.statements.get((theme_id, row), ())
            rows += [row] * len(own)
            names += own
        return np.array(rows, dtype=np.int64), names

    def evidence(self, theme_id: str, indices: Iterable[int]) -> tuple[str, ...]:
        """Statement ids, sorted, of the theme's mentions in these feedback indices."""
        found: set[str] = set()
        for index in indices:
            found.update(self.statements.get((theme_id, int(index)), ()))
        return tuple(sorted(found))


def levels_of(column: Sequence[str]) -> tuple[tuple[str, ...], IntArray]:
    """A column as (values, codes): the values are sorted, codes have shape (n,)."""
    values = tuple(sorted(set(column)))
    place = {value: code for code, value in enumerate(values)}
    return values, np.array([place[value] for value in column], dtype=np.int64)


def build_population(
    feedback: Iterable[Feedback],
    statements: Iterable[Statement],
    assignments: Mapping[str, Assignment],
    *,
    customers: Iterable[Customer] = (),
) -> Population:
    """Lay out feedback and the theme mentions of its statements; order of input does not matter.

    `assignments` maps statement id to its assignment. Statements whose feedback is not given
    are ignored (they are later than the week looked at). `customers` is the customer table.
    """
    ordered = tuple(sorted(feedback, key=lambda item: item.key))
    position = {item.key: index for index, item in enumerate(ordered)}
    base = build_base(ordered, customers)
    codes = {name: code for code, name in enumerate(sorted({item.customer for item in ordered}))}
    mentions: dict[tuple[str, int], set[str]] = {}
    for statement in statements:
        index = position.get(statement.feedback_key)
        placed = assignments.get(statement.id)
        if index is None or placed is None:
            continue
        for theme_id in (placed.theme_id, placed.parent_theme_id):
            if theme_id is not None:
                mentions.setdefault((theme_id, index), set()).add(statement.id)
    by_theme: dict[str, list[int]] = {}
    for theme_id, index in sorted(mentions):
        by_theme.setdefault(theme_id, []).append(index)
    return Population(
        feedback=ordered,
        customers=np.array([codes[item.customer] for item in ordered], dtype=np.int64),
        days=np.array([item.day.toordinal() for item in ordered], dtype=np.int64),
        weeks=tuple(item.week for item in ordered),
        attributes=_columns(ordered, base),
        members={name: np.array(rows, dtype=np.int64) for name, rows in by_theme.items()},
        statements={key: tuple(sorted(ids)) for key, ids in sorted(mentions.items())},
        base=base,
    )


def restrict(population: Population, keep: NDArray[np.bool_]) -> Population:
    """The population of the feedback where `keep` is true, as if no other had been given.

    Customers are numbered anew, attributes that no kept feedback has are left out, and themes
    without a kept mention are gone: equal to `build_population` on the kept feedback alone.

    Args:
        keep: shape (n,), one flag per feedback in the population's order.

    Raises:
        ValueError: when `keep` has another length than the population.
    """
    mask = np.asarray(keep, dtype=np.bool_)
    if mask.shape != (len(population),):
        raise ValueError(f"keep has shape {mask.shape}; the population holds {len(population)}")
    return population.kept(mask)


def _kept(population: Population, mask: NDArray[np.bool_]) -> Population:
    rows = np.flatnonzero(mask)
    moved = np.full(len(population), -1, dtype=np.int64)
    moved[rows] = np.arange(rows.size)
    kept = rows.tolist()
    columns = {
        name: tuple(values[row] for row in kept) for name, values in population.attributes.items()
    }
    inside = {name: moved[at[mask[at]]] for name, at in population.members.items()}
    return Population(
        feedback=tuple(population.feedback[row] for row in kept),
        customers=np.unique(population.customers[rows], return_inverse=True)[1].astype(np.int64),
        days=population.days[rows],
        weeks=tuple(population.weeks[row] for row in kept),
        attributes={
            name: values
            for name, values in columns.items()
            if any(value != MISSING for value in values)
        },
        members={name: at for name, at in inside.items() if at.size},
        statements={
            (name, int(moved[row])): ids
            for (name, row), ids in population.statements.items()
            if mask[row]
        },
        base=replace(population.base, entries=population.base.entries[rows])
        if population.base.size
        else CustomerBase(),
    )


def _columns(ordered: tuple[Feedback, ...], base: CustomerBase) -> dict[str, tuple[str, ...]]:
    rows = [
        joined(base, at)
        | {
            "kind": item.kind,
            "source": item.source,
            **({"channel": item.channel} if item.channel else {}),
            **({"language": item.language} if item.language else {}),
            **dict(item.attributes),
        }
        for at, item in enumerate(ordered)
    ]
    names = sorted({name for row in rows for name in row})
    return {name: tuple(row.get(name, MISSING) for row in rows) for name in names}
