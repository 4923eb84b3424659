"""Names for themes in customers' words: said here, meant here, and of no other theme."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from nlp.encoding import Encode
from nlp.function_words import NEGATIONS
from nlp.neighbours import FloatArray
from nlp.phrases import (
    PARTICLES,
    SUBJECTS,
    Phrases,
    clauses,
    in_one_language,
    is_content,
    phrases,
    spoken,
)
from nlp.records import text_sha

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class NamingConfig:
    """What makes a good name."""

    longest: int = 6  # words; two to six read well in a table
    shortest: int = 2
    least_texts: int = 2  # that a distinctive word stands in; once may be a slip of the pen
    most_texts: int = 400  # of a theme that are read: bounds the cost of a very large one
    background: int = 5_000  # statements that tell what is said everywhere: 1 in 5,000 is rare
    candidates: int = 120  # phrases whose meaning is compared with the themes'
    # Share of the nearness to the nearest other theme that is taken off. Share of names nearest
    # to the own intent's, without it / .5 / .9, on groups of Banking77: .71 / .77 / .78, of NHS
    # comments: .30 / .32 / .41, of the sample's tickets: .52 / .70 / .74.
    contrast: float = 0.9
    # What an e-fold of frequency weighs, in cosines: it decides between phrases that mean the same.
    frequency: float = 0.03
    # The whole phrase, said again and again, counts a little more: one customer's turn of phrase is
    # no name. From .02 on it cost more names than it saved.
    exact: float = 0.01
    # Of two names that mean the same, the short one, and the one that is no clause. This is for the
    # reader: the mean share over eight sets of groups was .65 with and without.
    wordy: float = 0.02  # for each word above three
    clause: float = 0.04  # for each "I", "you", "that"
    terms: int = 6


@dataclass(frozen=True, slots=True)
class Name:
    """A label with the reason for it and the theme's distinctive terms."""

    label: str
    reason: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Background:
    """What is said everywhere: a name must stand out against it.

    `words`: word -> number of `texts` it occurs in. A text is its clauses, padded with spaces.
    """

    words: Mapping[str, int]
    texts: tuple[str, ...]

    def said(self, phrase: str) -> int:
        """In how many of the texts the phrase occurs."""
        return sum(f" {phrase} " in text for text in self.texts)


def background(texts: Iterable[str]) -> Background:
    """The words of the corpus, or of a fair sample of it; copies of a text count once."""
    laid_out = tuple(_laid_out(text) for text in sorted(set(texts)))
    words: Counter[str] = Counter()
    for text in laid_out:
        words.update(set(text.split()))
    return Background(words, laid_out)


def spread(items: Sequence[Item], most: int) -> Sequence[Item]:
    """At most so many of the items, evenly over their order."""
    return items[:: max(1, -(-len(items) // most))]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The names a theme could have, best first, and how good any other would be."""

    names: tuple[tuple[float, str], ...]  # (score, phrase in lower case)
    terms: tuple[str, ...]
    texts: tuple[str, ...]
    _read: _Reading = field(repr=False)

    def best(self, taken: Collection[str] = ()) -> tuple[float, str] | None:
        """The best (score, label) that no theme of `taken` has, not even in another form."""
        used = {label_key(label) for label in taken}
        for score, phrase in self.names:
            if label_key(phrase) not in used:
                return score, written(phrase, self.texts)
        return None

    def score(self, label: str) -> float:
        """How good any label is, by the same measure."""
        return self._read.scores([" ".join(_laid_out(label).split()) or label.lower()])[0]

    def reason(self, label: str) -> str:
        """Why a label was chosen, in numbers."""
        phrase, everywhere = label.lower(), self._read.background
        here = sum(f" {phrase} " in _laid_out(text) for text in self.texts)
        return (
            f"of {len(self.names)} phrases nearest to this theme and far from others; said in "
            f"{here} of {len(self.texts)} texts here, in {everywhere.said(phrase)} of "
            f"{len(everywhere.texts)} read everywhere"
        )


def name_theme(
    texts: Sequence[str],
    centroid: FloatArray,
    *,
    background: Background,
    encode: Encode,
    others: FloatArray | None = None,
    taken: Collection[str] = (),
    config: NamingConfig | None = None,
) -> Name:
    """The whole phrase that means this theme and no other, of words frequent here, rare elsewhere.

    Args:
        texts: the theme's distinct texts.
        centroid: the theme's mean direction, shape (d,).
        background: what is said everywhere.
        others: mean directions of the other themes, shape (m, d).
        taken: labels of other themes, which may not be given twice.
    """
    ranking = rank_names(
        texts, centroid, background=background, encode=encode, others=others, config=config
    )
    best = ranking.best(taken)
    if best is None:
        return _from_terms(ranking.terms, ranking.texts, taken)
    return Name(best[1], ranking.reason(best[1]), ranking.terms)


def rank_names(
    texts: Sequence[str],
    centroid: FloatArray,
    *,
    background: Background,
    encode: Encode,
    others: FloatArray | None = None,
    config: NamingConfig | None = None,
) -> Ranking:
    """All candidates by score; arguments as in `name_theme`.

    score = cos(phrase, theme) - contrast x cos(phrase, nearest other theme)
            + frequency x log(rate x texts with its words ^ 0.25 x wholeness ^ 0.5)
            + exact x log(texts that say it) - wordy x words above three - clause x pronouns
    rate = mean over its content words of log(share here / share everywhere) x share here ^ 0.3
    wholeness = share of its occurrences that are no piece of a longer phrase
    """
    config = config or NamingConfig()
    chosen = sorted(set(texts), key=text_sha)[: config.most_texts]
    reading = _Reading.of(
        in_one_language(chosen),
        centroid=centroid,
        others=others,
        background=background,
        encode=encode,
        config=config,
    )
    pool = sorted(
        (
            (-round(reading.frequency(phrase), 9), phrase)
            for phrase in reading.said.texts
            if len(phrase.split()) >= config.shortest and reading.rate(phrase) > 0
        ),
    )[: config.candidates]
    names = [phrase for _, phrase in pool]
    scored = sorted(zip((-score for score in reading.scores(names)), names, strict=True))
    terms = sorted(reading.words, key=lambda word: (-reading.words[word], word))
    return Ranking(
        tuple((-score, phrase) for score, phrase in scored),
        tuple(terms[: config.terms]),
        tuple(chosen),
        reading,
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    said: Phrases
    words: Mapping[str, float]  # how distinctive each is
    rows: Mapping[str, frozenset[int]]  # the texts each stands in
    centroid: FloatArray
    others: FloatArray
    background: Background
    encode: Encode
    config: NamingConfig

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        *,
        centroid: FloatArray,
        others: FloatArray | None,
        background: Background,
        encode: Encode,
        config: NamingConfig,
    ) -> _Reading:
        said = phrases(texts, longest=config.longest)
        rows: dict[str, set[int]] = {}
        for row, text in enumerate(texts):
            for word in _laid_out(text).split():
                rows.setdefault(word, set()).add(row)
        least = min(config.least_texts, len(texts))
        everywhere = max(len(background.texts), len(texts))
        words = {
            word: _distinct(count, len(texts), background.words.get(word, 0), everywhere)
            for word, count in said.texts.items()
            if " " not in word and count >= least
        }
        kept = {word: frozenset(found) for word, found in rows.items()}
        if others is None:
            others = np.zeros((0, len(centroid)), np.float32)
        return cls(said, words, kept, centroid, others, background, encode, config)

    def rate(self, phrase: str) -> float:
        content = [word for word in phrase.split() if is_content(word)]
        return sum(self.words.get(word, 0.0) for word in content) / max(1, len(content))

    def frequency(self, phrase: str) -> float:
        """How much it is said here: its words in one text, and itself as a whole."""
        content = [word for word in phrase.split() if is_content(word)]
        found = [self.rows.get(word, frozenset[int]()) for word in content]
        texts = len(frozenset.intersection(*found)) if found else 0
        return self.rate(phrase) * float(texts**0.25 * self.said.whole(phrase) ** 0.5)

    def scores(self, names: Sequence[str]) -> list[float]:
        if not names:
            return []
        vectors = self.encode(names)
        nearness = vectors @ self.centroid
        if len(self.others):
            nearness = nearness - self.config.contrast * np.maximum(
                (vectors @ self.others.T).max(axis=1), 0.0
            )
        return [
            round(float(near) + self._form(name), 6)
            for near, name in zip(nearness, names, strict=True)
        ]

    def _form(self, name: str) -> float:
        words, config = name.split(), self.config
        return (
            # No phrase of these texts is rarer than this; a label of other words counts as one.
            config.frequency * math.log(max(self.frequency(name), 1e-3))
            + config.exact * math.log(max(self.said.texts[name], 1))
            - config.wordy * max(0, len(words) - 3)
            - config.clause * sum(word in SUBJECTS for word in words)
        )


def label_key(label: str) -> str:
    """Equal for labels that a reader would take for one: but for case, plural, little words."""
    words = _laid_out(label).split()
    words = ["not" if word in NEGATIONS else word for word in words]
    kept = PARTICLES | {"not"}
    content = [word for word in words if is_content(word) or word in kept] or words
    return " ".join(
        sorted({word[:-1] if len(word) > 3 and word.endswith("s") else word for word in content})
    ) or " ".join(label.lower().split())


def written(phrase: str, texts: Iterable[str]) -> str:
    """A phrase with each word in the letters that most customers use for it: iOS, VPN, PayPal."""
    wanted = dict.fromkeys(phrase.split())
    forms: dict[str, Counter[str]] = {word: Counter() for word in wanted}
    for text in texts:
        if text.isupper():
            continue
        for words in clauses(text):
            for at, word in enumerate(words):
                # The first word of a sentence has its capital from there.
                if word.lower() in forms and (at or word[1:] != word[1:].lower()):
                    forms[word.lower()][word] += 1
    shown = [
        "I"
        if word == "i"
        else min(forms[word], key=lambda form: (-forms[word][form], form), default=word)
        for word in phrase.split()
    ]
    label = " ".join(shown)
    plain = shown[0] == shown[0].lower()
    return label[:1].upper() + label[1:] if plain else label


def _laid_out(text: str) -> str:
    return " " + " | ".join(" ".join(words).lower() for words in clauses(text)) + " "


def _from_terms(terms: tuple[str, ...], texts: Sequence[str], taken: Collection[str]) -> Name:
    first = " ".join(spoken(texts[0]).split()[:6]) if texts else ""
    listed = ", ".join([written(term, texts) for term in terms[:1]] + [*terms[1:3]])
    label = listed or first or "Unnamed"
    number = 2
    unique = label[:1].upper() + label[1:]
    used = {one.lower() for one in taken}
    while unique.lower() in used:
        unique = f"{label[:1].upper()}{label[1:]} ({number})"
        number += 1
    return Name(unique, "no phrase is shared by enough texts; most distinctive words", terms)


def _distinct(here: int, texts_here: int, everywhere: int, texts: int) -> float:
    share = here / texts_here
    # A sample may lack what is said here.
    lift = math.log(share * texts / max(everywhere, here))
    return float(max(lift, 0.0) * share**0.3)
