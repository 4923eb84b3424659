"""Quotes of themes over any part of the feedback, chosen as the weekly report chooses them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.scope import Snapshot
from nlp.part import Part
from nlp.population import IntArray
from nlp.weeks import shift
from report.backlog import main_causes
from report.document import Quote
from report.quotes import FRESH_WEEKS, TELLING
from report.scene import ReportConfig
from report.wording import shorten
from store.database import Session
from store.statements import texts_by_id

_CONFIG = ReportConfig()


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A statement that is quoted, before its text is read."""

    statement_id: str
    row: int  # of its message in the ledger


def theme_quotes(
    session: Session,
    snapshot: Snapshot,
    part: Part,
    theme_ids: Collection[str],
    *,
    last: str,
) -> dict[str, tuple[Quote, ...]]:
    """Up to three statements of different customers for each theme; none where none is in `part`.

    They are chosen by columns of the ledger, in the order of `report.quotes.pick_quotes`, and only
    the texts of the chosen are read.

    Args:
        part: the feedback asked for.
        last: the last week of it, from which four weeks count back as fresh.
    """
    chosen = {
        theme_id: _choose(part, theme_id, stated=_stated(snapshot, theme_id), last=last)
        for theme_id in sorted(theme_ids)
    }
    texts = texts_by_id(session, {one.statement_id for own in chosen.values() for one in own})
    feedback = part.ledger.feedback
    return {
        theme_id: tuple(
            Quote(
                statement_id=one.statement_id,
                kind=feedback[one.row].kind,
                week=feedback[one.row].week,
                text=shorten(texts[one.statement_id], limit=_CONFIG.quote_length),
            )
            for one in own
        )
        for theme_id, own in chosen.items()
    }


def _choose(part: Part, theme_id: str, *, stated: Collection[str], last: str) -> list[_Chosen]:
    """See `report.quotes.pick_quotes`.

    What is telling and fresh comes before all else, and mostly suffices: of years of mentions only
    those of four weeks are put in order.
    """
    ledger, held = part.ledger, part.held(theme_id)
    week = ledger.week[ledger.row[held]]
    first, until = ledger.place_of(shift(last, -FRESH_WEEKS)), ledger.place_of(last)
    fresh = (week > first) & (week <= until)
    telling = ledger.length[ledger.statement[held]] >= TELLING
    best = held[fresh & telling]
    chosen = _first(part, best[_order(part, best, stated)])
    if len(chosen) == _CONFIG.quotes or best.size == held.size:
        return chosen
    order = _order(part, held, stated, ~fresh, ~telling)
    return _first(part, held[order])


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


def _first(part: Part, held: IntArray) -> list[_Chosen]:
    """The first few of different texts and customers."""
    ledger = part.ledger
    chosen: list[_Chosen] = []
    texts: set[int] = set()
    speakers: set[int] = set()
    for at in held.tolist():
        row, statement = int(ledger.row[at]), int(ledger.statement[at])
        text, speaker = int(ledger.text[statement]), int(ledger.customer[row])
        if text in texts or speaker in speakers:
            continue
        texts.add(text)
        speakers.add(speaker)
        chosen.append(_Chosen(ledger.statement_ids[statement], row))
        if len(chosen) == _CONFIG.quotes:
            break
    return chosen


def _stated(snapshot: Snapshot, theme_id: str) -> set[str]:
    """Statements that state one of the theme's main causes."""
    told = [cause for cause in snapshot.causes_of.get(theme_id, ()) if cause.state != "rejected"]
    shown = {name for one in main_causes(told, _CONFIG.causes) for name in one.evidence}
    pieces = [snapshot.pieces[name] for name in sorted(shown) if name in snapshot.pieces]
    return {name for one in pieces if one.kind == "said" for name in one.evidence_ids}
