"""What stands behind many claims at once, so that all are counted in a part in one go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
    of_theme: dict[str, list[tuple[int, Collection[str]]]] = {}
    size = 0
    for theme_id, names in claims:
        of_theme.setdefault(theme_id, []).append((size, names))
        size += 1
    found = [_of_theme(part, theme_id, own, places) for theme_id, own in of_theme.items()]
    claim, row, statement = (_joined([one[at] for one in found]) for at in range(3))
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


def _of_theme(
    part: Part,
    theme_id: str,
    claims: Sequence[tuple[int, Collection[str]]],
    places: Mapping[str, int],
) -> tuple[Codes, Codes, Codes]:
    """Claim, message and statement of what is told of a theme and stands in it."""
    rows, statements = part.mentions(theme_id)
    asked = [[places[name] for name in names if name in places] for _, names in claims]
    claim = np.repeat([at for at, _ in claims], [len(own) for own in asked]).astype(np.int32)
    flat = np.array([place for own in asked for place in own], dtype=np.int32)
    if not statements.size:
        return claim[:0], flat[:0], flat[:0]
    order = np.argsort(statements)
    at = np.minimum(np.searchsorted(statements, flat, sorter=order), statements.size - 1)
    at = order[at]
    held = statements[at] == flat
    return claim[held], rows[at[held]], flat[held]


def _joined(parts: Sequence[Codes]) -> Codes:
    return np.concatenate([np.zeros(0, dtype=np.int32), *parts])
