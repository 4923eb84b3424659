"""Which of a theme's statements are quoted, told by columns of a ledger before any text is read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.part import Part
from nlp.population import IntArray
from nlp.weeks import shift
from report.quotes import FRESH_WEEKS, TELLING


@dataclass(frozen=True, slots=True)
class Chosen:
    """A statement that is quoted; `row` is the place of its message in the ledger."""

    statement_id: str
    row: int


def choose_quotes(
    part: Part,
    theme_id: str,
    *,
    stated: Collection[str],
    last: str,
    limit: int,
    weeks: int = FRESH_WEEKS,
) -> list[Chosen]:
    """What `report.quotes.pick_quotes` picks of all statements of a theme in a part.

    What is telling and fresh comes before all else, and mostly suffices: of years of mentions only
    those of four weeks are put in order.

    Args:
        stated: ids of statements that state a cause of the theme.
        last: the last week of the part, from which so many `weeks` count back as fresh.
        limit: how many at most.
    """
    ledger, held = part.ledger, part.held(theme_id)
    week = ledger.week[ledger.row[held]]
    first, until = ledger.place_of(shift(last, -weeks)), ledger.place_of(last)
    fresh = (week > first) & (week <= until)
    telling = ledger.length[ledger.statement[held]] >= TELLING
    best = held[fresh & telling]
    chosen = _first(part, best[_order(part, best, stated)], limit)
    if len(chosen) == limit or best.size == held.size:
        return chosen
    order = _order(part, held, stated, ~fresh, ~telling)
    return _first(part, held[order], limit)


def _order(
    part: Part, held: IntArray, stated: Collection[str], *before: NDArray[np.bool_]
) -> IntArray:
    """By `before`, the last of them first; then of a cause, the surest, and by id, as stored."""
    statement = part.ledger.statement[held]
    places = part.ledger.statement_place
    of_cause = {places[name] for name in stated if name in places}
    strange = np.array([at not in of_cause for at in statement.tolist()], dtype=np.bool_)
    surest = -part.ledger.confidence[held]
    found: IntArray = np.lexsort(np.stack([statement, surest, strange, *before]))
    return found


def _first(part: Part, held: IntArray, limit: int) -> list[Chosen]:
    """The first few of different texts and customers."""
    ledger = part.ledger
    chosen: list[Chosen] = []
    texts: set[int] = set()
    speakers: set[int] = set()
    for at in held.tolist():
        row, statement = int(ledger.row[at]), int(ledger.statement[at])
        text, speaker = int(ledger.text[statement]), int(ledger.customer[row])
        if text in texts or speaker in speakers:
            continue
        texts.add(text)
        speakers.add(speaker)
        chosen.append(Chosen(ledger.statement_ids[statement], row))
        if len(chosen) == limit:
            break
    return chosen
