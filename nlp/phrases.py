"""Phrases of one to a few words as customers say them, and whether they are whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nlp.function_words import FUNCTION_WORDS, NEGATIONS, POINTERS, language_of, words_of

_WORD = re.compile(r"[^\W\d_](?:[\w'\u2019&+.-]*[\w+])?", re.UNICODE)
_HIDDEN = re.compile(r"\[[A-Z_]+\]|(?i:https?|ftp)://\S+|\S+@\S+|&\w{2,6};|</?\w[^>]{0,80}>")
# A number ends a phrase, too: "after 3 working days" is not "after working days".
_BREAK = re.compile(
    r"\[[A-Z_]+\]|(?i:https?|ftp)://\S+|\S+@\S+|&\w{2,6};|</?\w[^>]{0,80}>"
    r"|\.(?![a-z])|[!?;:,()\[\]{}<>\"“”„«»…\n\r\t|/\\*=#~^`•]+|(?:^|(?<=\s))[-–—]+(?=\s|$)"
    r"|(?<![^\W_])[$€£]?\d[\d.,:%]*(?:st|nd|rd|th|am|pm|k|%)?(?![^\W_])"
)
_MASKED = re.compile(r"(.)\1{2,}")  # "xxxx" and "aaargh" are nobody's word for a thing
_LONGEST_WORD = 24  # letters; longer ones are keys and addresses
PARTICLES = frozenset({"up", "out", "off", "back", "down"})
_WITH_IN = frozenset(
    ["log", "logs", "logged", "logging", "sign", "signs", "signed", "signing", "check", "opt"]
)
# "How long does a transfer take" without its "how" is no phrase; nor is "is it" turned round.
_ASKED = frozenset({"long", "much", "many", "often", "soon", "far"})
_AUXILIARY = words_of(
    """
    do does did will would can could should is are was were has have had may might must am be
    """
)
_DO = frozenset({"do", "does", "did"})
SUBJECTS = frozenset({"i", "you", "he", "she", "it", "we", "they", "that"})
_JOINING = frozenset({"and", "or", "but", "so"})
# They open a clause of their own: what stands before and after is not one phrase.
_CLAUSE = words_of(
    """
    how what which when where why who whose whether if because so as than though although while
    since until then being i'm it's i've i'd that's there there's
    """
)
_BEFORE_BE = words_of(
    """
    to will would can could should may might must not cannot won't can't couldn't wouldn't
    shouldn't
    """
)
_BEFORE_BEEN = frozenset({"has", "have", "had", "not", "hasn't", "haven't", "hadn't", "never"})
_LIGHT = words_of(
    """
    able trying tried try tries wanting wish hoping going gone went come came coming keep keeps
    kept start started starts stop stopped seem seems seemed look looks looking wondering happen
    happened happening sure possible currently recently actually suddenly already please able
    """
)


@dataclass(slots=True)
class Phrases:
    """What some texts say: in how many texts each phrase occurs, and how often it is a fragment.

    `uses`: occurrences; `cut_left`, `cut_right`: those with a word of content right before or
    after, within the same clause, so that the phrase is a piece of a longer one there.
    """

    texts: Counter[str] = field(default_factory=Counter)
    uses: Counter[str] = field(default_factory=Counter)
    cut_left: Counter[str] = field(default_factory=Counter)
    cut_right: Counter[str] = field(default_factory=Counter)

    def whole(self, phrase: str) -> float:
        """Share of its occurrences that are no fragment, left times right (Laplace: none is 0)."""
        uses = self.uses[phrase] + 1
        left, right = (1 - cut[phrase] / uses for cut in (self.cut_left, self.cut_right))
        return left * right


def clauses(text: str) -> Iterator[list[str]]:
    """The words between marks, numbers, placeholders and addresses, as they were written."""
    for piece in _BREAK.split(text.replace("\u2019", "'")):
        words = _WORD.findall(piece or "")
        if words:
            yield words


def spoken(text: str) -> str:
    """The text without placeholders, addresses and markup."""
    return " ".join(_HIDDEN.sub(" ", text).split())


def phrases(texts: Iterable[str], *, longest: int) -> Phrases:
    """All phrases of one to `longest` words that could be a name, and the words they stand in."""
    found = Phrases()
    for text in texts:
        seen: set[str] = set()
        for written in clauses(text):
            words = [word.lower() for word in written]
            usable = [_usable(word) for word in words]
            for start in range(len(words)):
                if not usable[start]:
                    continue
                for end in range(start + 1, min(start + longest, len(words)) + 1):
                    if not usable[end - 1]:
                        break
                    if not _well_formed(words[start:end]):
                        continue
                    phrase = " ".join(words[start:end])
                    seen.add(phrase)
                    found.uses[phrase] += 1
                    found.cut_left[phrase] += start > 0 and is_content(words[start - 1])
                    found.cut_right[phrase] += end < len(words) and _goes_on(
                        words[end - 1], words[end:]
                    )
        found.texts.update(seen)
    return found


def is_content(word: str) -> bool:
    """Whether a word in lower case says what is spoken of."""
    return word not in FUNCTION_WORDS and word not in _LIGHT and word not in NEGATIONS


def _goes_on(last: str, rest: Sequence[str]) -> bool:
    return is_content(rest[0]) or (rest[0] in PARTICLES and len(last) > 2)


def _usable(word: str) -> bool:
    return len(word) <= _LONGEST_WORD and not _MASKED.search(word)


def _well_formed(words: Sequence[str]) -> bool:
    if len(words) == 1:
        return is_content(words[0]) and len(words[0]) > 1
    return (
        _opens(words[0], words[1])
        and _closes(words[-2], words[-1])
        and any(map(is_content, words))
        and not _CLAUSE.intersection(words)
        and not any(map(_turned, words, words[1:]))
    )


def _opens(first: str, following: str) -> bool:
    if first in NEGATIONS:
        return following not in POINTERS and following not in _AUXILIARY
    return is_content(first) and not (first in _ASKED and not is_content(following))


def _closes(before: str, last: str) -> bool:
    if is_content(last):
        return True
    particle = last in PARTICLES or (last == "in" and before in _WITH_IN)
    return particle and is_content(before)


def _turned(word: str, following: str) -> bool:
    """The order of a question ("do you", "is it"), or a verb without what it needs before it."""
    if word in _DO:
        return following in POINTERS
    if following in {"be", "have"}:
        return word not in _BEFORE_BE
    if following == "been":
        return word not in _BEFORE_BEEN
    if following == "not":
        return word not in _AUXILIARY
    return (word in _AUXILIARY and following in SUBJECTS) or (
        word in _JOINING and not is_content(following)
    )


def in_one_language(texts: Sequence[str]) -> list[str]:
    """The texts without those in another language than most are in; their order stays."""
    languages = [
        language_of([word.lower() for one in clauses(text) for word in one]) for text in texts
    ]
    counts = Counter(language for language in languages if language)
    if len(counts) < 2:
        return list(texts)
    main = min(counts, key=lambda language: (-counts[language], language))
    return [text for text, own in zip(texts, languages, strict=True) if own in ("", main)]
