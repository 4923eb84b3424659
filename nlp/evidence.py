"""What stands behind many claims at once, so that all are counted in a part in one go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.ledger import Codes
from nlp.part import Part
from nlp.population import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The statements of m claims that mention the claim's theme in a week, in flat columns.

    edges: shape (m + 1,); the entries of claim `at` are edges[at] to edges[at + 1]. row, statement,
    customer: of each entry its message, its statement and who said it, as places in the ledger;
    sorted by claim, customer and statement.
    """

    edges: IntArray
    row: Codes
    statement: Codes
    customer: Codes

    def counted(self, part: Part) -> tuple[IntArray, IntArray]:
        """Different customers and statements of each claim in a part, each of shape (m,)."""
        inside = part.mask[self.row]
        claim = np.repeat(np.arange(self.edges.size - 1), np.diff(self.edges))[inside]
        customer = self.customer[inside]
        fresh = np.ones(claim.size, dtype=np.bool_)
        fresh[1:] = (claim[1:] != claim[:-1]) | (customer[1:] != customer[:-1])
        return (
            np.bincount(claim[fresh], minlength=self.edges.size - 1),
            np.bincount(claim, minlength=self.edges.size - 1),
        )

    def ids(self, at: int, part: Part) -> tuple[str, ...]:
        """The statements of one claim in a part, sorted."""
        own = slice(int(self.edges[at]), int(self.edges[at + 1]))
        held = np.sort(self.statement[own][part.mask[self.row[own]]])
        return tuple(part.ledger.statement_ids[held].tolist())


def lay_out(part: Part, claims: Iterable[tuple[str, Collection[str]]]) -> Evidence:
    """The evidence of (theme id, statement ids) pairs, as it stands in a week.

    Args:
        part: all feedback of that week; what is counted later are parts of it.
    """
    ledger = part.ledger
    themes: dict[str, tuple[Codes, Codes]] = {}
    found: list[tuple[Codes, Codes]] = []
    for theme_id, names in claims:
        if theme_id not in themes:
            rows, statements = part.mentions(theme_id)
            order = np.argsort(statements)
            themes[theme_id] = (rows[order], statements[order])
        found.append(_held(ledger.statement_place, names, *themes[theme_id]))
    sizes = np.array([rows.size for rows, _ in found], dtype=np.int64)
    row, statement = _joined([one for one, _ in found]), _joined([one for _, one in found])
    customer = ledger.customer[row]
    order = np.lexsort((statement, customer, np.repeat(np.arange(sizes.size), sizes)))
    return Evidence(
        edges=np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)]),
        row=row[order],
        statement=statement[order],
        customer=customer[order],
    )


def _held(
    places: Mapping[str, int], names: Collection[str], rows: Codes, statements: Codes
) -> tuple[Codes, Codes]:
    """Messages and statements of those that are among a theme's, which are sorted by statement."""
    asked = np.array([places[name] for name in names if name in places], dtype=np.int32)
    inside: NDArray[np.bool_] = np.zeros(statements.size, dtype=np.bool_)
    if statements.size:
        at = np.minimum(np.searchsorted(statements, asked), statements.size - 1)
        inside[at[statements[at] == asked]] = True
    return rows[inside], statements[inside]


def _joined(parts: Sequence[Codes]) -> Codes:
    return np.concatenate([np.zeros(0, dtype=np.int32), *parts])
