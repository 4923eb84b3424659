"""Quotes of themes over any part of the feedback, chosen as the weekly report chooses them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.scope import Snapshot
from nlp.population import IntArray, Population
from nlp.weeks import shift
from report.backlog import main_causes
from report.document import Quote
from report.quotes import FRESH_WEEKS, Candidate, pick_quotes
from report.scene import ReportConfig
from store.assignments import assignments_of
from store.database import Session
from store.statements import statements_by_id

_CONFIG = ReportConfig()


def theme_quotes(
    session: Session,
    snapshot: Snapshot,
    part: Population,
    theme_ids: Collection[str],
    *,
    last: str,
) -> dict[str, tuple[Quote, ...]]:
    """Up to three statements of different customers for each theme; none where none is in `part`.

    Only the statements that may be chosen are loaded: a theme of years is quoted from its last
    four weeks.

    Args:
        part: the feedback asked for.
        last: the last week of it, from which the four weeks count back.
    """
    fresh = part.in_weeks(shift(last, 1 - FRESH_WEEKS), last)
    waiting = {
        theme_id: _mentions(part, theme_id, stated=_stated(snapshot, theme_id), fresh=fresh)
        for theme_id in sorted(theme_ids)
    }
    candidates: dict[str, list[Candidate]] = {theme_id: [] for theme_id in waiting}
    found: dict[str, tuple[Quote, ...]] = dict.fromkeys(waiting, ())
    for place in range(4):
        wanted = {theme_id: said.of_class(place) for theme_id, said in waiting.items()}
        loaded = _load(session, snapshot.week, part, wanted, place=place)
        for theme_id, more in loaded.items():
            candidates[theme_id] += more
            found[theme_id] = pick_quotes(
                candidates[theme_id], limit=_CONFIG.quotes, length=_CONFIG.quote_length
            )
            telling = {one.statement.id for one in candidates[theme_id] if one.telling}
            chosen = found[theme_id]
            if len(chosen) == _CONFIG.quotes and all(q.statement_id in telling for q in chosen):
                del waiting[theme_id]
    return found


def _stated(snapshot: Snapshot, theme_id: str) -> set[str]:
    """Statements that state one of the theme's main causes."""
    told = [cause for cause in snapshot.causes_of.get(theme_id, ()) if cause.state != "rejected"]
    shown = {name for one in main_causes(told, _CONFIG.causes) for name in one.evidence}
    pieces = [snapshot.pieces[name] for name in sorted(shown) if name in snapshot.pieces]
    return {name for one in pieces if one.kind == "said" for name in one.evidence_ids}


@dataclass(frozen=True, slots=True)
class _Mentions:
    """A theme's mentions: message and statement of each, and whether it is fresh.

    Of years of mentions mostly the fresh ones are looked at, so the classes are told apart one by
    one.
    """

    rows: IntArray
    names: Sequence[str]
    fresh: NDArray[np.bool_]
    stated: Collection[str]

    def of_class(self, place: int) -> list[tuple[int, str]]:
        """(index of the message, id of the statement) of one of four classes.

        Fresh and stated first, then fresh, then stated: whatever is telling in one class is quoted
        before anything of the next.
        """
        inside = np.flatnonzero(self.fresh if place < 2 else ~self.fresh)
        wanted = place % 2 == 0
        return [
            (int(self.rows[at]), self.names[at])
            for at in inside.tolist()
            if (self.names[at] in self.stated) is wanted
        ]


def _mentions(
    part: Population, theme_id: str, *, stated: Collection[str], fresh: NDArray[np.bool_]
) -> _Mentions:
    rows, names = part.said(theme_id)
    return _Mentions(rows, names, fresh[rows], stated)


def _load(
    session: Session,
    week: str,
    part: Population,
    wanted: Mapping[str, Sequence[tuple[int, str]]],
    *,
    place: int,
) -> dict[str, list[Candidate]]:
    """The statements of one class for all themes that wait, in two queries."""
    ids = {statement_id for pairs in wanted.values() for _, statement_id in pairs}
    if not ids:
        return {}
    statements = statements_by_id(session, ids)
    places = assignments_of(session, ids, week)
    return {
        theme_id: [
            Candidate(
                statements[statement_id],
                kind=part.message(index).kind,
                week=part.message(index).week,
                speaker=int(part.customers[index]),
                fresh=place < 2,
                stated=place % 2 == 0,
                confidence=places[statement_id].confidence if statement_id in places else 0.0,
            )
            for index, statement_id in pairs
            if statement_id in statements
        ]
        for theme_id, pairs in wanted.items()
    }
