"""The product's own splitter and clause finder on the planted texts, each text once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache

from nlp.records import Feedback, Kind, Statement

Cut = Callable[[str, Kind], tuple[Statement, ...]]


@lru_cache(maxsize=1)
def make_cut() -> Cut:
    """Text and kind of message -> its statements with their clauses; kept for the process.

    Nothing is kept on disk: the rules may have changed since.
    """
    from nlp.language import load_language
    from nlp.segment import split

    language = load_language()
    day = dt.date(2026, 1, 1)
    at = dt.datetime.combine(day, dt.time(), dt.UTC)

    @lru_cache(maxsize=200_000)
    def cut(text: str, kind: Kind) -> tuple[Statement, ...]:
        item = Feedback("one", "cut", kind, text, at, "2026-W01", day)
        return split([item], language=language)

    return cut
