"""Exact and near copies of a text: mass mails, bots, templates with another name or number in them.

Copies are one text said several times, so they have one vote wherever texts are counted: a mail
that somebody had a thousand customers send is no theme of its own, and does not name one.

Two texts are copies when they read the same but for case, marks and spaces; from `least_words`
words on numbers and placeholders are set aside, too, and it is enough that they share most of their
runs of three words: the resemblance of Broder (1997). Those are found exactly, without hashing, by
prefix filtering (Chaudhuri, Ganti, Kaushik 2006): to reach the bar two texts must share one of the
few runs that are rarest in each. A text is compared with the leaders of groups only. So the cost is
near linear: some 5 s for 50,000 different texts of 18 words, and as much when all are copies.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nlp.placeholders import PLACEHOLDER

# Letters in a run; scripts written without spaces (Thai to Khmer, kana, Han) letter by letter.
_ALONE = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_ALONE}]|(?:(?![{_ALONE}])[^\W_])+")
_Words = tuple[str, ...]
_NUMBER = re.compile(
    r"[A-Za-z0-9]*[0-9][A-Za-z0-9]*|\d+"
)  # 4711, a12, and the digits of other scripts


@dataclass(frozen=True, slots=True)
class CopyConfig:
    """When two texts are one text."""

    # People come to the same short sentence by themselves ("Where is order 17?"), and there one
    # word is the whole difference ("cancel my card"): those must read the same throughout.
    least_words: int = 12
    shingle: int = 3  # words in a run
    # Shared runs among all runs of both. A name of two words exchanged in a sentence of 20 leaves
    # .64; .5 bears that in 15 words, or twice in 30.
    least_alike: float = 0.5
    # Readers are told of copies from here on: as many, and as great a share of the mentions. Below,
    # they change no number that anybody acts on.
    told_mentions: int = 5
    told_share: float = 0.1


@dataclass(frozen=True, slots=True)
class Copies:
    """The text of which there are most copies among some mentions.

    mentions: messages that hold a copy, out of `all_mentions`. customers: who sent those.
    texts: in how many versions. text: the version sent most often. long: so long that different
    people would not come to say it by themselves.
    """

    text: str
    mentions: int
    all_mentions: int
    customers: int
    texts: int
    long: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One mention: what was said, in which message, by whom."""

    text: str
    message: str
    customer: str


def words_of(text: str) -> _Words:
    """The words of a text without case, marks and spaces."""
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def normalised(text: str, *, config: CopyConfig | None = None) -> _Words:
    """The words by which a text is compared: its own if it is short, else with 0 for each number.

    The text itself stands for one that has no words.
    """
    words = words_of(text)
    if len(words) < (config or CopyConfig()).least_words:
        return words or (text,)
    return words_of(_NUMBER.sub("0", PLACEHOLDER.sub("0", text)))


def copies_of(texts: Mapping[str, str], *, config: CopyConfig | None = None) -> dict[str, str]:
    """Text digest -> the digest that stands for it and all its copies, its own if it has none.

    Depends on the texts alone, not on their order. A text joins the leader that it is most like,
    so copies of copies do not chain into something else.

    Args:
        texts: digest -> text.
    """
    config = config or CopyConfig()
    same: dict[_Words, list[str]] = {}
    for sha, text in texts.items():
        same.setdefault(normalised(text, config=config), []).append(sha)
    leader = _leaders([words for words in same if len(words) >= config.least_words], config)
    found: dict[_Words, list[str]] = {}
    for words, shas in same.items():
        found.setdefault(leader.get(words, words), []).extend(shas)
    return {sha: first for group in found.values() for first in (min(group),) for sha in group}


def distinct(texts: Sequence[str], *, config: CopyConfig | None = None) -> tuple[str, ...]:
    """The texts in their order, without those that are copies of one before."""
    groups = copies_of({text: text for text in texts}, config=config)
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(groups[text], text)
    return tuple(first.values())


def is_long(text: str, *, config: CopyConfig | None = None) -> bool:
    """Whether different people would not come to say this by themselves, word for word."""
    return len(words_of(text)) >= (config or CopyConfig()).least_words


def most_copied(said: Iterable[Said], *, config: CopyConfig | None = None) -> Copies | None:
    """The text with most copies among these mentions; None when there are too few to tell of.

    Equal numbers go to more customers, then to the lesser text.
    """
    config = config or CopyConfig()
    mentions = list(said)
    groups = copies_of({one.text: one.text for one in mentions}, config=config)
    by_group: dict[str, list[Said]] = {}
    for one in mentions:
        by_group.setdefault(groups[one.text], []).append(one)
    total = len({one.message for one in mentions})
    counted = (_counted(group, total, config) for group in by_group.values())
    large = [
        one
        for one in counted
        if one.mentions >= config.told_mentions and one.mentions >= config.told_share * total
    ]
    return min(large, key=lambda one: (-one.mentions, -one.customers, one.text), default=None)


def _counted(group: Sequence[Said], total: int, config: CopyConfig) -> Copies:
    versions = Counter(text for text, _ in {(one.text, one.message) for one in group})
    text = min(versions, key=lambda text: (-versions[text], text))
    return Copies(
        text=text,
        mentions=len({one.message for one in group}),
        all_mentions=total,
        customers=len({one.customer for one in group}),
        texts=len(versions),
        long=is_long(text, config=config),
    )


def _leaders(texts: Collection[_Words], config: CopyConfig) -> dict[_Words, _Words]:
    """Each text, and the one that leads its group, or itself; shorter ones lead."""
    ordered = sorted(
        ((_shingles(words, config.shingle), words) for words in texts),
        key=lambda one: (len(one[0]), one[1]),
    )
    held = Counter(shingle for shingles, _ in ordered for shingle in shingles)
    leads: dict[_Words, list[int]] = {}
    leaders: dict[_Words, _Words] = {}
    for at, (shingles, words) in enumerate(ordered):
        rarest = sorted(shingles, key=lambda one: (held[one], one))
        near = {
            other for one in _prefix(rarest, config.least_alike) for other in leads.get(one, ())
        }
        alike = {other: _resemblance(shingles, ordered[other][0]) for other in near}
        best = min(near, key=lambda other: (-alike[other], other), default=at)
        if best != at and alike[best] >= config.least_alike:
            leaders[words] = ordered[best][1]
            continue
        leaders[words] = words
        # No later text has fewer runs, so more of these must be shared (Xiao and others 2008).
        for one in _prefix(rarest, 2 * config.least_alike / (1 + config.least_alike)):
            leads.setdefault(one, []).append(at)
    return leaders


def _prefix(rarest: Sequence[_Words], share: float) -> Sequence[_Words]:
    """What must hold one shared run, when `share` of all are to be shared at least."""
    needed = math.ceil(share * len(rarest) - 1e-9)
    return rarest[: len(rarest) - needed + 1]


def _shingles(words: _Words, width: int) -> frozenset[_Words]:
    return frozenset(words[at : at + width] for at in range(max(1, len(words) - width + 1)))


def _resemblance(one: frozenset[_Words], other: frozenset[_Words]) -> float:
    """Shared of all: the Jaccard index."""
    return len(one & other) / len(one | other)
