"""How well search finds: meaning, words and both, on labelled texts. `make bench-search`.

Three kinds of question, none of them a text of the index:
alike: held-out texts; relevant is what carries one of the same labels (precision@10).
named: the labels' own names, as one would type them; relevant is what carries the label.
known item: the three rarest words of an indexed text; relevant is that text alone (found@10).

The weights of `nlp.search.SearchConfig` were chosen on sumo; the others had no part in it.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.encoding import FloatArray
from nlp.nearness import Nearness
from nlp.query_words import cut, read_query
from nlp.search import SearchConfig, fuse
from nlp.word_index import WordIndex, build_word_index, match_words
from tests.bench.corpora import Corpus, shared_corpora
from tests.bench.vectors import cached_encoder

TOP = 10
_QUERIES = 300
_SEED = 20260301
_METHODS = ("words", "meaning", "both")


@dataclass(frozen=True, slots=True)
class Question:
    """A query, its vector, and which rows of the index answer it."""

    text: str
    vector: FloatArray
    relevant: frozenset[int]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Texts to search: an index of words and a matrix of vectors."""

    words: WordIndex
    vectors: FloatArray


def answer(shelf: Shelf, question: Question, *, method: str, config: SearchConfig) -> list[int]:
    """The first ten rows by one method."""
    meant = None if method == "words" else Nearness(shelf.vectors, question.vector)
    words = None if method == "meaning" else match_words(shelf.words, read_query(question.text))
    found: NDArray[np.int64] = fuse(meant, words, config=config).rows
    return [int(row) for row in found[:TOP]]


def precision(
    shelf: Shelf, questions: Sequence[Question], *, method: str, config: SearchConfig
) -> float:
    """Mean part of the ten places that hold a relevant row; an empty place counts as wrong.

    Where fewer than ten rows are relevant, the part of as many places.
    """
    hits = [
        len(question.relevant.intersection(answer(shelf, question, method=method, config=config)))
        / min(TOP, len(question.relevant))
        for question in questions
    ]
    return float(np.mean(hits)) if hits else float("nan")


def measure(corpus: Corpus, *, cache: Path, config: SearchConfig) -> dict[str, dict[str, float]]:
    """Kind of question -> method -> precision."""
    encode = cached_encoder(cache)
    random = np.random.default_rng(_SEED)
    order = random.permutation(len(corpus.texts))
    asked = sorted(order[: min(_QUERIES, len(order) // 5)].tolist())
    kept = sorted(order[len(asked) :].tolist())
    texts = [corpus.texts[row] for row in kept]
    shelf = Shelf(build_word_index(texts), encode(texts))
    labels = [corpus.labels[row] for row in kept]

    def carrying(names: frozenset[str]) -> frozenset[int]:
        return frozenset(at for at, own in enumerate(labels) if own & names)

    alike = [(corpus.texts[row], carrying(corpus.labels[row])) for row in asked]
    named = [
        (re.sub(r"[\W_]+", " ", name).strip(), carrying(frozenset({name}))) for name in corpus.names
    ]
    often = Counter(word for text in texts for word in set(cut(text)))
    items = [
        (" ".join(sorted(set(cut(texts[at])), key=lambda word: (often[word], word))[:3]), {at})
        for at in sorted(random.permutation(len(texts))[:_QUERIES].tolist())
    ]
    found: dict[str, dict[str, float]] = {}
    for kind, pairs in (
        ("alike", alike),
        ("named", named),
        ("known item", [(text, frozenset(rows)) for text, rows in items]),
    ):
        told = [(text, rows) for text, rows in pairs if rows and text]
        vectors = encode([text for text, _ in told])
        questions = [
            Question(text, vector, rows) for (text, rows), vector in zip(told, vectors, strict=True)
        ]
        found[kind] = {
            method: precision(shelf, questions, method=method, config=config) for method in _METHODS
        }
    return found


def corpora() -> list[Corpus]:
    """Those with labels that name what is said."""
    return [one for one in shared_corpora(target="bench-search") if one.kind == "intents"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="make bench-search", description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(".groundswell") / "bench")
    parser.add_argument("--only", help="one corpus by name")
    parser.add_argument("--words-weight", type=float, default=SearchConfig().words_weight)
    given = parser.parse_args(arguments)
    config = replace(SearchConfig(), words_weight=given.words_weight)
    print(f"{'corpus':12} {'question':12} " + " ".join(f"{name:>8}" for name in _METHODS))
    for corpus in corpora():
        if given.only in {None, corpus.name}:
            for kind, by in measure(corpus, cache=given.cache, config=config).items():
                print(f"{corpus.name:12} {kind:12} " + " ".join(f"{by[m]:8.3f}" for m in _METHODS))


if __name__ == "__main__":
    main()
