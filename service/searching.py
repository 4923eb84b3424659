"""Search over the statements of a published week: an index in memory, laid out once per change.

Texts that several statements share are one row. Memory: four bytes for each number of each distinct
text's vector (384 of them: 1.5 kB), and some 12 bytes for each of its words. Measured on 300,000
distinct texts of 14 words, one thread of a busy machine: 0.53 GB; the words laid out in 12 s, with
vectors and places read from SQLite about half a minute; a matrix product 0.04 s, a question 0.07 s.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nlp.population import Population
from nlp.query_words import QueryWords
from nlp.search import Found, SearchConfig, fuse
from nlp.series import week_columns
from nlp.weeks import weeks_between
from nlp.word_index import WordIndex, WordMatches, build_word_index, match_words
from store.assignments import assignments_as_of
from store.database import Session
from store.statements import load_statements
from store.vectors import load_vectors, missing_vectors

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float32]

_NO_THEME = -1
_DEFAULT = SearchConfig()


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The statements up to `week` that say something, sorted by id, and their distinct texts.

    ids: of the statements; feedback: row of each one's message in the population it was built of;
    text: row of each one's text; theme, parent: place in `themes`, -1 for none; shape (n,).
    weeks: all weeks of the messages without holes; column: each statement's place among them.
    first: a statement of each text, the first by id. by_message: rows of messages, sorted by id.
    vectors: unit rows of the texts, shape (texts, d); (0, 0) where none of this model are stored.
    unmeant: texts without a vector, shape (texts,).
    """

    week: str
    ids: tuple[str, ...]
    feedback: IntArray
    text: IntArray
    theme: IntArray
    parent: IntArray
    themes: tuple[str, ...]
    weeks: tuple[str, ...]
    column: IntArray
    first: IntArray
    message_ids: tuple[str, ...]
    by_message: IntArray
    words: WordIndex
    vectors: FloatArray = field(repr=False)
    unmeant: BoolArray = field(repr=False)

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return int(self.vectors.nbytes + self.words.nbytes + 7 * self.text.nbytes)

    def row_of(self, statement_id: str) -> int | None:
        """The row of a statement; None when it is not in the index."""
        at = bisect_left(self.ids, statement_id)
        return at if at < len(self.ids) and self.ids[at] == statement_id else None

    def vector_of(self, row: int) -> FloatArray | None:
        """The vector of a statement's text; None where there is none."""
        text = int(self.text[row])
        return None if self.unmeant[text] else self.vectors[text]


def build_index(session: Session, population: Population, *, week: str, model: str) -> SearchIndex:
    """Lay out the statements of the population's messages.

    Args:
        population: all feedback up to `week`.
        model: digest of the encoder whose vectors are used.
    """
    position = {item.key: at for at, item in enumerate(population.feedback)}
    said = sorted(
        (
            item
            for item in load_statements(session, until_week=week)
            if item.noise is None and item.feedback_key in position
        ),
        key=lambda item: item.id,
    )
    places = assignments_as_of(session, week)
    rows: dict[str, int] = {}
    shas = [item.sha for item in said]
    text = np.array([rows.setdefault(sha, len(rows)) for sha in shas], dtype=np.int64)
    first = np.unique(text, return_index=True)[1].astype(np.int64)
    themes: dict[str, int] = {}

    def coded(theme_id: str | None) -> int:
        return _NO_THEME if theme_id is None else themes.setdefault(theme_id, len(themes))

    placed = [places.get(item.id) for item in said]
    theme = np.array([coded(one.theme_id if one else None) for one in placed], dtype=np.int64)
    parent = np.array(
        [coded(one.parent_theme_id if one else None) for one in placed], dtype=np.int64
    )
    message_ids = tuple(item.id for item in population.feedback)
    vectors, unmeant = _vectors(session, list(rows), model)
    feedback = np.array([position[item.feedback_key] for item in said], dtype=np.int64)
    weeks = weeks_between(min(population.weeks, default=week), week)
    return SearchIndex(
        week=week,
        ids=tuple(item.id for item in said),
        feedback=feedback,
        text=text,
        theme=theme,
        parent=parent,
        themes=tuple(themes),
        weeks=weeks,
        column=week_columns(population, weeks)[feedback],
        first=first,
        message_ids=message_ids,
        by_message=np.array(
            sorted(range(len(message_ids)), key=lambda at: (message_ids[at], at)), dtype=np.int64
        ),
        words=build_word_index(said[int(at)].text for at in first),
        vectors=vectors,
        unmeant=unmeant,
    )


def _vectors(session: Session, shas: Sequence[str], model: str) -> tuple[FloatArray, BoolArray]:
    missing = missing_vectors(session, model, shas)
    unmeant = np.array([sha in missing for sha in shas], dtype=np.bool_)
    if len(missing) == len(shas):
        return np.zeros((0, 0), dtype=np.float32), unmeant
    if not missing:
        return load_vectors(session, model, shas), unmeant
    known = load_vectors(session, model, [sha for sha in shas if sha not in missing])
    vectors = np.zeros((len(shas), known.shape[1]), dtype=np.float32)
    vectors[~unmeant] = known
    return vectors, unmeant


@dataclass(frozen=True, slots=True)
class Results:
    """What was found, one row for each distinct text, the best first.

    statement: row of the statement shown, the first by id of those that may be found; same: how
    many that may be found say just that; score, meaning, words: see `nlp.search.Found`; shape
    (found,). all_rows: every statement found, ascending. named: how many, from the first on, were
    asked for by id. unknown: words of the query that no statement holds.
    """

    statement: IntArray
    same: IntArray
    score: NDArray[np.float64]
    meaning: NDArray[np.float64]
    words: NDArray[np.float64]
    all_rows: IntArray
    named: int
    unknown: tuple[str, ...]


def find(
    index: SearchIndex,
    *,
    query: QueryWords | None,
    vector: FloatArray | None,
    keep: BoolArray,
    without: int | None = None,
    config: SearchConfig = _DEFAULT,
) -> Results:
    """Search by words, by meaning, or both; ids in the query come first.

    Args:
        query: its words; None for meaning only.
        vector: unit vector of what is meant; None for words only.
        keep: statements that may be found, shape (n,).
        without: a statement whose text is not to be found (what "more like this" starts from).
    """
    keep = keep.copy()
    if without is not None:
        keep &= index.text != index.text[without]
    texts = index.first.size
    kept = np.zeros(texts, dtype=np.bool_)
    kept[index.text[keep]] = True
    cosine = _cosine(index, vector)
    matches = None if query is None or query.empty else match_words(index.words, query)
    found = fuse(cosine, matches, kept, config=config)
    called = _named(index, query, keep) if query is not None else np.zeros(0, dtype=np.int64)
    rest = ~np.isin(found.rows, index.text[called])
    chosen = np.concatenate([np.unique(index.text[called]), found.rows[rest]])
    inside = np.zeros(texts, dtype=np.bool_)
    inside[chosen] = True
    all_rows = np.flatnonzero(keep & inside[index.text])
    if called.size:  # of a text asked for by id, the statement asked for is shown
        all_rows = np.union1d(all_rows, called)
    showing = np.full(texts, -1, dtype=np.int64)
    showing[index.text[all_rows][::-1]] = all_rows[::-1]
    showing[index.text[called][::-1]] = called[::-1]
    count = np.bincount(index.text[all_rows], minlength=texts)
    named = chosen.size - int(rest.sum())
    meaning, told = _of_named(cosine, matches, chosen[:named], found, rest)
    score = np.concatenate([np.ones(named), found.score[rest]])
    statement = showing[chosen]
    order = np.lexsort((statement, -score))  # rows of statements are in the order of their ids
    return Results(
        statement=statement[order],
        same=count[chosen].astype(np.int64)[order],
        score=score[order],
        meaning=meaning[order],
        words=told[order],
        all_rows=all_rows,
        named=named,
        unknown=matches.unknown if matches else (),
    )


def _cosine(index: SearchIndex, vector: FloatArray | None) -> FloatArray | None:
    if vector is None or not index.vectors.size:
        return None
    cosine = index.vectors @ np.ascontiguousarray(vector, dtype=np.float32)
    cosine[index.unmeant] = np.nan
    return np.asarray(cosine, dtype=np.float32)


def _of_named(
    cosine: FloatArray | None,
    matches: WordMatches | None,
    head: IntArray,
    found: Found,
    rest: BoolArray,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cosine and BM25 of those asked for by id, then of the others."""
    near = np.full(head.size, np.nan) if cosine is None else np.round(cosine[head], 5)
    told = np.zeros(head.size) if matches is None else np.round(matches.score[head], 5)
    return (
        np.concatenate([near.astype(np.float64), found.meaning[rest]]),
        np.concatenate([told, found.words[rest]]),
    )


def _named(index: SearchIndex, query: QueryWords, keep: BoolArray) -> IntArray:
    """Rows of the statements that the query's words name: by their id, or by their message's."""
    rows: set[int] = set()
    for name in query.names:
        own = index.row_of(name)
        if own is not None:
            rows.add(own)
        rows.update(_of_message(index, f"{name}#"))
        at = bisect_left(index.by_message, name, key=lambda i: index.message_ids[int(i)])
        messages = []
        while at < index.by_message.size and index.message_ids[int(index.by_message[at])] == name:
            messages.append(int(index.by_message[at]))
            at += 1
        if messages:
            rows.update(np.flatnonzero(np.isin(index.feedback, messages)).tolist())
    return np.array(sorted(row for row in rows if keep[row]), dtype=np.int64)


def _of_message(index: SearchIndex, start: str) -> range:
    """Rows of the statements of one message, named by source and id as it stands on pages."""
    first = bisect_left(index.ids, start)
    after = first
    while after < len(index.ids) and index.ids[after].startswith(start):
        after += 1
    return range(first, after)
