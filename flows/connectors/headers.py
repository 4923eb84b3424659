"""How a file's columns are told in an error, which is printed and logged: no customer's words."""

from __future__ import annotations

import re
from collections.abc import Collection
from zoneinfo import ZoneInfo

from nlp.clean import clean
from nlp.dates import parse_time
from nlp.placeholders import PLACEHOLDER
from nlp.redact import redact

_MOST_LISTED = 40
_LONGEST_NAME = 40
# Column names are labels; a longer one is somebody's sentence, or a question of a survey: that is
# then not listed either, which costs the reader less than a message in a log.
_MOST_WORDS = 6
_UTC = ZoneInfo("UTC")


def columns_told(columns: Collection[str], *, table: bool) -> str:
    """The names, "its columns are a, b"; of what looks like data, a sentence that repeats none.

    They do when one holds personal data or a date or has more than six words, or when half of them
    or more are numbers. table: the names come from a header line, not from each object.
    """
    names = sorted(redact(clean(name)).text for name in columns)
    numbers = sum(map(_is_number, names))
    if any(map(_is_value, names)) or (names and 2 * numbers >= len(names)):
        first = "the first line looks like data, not a header; add a header line or"
        return f"{first if table else 'its keys look like data, not names;'} name columns in a map"
    listed = ", ".join(name[:_LONGEST_NAME] for name in names[:_MOST_LISTED])
    return f"its columns are {listed or 'none'}"


def _is_value(name: str) -> bool:
    if PLACEHOLDER.search(name) or len(name.split()) > _MOST_WORDS:
        return True
    try:
        parse_time(name, zone=_UTC)
    except ValueError:
        return False
    return True


def _is_number(name: str) -> bool:
    """As "4711", "3.5" and "C-104711" are; "Q1_2" and "revenue 2026" are not."""
    digits = sum(map(str.isdigit, name))
    letters = len(re.findall(r"[^\W\d_]", name))
    return digits > 0 and (letters == 0 or (digits >= 4 and digits > letters))
