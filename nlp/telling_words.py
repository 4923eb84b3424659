"""Words by which a few texts differ from many others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from nlp.function_words import FUNCTION_WORDS

_WORD = re.compile(r"[^\W\d_][\w'\u2019+#-]*[\w+#]|\d+(?:\.\d+)+")
_LEAST_RATIO = 2.0  # of the shares here and elsewhere; below, it is a word of the whole subject
_LEAST_SHARE = 0.25  # of the texts; what fewer say is one customer's word


def telling_words(
    texts: Sequence[str], everywhere: Mapping[str, int], size: int, *, most: int = 4
) -> tuple[str, ...]:
    """The words, in lower case, that most tell the texts from all of which they are a part.

    A word counts once a text. Ordered by the log likelihood ratio of its share here against its
    share in all (Dunning 1993); words of fewer than two texts, or of less than a quarter of them,
    function words, and what is not twice as frequent here as elsewhere are left out.

    Args:
        everywhere: `word_counts` of all texts, these included.
        size: how many texts those are.
    """
    here, rest = word_counts(texts), size - len(texts)
    found = []
    for word, count in here.items():
        if count < max(2.0, _LEAST_SHARE * len(texts)) or word in FUNCTION_WORDS:
            continue
        total = everywhere[word]
        if count * rest < _LEAST_RATIO * (total - count) * len(texts):
            continue
        expected = total * len(texts) / size
        gain = count * np.log(count / expected)
        if total > count:
            gain += (total - count) * np.log((total - count) / (total - expected))
        found.append((-round(float(gain), 6), word))
    return tuple(word for _, word in sorted(found)[:most])


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """In how many of the texts each word occurs."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({word.lower() for word in _WORD.findall(text)})
    return counts
