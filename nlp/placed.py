"""Which messages a week's run saw: those with a statement that had a place by then."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from nlp.part import Part
from nlp.population import IntArray


def placed(part: Part) -> Part:
    """The messages of a part with a statement that has a place, if only that of no theme.

    What came in since the week was run has none yet.
    """
    ledger = part.ledger
    seen = np.zeros(ledger.week.size, dtype=np.bool_)
    seen[ledger.message[ledger.placed <= ledger.place_of(part.week)]] = True
    return part.kept(seen[part.rows])


def rows_saying(part: Part, statements: Iterable[str]) -> IntArray:
    """Rows of a part, ascending, with any of some statements that have a place by its week."""
    ledger = part.ledger
    known = {ledger.statement_place.get(name, -1) for name in statements} - {-1}
    at = np.array(sorted(known), dtype=np.int64)
    at = at[ledger.placed[at] <= ledger.place_of(part.week)]
    rows = part.place[ledger.message[at]].astype(np.int64)
    return np.unique(rows[rows >= 0])


def statements_placed(part: Part) -> list[str]:
    """Ids, sorted, of the statements of a part that have a place by its week."""
    ledger = part.ledger
    here = part.mask[ledger.message] & (ledger.placed <= ledger.place_of(part.week))
    names: list[str] = ledger.statement_ids[here].tolist()
    return names
