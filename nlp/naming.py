"""Names for themes in customers' words: a phrase they use here, and hardly anywhere else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from nlp.encoding import Encode
from nlp.neighbours import FloatArray

_WORD = re.compile(r"[^\W\d_](?:[\w'\u2019-]*\w)?", re.UNICODE)
_BREAK = re.compile(r"\[[A-Z_]+\]|(?i:https?)://\S+|[.!?;:,()\"“”…\n|/]+")
_HIDDEN = re.compile(r"\[[A-Z_]+\]|(?i:https?)://\S+")
# Words that open or close a sentence in any theme and say nothing about this one.
_FILLER = frozenset(
    """please thanks thank hi hello dear hey ok okay yes really just still also even like got get
    gets getting im i'm ive i've don't dont can't cant doesn't doesnt won't didn't didnt isn't
    want wanted need needs know tell think says said going went would could should thing things way
    lot make makes made let use used using user customer customers called caller calls asked asks
    someone something anything everything one two day today time week now new good bad issue
    issues problem problems help there's it's that's you're we're what's""".split()  # noqa: SIM905
)
_STOP = frozenset(ENGLISH_STOP_WORDS) | _FILLER
_NEGATIONS = frozenset({"not", "no", "never", "without", "can't", "won't", "doesn't", "isn't"})


@dataclass(frozen=True, slots=True)
class NamingConfig:
    """What makes a good name."""

    longest: int = 5  # words; two to six read well in a table
    least_texts: int = 2  # that a distinctive word stands in; once may be a slip of the pen
    shortest: int = 2
    candidates: int = 120  # phrases whose meaning is compared with the theme's
    terms: int = 6


@dataclass(frozen=True, slots=True)
class Name:
    """A label with the reason for it and the theme's distinctive terms."""

    label: str
    reason: str
    terms: tuple[str, ...]


def phrase_counts(texts: Collection[str], *, longest: int = 5) -> Counter[str]:
    """In how many of the texts each phrase of one to `longest` words occurs."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(_phrases(text, longest)))
    return counts


def _phrases(text: str, longest: int) -> list[str]:
    found: list[str] = []
    for piece in _BREAK.split(text.replace("\u2019", "'")):
        words = _WORD.findall(piece.lower())
        for start, first in enumerate(words):
            if first in _STOP and first not in _NEGATIONS:
                continue
            for end in range(start + 1, min(start + longest, len(words)) + 1):
                last = words[end - 1]
                if last in _STOP or (end - start == 1 and len(first) < 3):
                    continue
                found.append(" ".join(words[start:end]))
    return found


def name_theme(
    texts: Sequence[str],
    centroid: FloatArray,
    *,
    background: Mapping[str, int],
    background_texts: int,
    encode: Encode,
    taken: Collection[str] = (),
    config: NamingConfig | None = None,
) -> Name:
    """The phrase nearest to the theme's meaning, of words that are frequent here, rare elsewhere.

    score = cos(phrase, centroid)^2 x mean distinctiveness of its words x texts that say it ^ 0.25
    distinctiveness = log(share here / share everywhere) x share here ^ 0.3

    Args:
        texts: the theme's distinct texts.
        centroid: the theme's mean direction, shape (d,).
        background: phrase -> number of texts it occurs in, over the whole corpus.
        taken: labels of other themes, which may not be given twice.
    """
    config = config or NamingConfig()
    here = phrase_counts(texts, longest=config.longest)
    words = {
        word: _distinct(count / len(texts), background.get(word, 0) / background_texts)
        for word, count in here.items()
        if " " not in word and count >= min(config.least_texts, len(texts))
    }
    terms = tuple(sorted(words, key=lambda word: (-words[word], word)))[: config.terms]
    rated = sorted(
        (
            (_rating(phrase, words) * count**0.25, phrase)
            for phrase, count in here.items()
            if len(phrase.split()) >= config.shortest
        ),
        key=lambda item: (-round(item[0], 9), item[1]),
    )[: config.candidates]
    if rated:
        closeness = np.maximum(encode([phrase for _, phrase in rated]) @ centroid, 0.0) ** 2
        scored = sorted(
            (
                (-round(float(close) * rating, 6), phrase)
                for (rating, phrase), close in zip(rated, closeness, strict=True)
            ),
        )
        for score, phrase in scored:
            if score < 0 and _display(phrase) not in taken:
                return Name(
                    _display(phrase),
                    f"nearest in meaning of {len(here)} phrases; said in {here[phrase]} of "
                    f"{len(texts)} texts here, in {background.get(phrase, 0)} of "
                    f"{background_texts} everywhere",
                    terms,
                )
    return _from_terms(terms, texts, taken)


def _rating(phrase: str, words: Mapping[str, float]) -> float:
    content = [word for word in phrase.split() if word not in _STOP]
    return sum(words.get(word, 0.0) for word in content) / max(1, len(content))


def _from_terms(terms: tuple[str, ...], texts: Sequence[str], taken: Collection[str]) -> Name:
    first = " ".join(_HIDDEN.sub(" ", texts[0]).split()[:6]) or "Unnamed"
    label = _display(", ".join(terms[:3]) if terms else first)
    number = 2
    unique = label
    while unique in taken:
        unique = f"{label} ({number})"
        number += 1
    return Name(unique, "no phrase is shared by enough texts; most distinctive words", terms)


def _distinct(here: float, everywhere: float) -> float:
    lift = float(np.log(here / max(everywhere, 1e-9))) if here else 0.0
    return max(lift, 0.0) * float(here**0.3)


def _display(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]
