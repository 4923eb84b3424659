"""Which of a theme's statements are quoted: in the weekly report and wherever it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nlp.records import Statement
from report.document import Quote
from report.wording import shorten

# A quote older than a month may speak of something mended since.
FRESH_WEEKS = 4
# Shorter ones ("still broken") tell a reader little; they are quoted where nothing else was said.
TELLING = 30


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement that may be quoted.

    speaker: code of its customer. fresh: it is of the last `FRESH_WEEKS` weeks. stated: it is
    evidence of one of the causes shown. confidence: how surely it belongs to the theme.
    """

    statement: Statement
    kind: str
    week: str
    speaker: int
    fresh: bool
    stated: bool
    confidence: float

    @property
    def telling(self) -> bool:
        """Whether it is long enough to be understood by itself."""
        return len(self.statement.text) >= TELLING


def pick_quotes(candidates: Iterable[Candidate], *, limit: int, length: int) -> tuple[Quote, ...]:
    """Verbatims of different customers: telling ones, then fresh, then of a cause, then surest.

    Args:
        candidates: in any order.
        limit: how many at most.
        length: characters of a quote, cut at a word.
    """
    chosen: list[Quote] = []
    seen: set[str] = set()
    speakers: set[int] = set()
    for one in sorted(candidates, key=_order):
        if one.statement.sha in seen or one.speaker in speakers:
            continue
        seen.add(one.statement.sha)
        speakers.add(one.speaker)
        chosen.append(
            Quote(
                statement_id=one.statement.id,
                kind=one.kind,
                week=one.week,
                text=shorten(one.statement.text, limit=length),
            )
        )
        if len(chosen) == limit:
            break
    return tuple(chosen)


def _order(one: Candidate) -> tuple[bool, bool, bool, float, str]:
    return (not one.telling, not one.fresh, not one.stated, -one.confidence, one.statement.id)
