"""An inverted index over many short texts in four arrays, and BM25 over it.

Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond". Words that
stand in one piece in the query (a number with a point, a phrase in quotes) are looked up by the
positions of their first word, so that no text is read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.query_words import QueryWords, Unit, cut

Int32 = NDArray[np.int32]
FloatArray = NDArray[np.float64]

# Usual values; statements are short, so that neither moves much.
_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class WordIndex:
    """Texts as codes of their words.

    codes: word -> code. flat: the words of all texts one after another, shape (words,); row: the
    text of each, same shape. places: positions in `flat` sorted by code, then position; first:
    where each code's begin, shape (codes + 1,). lengths: words of each text, shape (texts,).
    """

    codes: Mapping[str, int]
    flat: Int32
    row: Int32
    places: Int32
    first: NDArray[np.int64]
    lengths: Int32

    @property
    def nbytes(self) -> int:
        """Memory of the arrays; the words themselves come on top."""
        return int(
            self.flat.nbytes
            + self.row.nbytes
            + self.places.nbytes
            + self.first.nbytes
            + self.lengths.nbytes
        )


@dataclass(frozen=True, slots=True)
class WordMatches:
    """What of a query stands in which texts.

    score: BM25, shape (texts,). share: part of the query's weight that stands there, 0..1, weighted
    by how rare each word is; words no text holds do not count. quoted: holds all phrases in quotes.
    unknown: units that stand nowhere, as typed in folded form. telling: as in `QueryWords`.
    """

    score: FloatArray
    share: FloatArray
    quoted: NDArray[np.bool_]
    unknown: tuple[str, ...]
    telling: float = 1.0


def build_word_index(texts: Iterable[str]) -> WordIndex:
    """Index texts in their order."""
    codes: dict[str, int] = {}
    flat: list[np.ndarray[tuple[int], np.dtype[np.int32]]] = []
    lengths: list[int] = []
    for text in texts:
        words = [codes.setdefault(word, len(codes)) for word in cut(text)]
        flat.append(np.array(words, dtype=np.int32))
        lengths.append(len(words))
    joined = np.concatenate(flat) if flat else np.zeros(0, dtype=np.int32)
    sizes = np.array(lengths, dtype=np.int32)
    places = np.argsort(joined, kind="stable").astype(np.int32)
    counts = np.bincount(joined, minlength=len(codes))
    return WordIndex(
        codes=codes,
        flat=joined,
        row=np.repeat(np.arange(sizes.size, dtype=np.int32), sizes),
        places=places,
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        lengths=sizes,
    )


def match_words(index: WordIndex, query: QueryWords) -> WordMatches:
    """Score all texts for a query, unit by unit in its order: same query, same bits."""
    texts = index.lengths.size
    score, share = np.zeros(texts), np.zeros(texts)
    quoted = np.ones(texts, dtype=np.bool_)
    unknown: list[str] = []
    usual = max(float(index.lengths.mean()) if texts else 0.0, 1e-9)
    whole = 0.0
    for at, unit in enumerate((*query.units, *query.phrases)):
        rows, often = _holding(index, unit)
        if at >= len(query.units):
            inside = np.zeros(texts, dtype=np.bool_)
            inside[rows] = True
            quoted &= inside
        if not rows.size:
            unknown.append(" ".join(unit))
            continue
        weight = float(np.log1p((texts - rows.size + 0.5) / (rows.size + 0.5)))
        whole += weight
        size = _K1 * (1.0 - _B + _B * index.lengths[rows] / usual)
        score[rows] += weight * often * (_K1 + 1.0) / (often + size)
        share[rows] += weight
    if whole > 0.0:
        share /= whole
    return WordMatches(
        score=score, share=share, quoted=quoted, unknown=tuple(unknown), telling=query.telling
    )


def _holding(index: WordIndex, unit: Unit) -> tuple[NDArray[np.int64], FloatArray]:
    """Texts that hold the unit in one piece, ascending, and how often."""
    known = [index.codes.get(word) for word in unit]
    nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
    if any(code is None for code in known):
        return nothing
    codes = [code for code in known if code is not None]
    rarest = min(
        range(len(codes)), key=lambda at: int(index.first[codes[at] + 1] - index.first[codes[at]])
    )
    code = codes[rarest]
    starts = index.places[index.first[code] : index.first[code + 1]].astype(np.int64) - rarest
    starts = starts[(starts >= 0) & (starts + len(codes) <= index.flat.size)]
    if len(codes) > 1:
        fits = index.row[starts] == index.row[starts + len(codes) - 1]
        for offset, other in enumerate(codes):
            fits &= index.flat[starts + offset] == other
        starts = starts[fits]
    if not starts.size:
        return nothing
    held = index.row[starts]  # ascending, as the places of a code are
    fresh = np.flatnonzero(np.concatenate([[True], held[1:] != held[:-1]]))
    times = np.diff(np.append(fresh, held.size))
    return held[fresh].astype(np.int64), times.astype(np.float64)
