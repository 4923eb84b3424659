"""A search as one answer, for the page, the API and assistants: hits, and counts of all found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from api.cursors import Cursor, encode, not_ours, question_of, same_question
from api.filters import Filters, Paging, question
from api.problems import ProblemError
from api.scope import Populations, Snapshot, asked_for, load_snapshot, pick_week
from api.searcher import Searcher
from api.windows import Choices
from nlp.population import Population
from nlp.query_words import QueryWords, read_query
from nlp.records import Feedback, Statement, Theme
from nlp.search import SearchConfig
from report.document import Point
from service.searching import Results, SearchIndex, find
from store.database import Session
from store.statements import statements_by_id

BoolArray = NDArray[np.bool_]
FoundBy = Literal["id", "meaning", "words", "both"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A statement found. `score`: fused; 1 where it was asked for by id.

    meaning: cosine with the query, None where either has no vector; words: BM25, 0 for no word.
    found_by: "id", "meaning", "words" or "both". same: other statements found that say just that.
    """

    statement: Statement
    message: Feedback
    theme: Theme | None
    score: float
    meaning: float | None
    words: float
    found_by: FoundBy
    same: int


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """How many statements found stand in a theme or under it; `theme` is None for those in none."""

    theme: Theme | None
    statements: int


@dataclass(frozen=True, slots=True)
class Searched:
    """A page of hits, the best first, and what there is in all.

    week: the published week whose statements were searched. like: the statement that others are
    sought to be like. statements, texts: found in all, and in how many wordings. themes: most
    first. weeks: customers and statements found, week by week. unknown: words that nobody used.
    note: why it was searched by words only; else empty. current: False while newer feedback is not
    searchable yet. choices: what can be filtered by.
    """

    week: str
    snapshot: Snapshot
    words: QueryWords
    like: Statement | None
    hits: tuple[Hit, ...]
    statements: int
    texts: int
    themes: tuple[ThemeCount, ...]
    weeks: tuple[Point, ...]
    unknown: tuple[str, ...]
    note: str
    current: bool
    choices: Choices
    next_cursor: str | None


def search(
    session: Session,
    populations: Populations,
    searcher: Searcher,
    filters: Filters,
    paging: Paging,
    *,
    text: str,
    like: str = "",
    theme: str = "",
) -> Searched:
    """Search what customers said up to the last published week.

    Args:
        text: what is sought; phrases in quotes must be there word for word.
        like: id of a statement; what means the same is found instead.
        theme: only statements of this theme, or of those under it.

    Raises:
        ProblemError: 404, when nothing was published or there is no such statement or theme; 422,
            for a filter nobody has, or nothing to search for; 409, for a cursor, when what it was
            given after is not found first any more.
    """
    last_week = pick_week(session)
    snapshot = load_snapshot(session, last_week)
    ready = searcher.searchable(session, populations, last_week)
    index, population = ready.index, ready.population
    start = _start(index, like) if like else None
    keep = _kept(index, population, filters, snapshot, theme)
    meant, note = None, ""
    if start is None:
        meant = searcher.encoder.vector(text.replace('"', " "))
        note = _note(index, unread=meant is None)
    else:
        meant = index.vector_of(start)
    like_statement = _one(session, like) if start is not None else None
    words = read_query(like_statement.text.replace('"', " ") if like_statement else text)
    if start is not None and meant is None:
        note = "this statement has no vector, so only its words were looked for"
    asked = question("search", filters, text, like, theme)
    shown = _shown(paging, asked)
    found = find(
        index,
        query=replace(words, names=()) if start is not None else words,
        vector=meant,
        keep=keep,
        without=start,
        most=shown + paging.limit,
    )
    first = _after(index, found, paging, shown)
    last = min(first + paging.limit, found.texts)
    return Searched(
        week=index.week,
        snapshot=snapshot,
        words=words,
        like=like_statement,
        hits=_hits(session, snapshot, population, index, found=found, places=range(first, last)),
        statements=int(found.all_rows.size),
        texts=found.texts,
        themes=_by_theme(snapshot, index, found),
        weeks=_by_week(population, index, found),
        unknown=found.unknown if start is None else (),
        note=note,
        current=ready.current,
        choices=ready.choices,
        next_cursor=_cursor(index, found, last, asked),
    )


def _start(index: SearchIndex, like: str) -> int:
    row = index.row_of(like)
    if row is None:
        raise _unknown(like)
    return row


def _unknown(like: str) -> ProblemError:
    return ProblemError(
        404, "unknown-statement", f"there is no statement {like!r} that could be searched"
    )


def _kept(
    index: SearchIndex, population: Population, filters: Filters, snapshot: Snapshot, theme: str
) -> BoolArray | None:
    """The statements that may be found; None for all."""
    keep = asked_for(population, filters)[index.feedback] if filters.restricts else None
    if not theme:
        return keep
    snapshot.theme(theme)
    if theme not in index.themes:  # nothing stands in it
        return np.zeros(len(index.ids), dtype=np.bool_)
    code = index.themes.index(theme)
    inside: BoolArray = (index.theme == code) | (index.parent == code)
    return inside if keep is None else keep & inside


def _note(index: SearchIndex, *, unread: bool) -> str:
    if unread:
        return "the model of meaning cannot be used here, so only words were looked for"
    if not index.vectors.size and index.ids:
        return (
            "the statements were read by another model of meaning than the one set here, "
            "so only words were looked for"
        )
    return ""


def _one(session: Session, like: str) -> Statement:
    found = statements_by_id(session, [like]).get(like)
    if found is None:  # not any more
        raise _unknown(like)
    return found


def _hits(
    session: Session,
    snapshot: Snapshot,
    population: Population,
    index: SearchIndex,
    *,
    found: Results,
    places: range,
) -> tuple[Hit, ...]:
    rows = [int(found.statement[at]) for at in places]
    statements = statements_by_id(session, [index.ids[row] for row in rows])
    least = SearchConfig().least_cosine
    hits: list[Hit] = []
    for at, row in zip(places, rows, strict=True):
        said = statements.get(index.ids[row])
        if said is None or not index.holds(row, said.text):
            continue  # it has changed since, and what it says now was not looked for
        near, told = float(found.meaning[at]), float(found.words[at])
        hits.append(
            Hit(
                statement=said,
                message=population.feedback[int(index.feedback[row])],
                theme=_theme(snapshot, index, row),
                score=float(found.score[at]),
                meaning=None if np.isnan(near) else near,
                words=told,
                found_by=_way(named=at < found.named, near=near >= least, told=told > 0),
                same=int(found.same[at]) - 1,
            )
        )
    return tuple(hits)


def _way(*, named: bool, near: bool, told: bool) -> FoundBy:
    if named:
        return "id"
    if near and told:
        return "both"
    return "meaning" if near else "words"


def _theme(snapshot: Snapshot, index: SearchIndex, row: int) -> Theme | None:
    for code in (int(index.theme[row]), int(index.parent[row])):
        if code >= 0 and index.themes[code] in snapshot.themes:
            return snapshot.themes[index.themes[code]]
    return None


def _by_theme(snapshot: Snapshot, index: SearchIndex, found: Results) -> tuple[ThemeCount, ...]:
    """As `_kept` chooses: what stands in a narrow theme stands in the broad one above it, too."""
    leaf, parent = index.theme[found.all_rows], index.parent[found.all_rows]
    living = snapshot.themes
    size = len(index.themes) + 1  # code + 1: the first is of no theme, code -1
    counts = np.bincount(leaf + 1, minlength=size)
    counts += np.bincount(np.where(parent == leaf, -1, parent) + 1, minlength=size)
    known = np.array([False, *(name in living for name in index.themes)])
    placed = known[leaf + 1] | known[parent + 1]
    by_theme = [
        (index.themes[at - 1], int(counts[at])) for at in np.flatnonzero(counts * known).tolist()
    ]
    ordered = sorted(by_theme, key=lambda pair: (-pair[1], pair[0]))
    told = [ThemeCount(snapshot.themes[name], count) for name, count in ordered]
    nowhere = int(np.count_nonzero(~placed))
    return (*told, ThemeCount(None, nowhere)) if nowhere else tuple(told)


def _by_week(population: Population, index: SearchIndex, found: Results) -> tuple[Point, ...]:
    """From the first to the last week of all feedback, without holes."""
    count = len(index.weeks)
    column = index.column[found.all_rows]
    said = np.bincount(column, minlength=count)
    speakers = population.customers[index.feedback[found.all_rows]]
    customers = np.bincount(np.unique(speakers * count + column) % count, minlength=count)
    return tuple(
        Point(name, int(customers[at]), int(said[at])) for at, name in enumerate(index.weeks)
    )


def _shown(paging: Paging, asked: str) -> int:
    """How many were shown before the page that a cursor asks for."""
    if paging.cursor is None:
        return 0
    same_question(paging.cursor, asked)
    match paging.cursor.after:
        case (int(shown), str(_)) if shown > 0:
            return shown
        case _:
            raise not_ours()


def _after(index: SearchIndex, found: Results, paging: Paging, shown: int) -> int:
    """The place after the cursor: how many were shown, if those are what is found first still.

    Scores come from places among all that is found, so a write can move any of them. As long as
    the same ones lead, in whatever order, the others are what was not shown yet.
    """
    if paging.cursor is None or paging.cursor.after[1] == _which(index, found, shown):
        return shown
    raise ProblemError(
        409,
        "results-changed",
        "what was found first has changed since the page before, so no page can follow it; "
        "leave the cursor out to start again",
    )


def _which(index: SearchIndex, found: Results, shown: int) -> str:
    """A digest of the statements in the first places, whatever their order."""
    rows = sorted(found.statement[:shown].tolist())
    return question_of([index.ids[row] for row in rows])


def _cursor(index: SearchIndex, found: Results, last: int, asked: str) -> str | None:
    if last >= found.texts or last == 0:
        return None
    return encode(Cursor(index.week, (last, _which(index, found, last)), asked))
