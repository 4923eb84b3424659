"""Quotes of themes over any part of the feedback, chosen as the weekly report chooses them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from api.scope import Snapshot
from nlp.population import Population
from nlp.weeks import shift
from report.backlog import main_causes
from report.document import Quote
from report.quotes import FRESH_WEEKS, Candidate, pick_quotes
from report.scene import ReportConfig
from store.assignments import assignments_of
from store.database import Session
from store.statements import statements_by_id

_CONFIG = ReportConfig()
_NOBODY = np.zeros(0, dtype=np.int64)

# (index of the message, id of the statement), in four classes: fresh and stated first, then fresh,
# then stated. Whatever is telling in one class is quoted before anything of the next.
_Classes = tuple[list[tuple[int, str]], ...]


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
    waiting = {
        theme_id: _classes(part, theme_id, stated=_stated(snapshot, theme_id), last=last)
        for theme_id in sorted(theme_ids)
    }
    candidates: dict[str, list[Candidate]] = {theme_id: [] for theme_id in waiting}
    found: dict[str, tuple[Quote, ...]] = dict.fromkeys(waiting, ())
    for place in range(4):
        wanted = {theme_id: classes[place] for theme_id, classes in waiting.items()}
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
    told = [
        cause
        for cause in snapshot.root_causes
        if cause.theme_id == theme_id and cause.state != "rejected"
    ]
    shown = {name for one in main_causes(told, _CONFIG.causes) for name in one.evidence}
    return {
        statement_id
        for piece in snapshot.causes
        if piece.kind == "said" and piece.id in shown
        for statement_id in piece.evidence_ids
    }


def _classes(part: Population, theme_id: str, *, stated: Collection[str], last: str) -> _Classes:
    first = shift(last, 1 - FRESH_WEEKS)
    classes: _Classes = ([], [], [], [])
    for index in part.members.get(theme_id, _NOBODY).tolist():
        old = not first <= part.weeks[index] <= last
        for statement_id in part.statements.get((theme_id, index), ()):
            classes[2 * old + (statement_id not in stated)].append((index, statement_id))
    return classes


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
                kind=part.feedback[index].kind,
                week=part.weeks[index],
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
