"""What the search page shows, as data: its template sees these fields and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from api.theme_contexts import StatementFilters
from nlp.records import Theme
from report.document import Point


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a statement. `reason`: inside a reason; `sought`: a word of the query."""

    text: str
    reason: bool
    sought: bool


@dataclass(frozen=True, slots=True)
class HitShown:
    """A statement found. `why`: by what it was found, in words. `same`: others that say just it."""

    statement_id: str
    week: str
    kind: str
    pieces: tuple[Piece, ...]
    theme: Theme | None
    why: str
    same: int


@dataclass(frozen=True, slots=True)
class ThemeHits:
    """How many statements found stand in a theme (None: in none); `href` narrows to it."""

    theme: Theme | None
    statements: int
    href: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A search and what it found; without a question only the form.

    text: what was asked; like, like_id: the statement that others are sought to be like, and its
    id; empty where none is. week: the last published one. asked: whether anything was. statements,
    texts: found in all, and in how many wordings. themes: where they stand, the first few of
    `theme_total`; weeks: when they were said. theme: the one it is narrowed to; all_href: without
    it. unknown: words nobody used. note: why only words were looked for; else empty.
    behind: whether newer feedback is not searchable yet. more: query of the next page, or empty.
    """

    section: str
    week: str
    text: str
    like: str
    like_id: str
    asked: bool
    filters: StatementFilters
    theme: Theme | None
    all_href: str
    hits: tuple[HitShown, ...]
    statements: int
    texts: int
    themes: tuple[ThemeHits, ...]
    theme_total: int
    weeks: tuple[Point, ...]
    unknown: tuple[str, ...]
    note: str
    behind: bool
    more: str
