"""Quotes of themes over any part of the feedback, chosen as the weekly report chooses them."""

from __future__ import annotations

from collections.abc import Collection

from api.scope import Snapshot
from nlp.part import Part
from report.backlog import main_causes
from report.document import Quote
from report.quote_choice import choose_quotes
from report.scene import ReportConfig
from report.wording import shorten
from store.database import Session
from store.statements import statement_texts

_CONFIG = ReportConfig()


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
        theme_id: choose_quotes(
            part,
            theme_id,
            stated=_stated(snapshot, theme_id),
            last=last,
            limit=_CONFIG.quotes,
        )
        for theme_id in sorted(theme_ids)
    }
    texts = statement_texts(session, {one.statement_id for own in chosen.values() for one in own})
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


def _stated(snapshot: Snapshot, theme_id: str) -> set[str]:
    """Statements that state one of the theme's main causes."""
    told = [cause for cause in snapshot.causes_of.get(theme_id, ()) if cause.state != "rejected"]
    shown = {name for one in main_causes(told, _CONFIG.causes) for name in one.evidence}
    pieces = [snapshot.pieces[name] for name in sorted(shown) if name in snapshot.pieces]
    return {name for one in pieces if one.kind == "said" for name in one.evidence_ids}
