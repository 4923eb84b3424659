"""Whether a text has anything to be seen: a name or a reason made of blanks says nothing."""

from __future__ import annotations

import unicodedata

# Letters and signs by their category, yet drawn as nothing: Hangul fillers, an empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Letters, numbers, punctuation, symbols. Marks only change what they stand on; the rest is blanks,
# controls, formats (zero widths, directions, tags) and what has no meaning that readers share.
_SEEN = frozenset("LNPS")


def is_seen(text: str) -> bool:
    """Whether at least one character is seen when the text is drawn (Unicode's categories)."""
    return any(unicodedata.category(one)[0] in _SEEN and one not in _BLANK for one in text)
