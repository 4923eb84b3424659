"""Characters that no reader shows, or that turn the text around them."""

from __future__ import annotations

import re

# Control characters, zero-width characters and marks for text direction: a letter, a chat message
# and Markdown have nothing that would keep their effect inside one customer's words. Zero-width
# joiners stay: emoji and several scripts are written with them. Tag characters (U+E0000 on) can
# hide a whole text inside another.
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text without characters that are not seen; blanks and line ends stay."""
    return INVISIBLE.sub("", text)
