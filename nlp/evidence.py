"""What stands behind many claims at once, so that all are counted in a part in one go."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

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
    ledger, places = part.ledger, part.ledger.statement_place
    told = [(ledger.theme.get(theme_id, -1), names) for theme_id, names in claims]
    size = len(told)
    many = np.array([len(names) for _, names in told], dtype=np.int64)
    claim = np.repeat(np.arange(size, dtype=np.int32), many)
    theme = np.repeat(np.array([theme for theme, _ in told], dtype=np.int64), many)
    asked = [name for _, names in told for name in names]
    # Most are asked for again and again; each look into the places of all statements is slow.
    place = {name: places.get(name, -1) for name in dict.fromkeys(asked)}
    statement = np.fromiter(map(place.__getitem__, asked), dtype=np.int32, count=claim.size)
    known = (statement >= 0) & (theme >= 0)
    claim, theme, statement = claim[known], theme[known], statement[known]
    mention = part.mention_at(theme, statement)
    held = mention >= 0
    claim, statement, row = claim[held], statement[held], ledger.row[mention[held]]
    customer = ledger.customer[row]
    order = np.lexsort((statement, customer, claim))
    claim, statement = claim[order], statement[order]
    once = np.ones(claim.size, dtype=np.bool_)
    once[1:] = (claim[1:] != claim[:-1]) | (statement[1:] != statement[:-1])
    order = order[once]
    return Evidence(
        edges=np.searchsorted(claim[once], np.arange(size + 1)).astype(np.int64),
        row=row[order],
        statement=statement[once],
        customer=customer[order],
    )
