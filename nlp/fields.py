"""The fields of a raw row, one type each: absent, right, or a `WrongField` that says what to do."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal

from nlp.clean import clean

# More than this in one cell is a log file or an attack, and is not even looked at.
LONGEST_RAW = 1_000_000
# Lists and objects within each other in one cell: exports of help desks have up to six or seven,
# and what goes through them one call a level ends at some hundreds.
DEEPEST_RAW = 20
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_TRUE = frozenset({"true", "t", "yes", "y", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "0"})
_UNDECODABLE = re.compile("[\x00\ud800-\udfff]")


class WrongField(ValueError):  # noqa: N818 - a row's fault, not the program's
    """A field that cannot be taken; the message names the column and the way out."""


def is_absent(value: object) -> bool:
    """Whether a value says nothing: None, NaN, blank text, an empty list or object."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or (isinstance(value, list | tuple | dict) and not value)


def is_too_deep(value: object, deepest: int = DEEPEST_RAW) -> bool:
    """Whether more than `deepest` lists and objects lie within each other; found without recursion.

    A text or number has depth 0, a list of numbers 1.
    """
    level: list[object] = [value]
    for _ in range(deepest + 1):
        holders = [one for one in level if isinstance(one, list | tuple | Mapping)]
        if not holders:
            return False
        level = [
            entry
            for one in holders
            for entry in (one.values() if isinstance(one, Mapping) else one)
        ]
    return True


def check_depth(name: str, value: object) -> None:
    """See `is_too_deep`.

    Raises:
        WrongField: when it is.
    """
    if is_too_deep(value):
        raise WrongField(
            f"{name} holds lists or objects more than {DEEPEST_RAW} deep within each other; bring "
            "what is wanted of it into a column of its own (the copy kept here is without it)"
        )


def as_text(name: str, value: object) -> str:
    """Cleaned text; numbers as they are written, without the ".0" of a whole number.

    Raises:
        WrongField: for bytes, lists, objects, truth values, and text that holds a NUL or half a
            surrogate pair.
    """
    if isinstance(value, str):
        if len(value) > LONGEST_RAW:
            raise WrongField(
                f"{name} has {len(value):,} characters, more than {LONGEST_RAW:,} even before "
                "cleaning (the copy kept here is cut)"
            )
        if _UNDECODABLE.search(value):
            raise WrongField(
                f"{name} is undecodable: it holds a NUL or a broken character; export the file "
                "again as UTF-8 (the copy kept here is without them)"
            )
        return clean(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise WrongField(f"{name} is a {type(value).__name__}, not text; map it to a text column")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def as_number(name: str, value: object) -> float:
    """A finite number.

    Raises:
        WrongField: for anything else, also "1,5", "$10" and a truth value.
    """
    plain = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if plain or (isinstance(value, str) and _NUMBER.fullmatch(value.strip())):
        number = float(str(value))
        if math.isfinite(number):
            return number
    raise WrongField(
        f"{name} {str(value)[:40]!r} is not a number; write it like 9 or 12.50, or translate it "
        "with `values` in a map"
    )


def as_truth(name: str, value: object) -> bool:
    """Yes or no; a count, such as one of reopenings, is yes from one up.

    Raises:
        WrongField: for anything else.
    """
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text.isascii() and text.isdigit():
        return int(text) > 0
    raise WrongField(
        f"{name} {text[:40]!r} is neither yes nor no; write true or false, or translate it with "
        "`values` in a map"
    )
