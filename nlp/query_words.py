"""Words of a search: how texts and queries are cut alike, and where a query's words stand in one.

Case, width and compatibility forms are folded (NFKC), runs of letters and digits are words, and a
plural's s goes (the S-stemmer: Harman 1991), so that "refunds" finds "refund". A query word that is
cut in several ("4.2", "ERR-402", "desk/1842#0") is looked for in one piece.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nlp.function_words import FUNCTION_WORDS

_WORD = re.compile(r"[^\W_]+(?:['’](?:s|t|ve|re|ll|d|m)\b)?", re.IGNORECASE)
_PHRASE = re.compile(r'["“”]([^"“”]*)["“”]')
_WHITE = re.compile(r"\s+")
# So many words of a query count; nobody types more, and a pasted page would only be slow.
_MOST_WORDS = 64

Unit = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueryWords:
    """A query cut in words. `units` may be there, `phrases` (in quotes) must; each in one piece.

    names: the query's words as typed: they may be ids. telling: part of the words typed that are no
    function words; "can't log in" is told by one of its three.
    """

    units: tuple[Unit, ...]
    phrases: tuple[Unit, ...]
    names: tuple[str, ...] = ()
    telling: float = 1.0

    @property
    def empty(self) -> bool:
        """Whether there is no word to look for."""
        return not self.units and not self.phrases


@lru_cache(maxsize=1 << 16)  # texts are made of the same words over and over
def fold(word: str) -> str:
    """One word in the form it is compared in."""
    plain = word.casefold()
    for mark in ("'s", "’s"):
        plain = plain.removesuffix(mark)
    plain = plain.replace("’", "'")
    if len(plain) < 4 or not plain.endswith("s") or plain.endswith(("ss", "us", "is")):
        return plain
    if plain.endswith("ies") and not plain.endswith(("eies", "aies")):
        return f"{plain[:-3]}y"
    return plain[:-1]


def cut(text: str) -> list[str]:
    """The words of a text, folded, in their order."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return [fold(word) for word in _WORD.findall(plain)]


def read_query(text: str) -> QueryWords:
    """What a query asks for. Function words count in quotes, or where there is nothing else."""
    quoted = [found for match in _PHRASE.findall(text) if (found := tuple(cut(match)))]
    typed = [word for word in _WHITE.split(_PHRASE.sub(" ", text)) if word][:_MOST_WORDS]
    units = list(dict.fromkeys(unit for word in typed if (unit := tuple(cut(word)))))
    telling = [unit for unit in units if not all(map(_is_function, unit))]
    part = len(telling) / len(units) if telling and not quoted else 1.0
    if not telling and not quoted:
        telling = units
    return QueryWords(
        units=tuple(telling),
        phrases=tuple(dict.fromkeys(quoted))[:_MOST_WORDS],
        names=tuple(dict.fromkeys(typed)),
        telling=part,
    )


def _is_function(word: str) -> bool:
    """Whether a folded word is a function word, contracted ("can't", "we've", "doesn't") or not."""
    before, mark, _ = word.partition("'")
    parts = {word, before, fold(before.removesuffix("n"))} if mark else {word}
    return not parts.isdisjoint(_FOLDED)


def holds_all(text: str, query: QueryWords) -> bool:
    """Whether a text holds every unit and every phrase of the query."""
    words = cut(text)
    return all(_within(words, unit) for unit in (*query.units, *query.phrases))


def word_spans(text: str, query: QueryWords) -> list[tuple[int, int]]:
    """Where the query's units and phrases stand in a text: (start, end) offsets, in order.

    Words are found in the text as it is; where folding the whole text would change its length
    (ligatures, full width), a word is folded by itself.
    """
    places = [
        (match.start(), match.end(), fold(unicodedata.normalize("NFKC", match[0])))
        for match in _WORD.finditer(text)
    ]
    words = [word for _, _, word in places]
    found = {
        (places[at][0], places[at + len(unit) - 1][1])
        for unit in (*query.units, *query.phrases)
        for at in _starts(words, unit)
    }
    return sorted(found)


def _within(words: Sequence[str], unit: Unit) -> bool:
    return next(_starts(words, unit), None) is not None


def _starts(words: Sequence[str], unit: Unit) -> Iterator[int]:
    size = len(unit)
    for at, word in enumerate(words):
        if word == unit[0] and tuple(words[at : at + size]) == unit:
            yield at


_FOLDED = frozenset(fold(word) for word in FUNCTION_WORDS)
