"""Search over the statements of a published week: an index in memory, laid out once per change.

Texts that several statements share are one row. Memory: five bytes for each number of each distinct
text's vector (384 of them: 1.9 kB; the fifth is for a first look, see `nlp.coarse`), and some 12
bytes for each of its words. Measured on 287,000 distinct texts, on a busy machine: 0.58 GB (0.47
without the first look), laid out in half a minute; while the next one is, both are there. A
question takes 10 ms beside the 9 of its embedding: 5 for the first look, 1 for the words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nlp.nearness import Nearness
from nlp.population import Population
from nlp.query_words import QueryWords, cut
from nlp.search import Found, SearchConfig, gather, leading
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
# From so many texts on, a first look at vectors in bytes is worth its memory: below, all of them
# are looked at in a millisecond.
_COARSE_FROM = 20_000
_DEFAULT = SearchConfig()


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The statements up to `week` that say something, sorted by id, and their distinct texts.

    ids: of the statements; feedback: row of each one's message in the population it was built of;
    text: row of each one's text; theme, parent: place in `themes`, -1 for none; shape (n,).
    weeks: all weeks of the messages without holes; column: each statement's place among them.
    first: a statement of each text, the first by id. by_message: rows of messages, sorted by id.
    vectors: unit rows of the texts, shape (texts, d); (0, 0) where none of this model are stored.
    unmeant: texts without a vector, shape (texts,). may_reach, coarse_bytes: a first look at the
    vectors, see `nlp.coarse`, and its memory; None and 0 where there are few, or this machine
    cannot.
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
    may_reach: Callable[[FloatArray, float], BoolArray] | None = field(default=None, repr=False)
    coarse_bytes: int = 0

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        vectors = self.vectors.nbytes + self.coarse_bytes
        return int(vectors + self.words.nbytes + 7 * self.text.nbytes)

    def row_of(self, statement_id: str) -> int | None:
        """The row of a statement; None when it is not in the index."""
        at = bisect_left(self.ids, statement_id)
        return at if at < len(self.ids) and self.ids[at] == statement_id else None

    def vector_of(self, row: int) -> FloatArray | None:
        """The vector of a statement's text; None where there is none."""
        text = int(self.text[row])
        return None if self.unmeant[text] else self.vectors[text]

    def holds(self, row: int, text: str) -> bool:
        """Whether a statement says these words still; it may have changed since."""
        ends = np.array([self.text[row], self.text[row] + 1], dtype=self.words.row.dtype)
        start, after = np.searchsorted(self.words.row, ends)
        codes = [self.words.codes.get(word, -1) for word in cut(text)]
        return bool(codes == self.words.flat[start:after].tolist())


def build_index(
    session: Session,
    population: Population,
    *,
    week: str,
    model: str,
    check: Callable[[], None] = lambda: None,
) -> SearchIndex:
    """Lay out the statements of the population's messages.

    Args:
        population: all feedback up to `week`.
        model: digest of the encoder whose vectors are used.
        check: called now and then; what it raises ends the work.
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
    check()
    places = assignments_as_of(session, week)
    check()
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
    check()
    may_reach, coarse_bytes = _first_look(vectors)
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
        words=build_word_index(_checked((said[int(at)].text for at in first), check)),
        vectors=vectors,
        unmeant=unmeant,
        may_reach=may_reach,
        coarse_bytes=coarse_bytes,
    )


def _checked(texts: Iterator[str], check: Callable[[], None]) -> Iterator[str]:
    for text in texts:
        check()
        yield text


def _first_look(
    vectors: FloatArray,
) -> tuple[Callable[[FloatArray, float], BoolArray] | None, int]:
    if len(vectors) < _COARSE_FROM:
        return None, 0
    # Here, not above: it needs torch, and a server with little to search does without.
    from nlp.coarse import build_coarse, may_reach  # noqa: PLC0415

    coarse = build_coarse(vectors)
    return (None, 0) if coarse is None else (partial(may_reach, coarse), coarse.nbytes)


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
    (shown,): no more than were asked for. texts: how many were found. all_rows: every statement
    found, ascending. named: how many, from the first on, were asked for by id. unknown: words of
    the query that no statement holds.
    """

    statement: IntArray
    same: IntArray
    score: NDArray[np.float64]
    meaning: NDArray[np.float64]
    words: NDArray[np.float64]
    texts: int
    all_rows: IntArray
    named: int
    unknown: tuple[str, ...]


def find(
    index: SearchIndex,
    *,
    query: QueryWords | None,
    vector: FloatArray | None,
    keep: BoolArray | None = None,
    without: int | None = None,
    most: int | None = None,
    config: SearchConfig = _DEFAULT,
) -> Results:
    """Search by words, by meaning, or both; ids in the query come first.

    Args:
        query: its words; None for meaning only.
        vector: unit vector of what is meant; None for words only.
        keep: statements that may be found, shape (n,); None for all.
        without: a statement whose text is not to be found (what "more like this" starts from).
        most: so many are put in order; None for all.
    """
    texts = index.first.size
    kept = None
    if keep is not None:
        kept = np.zeros(texts, dtype=np.bool_)
        kept[index.text[keep]] = True
    if without is not None:
        kept = np.ones(texts, dtype=np.bool_) if kept is None else kept
        kept[index.text[without]] = False
    meant = _nearness(index, vector)
    matches = None if query is None or query.empty else match_words(index.words, query)
    found = gather(meant, matches, kept, config=config)
    called = _named(index, query, keep) if query is not None else np.zeros(0, dtype=np.int64)
    if without is not None:
        called = called[index.text[called] != index.text[without]]
    chosen, named = _with_named(index, found, called, meant, matches)
    inside = np.zeros(texts, dtype=np.bool_)
    inside[chosen.rows] = True
    said = inside[index.text]
    all_rows = np.flatnonzero(said if keep is None else said & keep)
    showing = index.first
    if keep is not None or called.size:
        showing = np.full(texts, -1, dtype=np.int64)
        showing[index.text[all_rows][::-1]] = all_rows[::-1]
        # Of a text asked for by id, the statement asked for is shown.
        showing[index.text[called][::-1]] = called[::-1]
    count = np.bincount(index.text[all_rows], minlength=texts)
    statement = showing[chosen.rows]
    order = leading(chosen.score, statement, most=most)  # rows of statements go by their ids
    first = chosen.at(order)
    return Results(
        statement=statement[order],
        same=count[first.rows].astype(np.int64),
        score=first.score,
        meaning=first.meaning,
        words=first.words,
        texts=chosen.rows.size,
        all_rows=all_rows,
        named=named,
        unknown=matches.unknown if matches else (),
    )


def _nearness(index: SearchIndex, vector: FloatArray | None) -> Nearness | None:
    if vector is None or not index.vectors.size:
        return None
    return Nearness(
        index.vectors,
        np.ascontiguousarray(vector, dtype=np.float32),
        index.unmeant if index.unmeant.any() else None,
        index.may_reach,
    )


def _with_named(
    index: SearchIndex,
    found: Found,
    called: IntArray,
    meant: Nearness | None,
    matches: WordMatches | None,
) -> tuple[Found, int]:
    """The texts asked for by id, with a score of 1, then the others found; how many were."""
    if not called.size:
        return found, 0
    head = np.unique(index.text[called])
    near = np.full(head.size, np.nan) if meant is None else meant.of(head).astype(np.float64)
    told = np.zeros(head.size) if matches is None else matches.score[head]
    rest = found.at(np.flatnonzero(~np.isin(found.rows, head)))
    joined = Found(
        np.concatenate([head, rest.rows]),
        np.concatenate([np.ones(head.size), rest.score]),
        np.concatenate([np.round(near, 5), rest.meaning]),
        np.concatenate([np.round(told, 5), rest.words]),
    )
    return joined, head.size


def _named(index: SearchIndex, query: QueryWords, keep: BoolArray | None) -> IntArray:
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
    return np.array(sorted(row for row in rows if keep is None or keep[row]), dtype=np.int64)


def _of_message(index: SearchIndex, start: str) -> range:
    """Rows of the statements of one message, named by source and id as it stands on pages."""
    first = bisect_left(index.ids, start)
    after = first
    while after < len(index.ids) and index.ids[after].startswith(start):
        after += 1
    return range(first, after)
