"""Placeholders such as [EMAIL], and counting them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

PLACEHOLDER = re.compile(r"\[(?:EMAIL|PHONE|CARD|IBAN|IP|CREDENTIALS|TOKEN|NATIONAL_ID|PERSON)\]")


def digits_of(text: str) -> str:
    """The decimal digits of a text, those of other scripts as 0 to 9."""
    return "".join(str(int(character)) for character in text if character.isdecimal())


def swap(
    pattern: re.Pattern[str],
    kind: str,
    text: str,
    counts: Counter[str],
    accept: Callable[[str], bool] = lambda _: True,
) -> str:
    """The text with each accepted match replaced by "[kind]", counted under `kind`."""

    def placeholder(match: re.Match[str]) -> str:
        if not accept(match[0]):
            return match[0]
        counts[kind] += 1
        return f"[{kind}]"

    return pattern.sub(placeholder, text)


def hide(secret: str, kind: str, counts: Counter[str]) -> str:
    """The placeholder for a secret; nothing for nothing, and a placeholder stays what it is."""
    if not secret or PLACEHOLDER.fullmatch(secret):
        return secret
    counts[kind] += 1
    return f"[{kind}]"
