"""Rows that no parser reads, as quarantine keeps them: ids hashed, values about a person taken out.

The row is text: JSON that breaks off, with quotes not escaped, with single quotes or none, JSON
within a string, or the front matter of a note. Values are found by the key before them. Not found:
values whose key is missing (a line that begins in the middle, a list) or is not one of those below.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable

from nlp.attributes import PERSONAL_COLUMNS, is_personal

# Keys whose value is an id of a customer, compared as `is_personal` does.
ID_KEYS = frozenset(
    {
        *("account", "accountid", "accountno", "accountnumber", "clientid", "contactid"),
        *("customerid", "customerno", "customernumber", "memberid", "organizationid"),
        *("requesterid", "subscriberid", "userid"),
    }
)
# In a row that is read, these may hold a product's name or an object; here nobody can tell.
PERSONAL_KEYS = PERSONAL_COLUMNS | {
    *("assignee", "author", "callername", "client", "clientname", "contact", "customer", "handle"),
    *("login", "member", "membername", "name", "nickname", "owner", "recipient", "reporter"),
    *("requester", "screenname", "sender", "submitter", "subscriber", "user", "userfullname"),
}
_HIDDEN = "[PERSON]"
_LITERALS = frozenset({"true", "false", "null", "none"})

_NAME = r"[^\W\d_][\w .-]{0,40}"
_KEY = re.compile(
    rf"(?P<quote>\\{{0,7}}[\"'])(?P<quoted>{_NAME})(?P=quote)\s*[:=]>?\s*"
    rf"|[\u201c\u201e\u2018](?P<curly>{_NAME})[\u201d\u201c\u2019]\s*[:=]>?\s*"
    rf"|(?:^|(?<=[{{,\n]))[ \t]*(?P<bare>{_NAME}?)[ \t]*[:=]>?[ \t]*"
)
# A string ends at a quote with a comma, a bracket, the next key or nothing behind it: quotes inside
# that are not escaped are what breaks rows.
_VALUE = re.compile(
    r"(?P<quote>\\{0,7}[\"'])(?P<string>.*?)(?:(?<!\\)(?P=quote)"
    r"(?=\s*(?:[,;}\]]|\Z|\n|\\{0,7}[\"'][^\"'\n]{1,60}\\{0,7}[\"']\s*:))|\Z)"
    r"|[\u201c\u201e\u2018](?P<curly>.*?)(?:[\u201d\u201c\u2019]|\Z)"
    r"|(?P<inner>\[(?:[^\[\]]|\[[^\[\]]*\])*+(?:\]|\Z)|\{(?:[^{}]|\{[^{}]*\})*+(?:\}|\Z))"
    r"|(?P<plain>[^\s,}\]\[{\"'][^,}\]\n]*)",
    re.DOTALL,
)
_MOST_WORDS = 4  # in the name of a front matter's entry
_FRONT_MATTER = re.compile(r"---\n.*?(?:\n---(?:\n|\Z)|\Z)", re.DOTALL)

StandIn = Callable[[str], str | None]


def without_persons(text: str, *, stand_in: StandIn, ids: frozenset[str] = frozenset()) -> str:
    """The row with the values of `PERSONAL_KEYS` as [PERSON], and ids replaced.

    Args:
        text: a row, cleaned.
        stand_in: what is kept for an id, the same that a row which can be read would get; None for
            an id that is empty.
        ids: names of further columns with ids of customers, as letters and digits ("clientref").
    """
    known = ids | ID_KEYS
    front = _FRONT_MATTER.match(text)
    if front is not None:
        lines = front[0].split("\n")
        return "\n".join(_line(line, stand_in, known) for line in lines) + text[front.end() :]
    position = 0
    pieces = []
    while (key := _KEY.search(text, position)) is not None:
        pieces.append(text[position : key.end()])
        position = key.end()
        name = key["quoted"] or key["curly"] or key["bare"]
        personal = is_personal(name, PERSONAL_KEYS)
        if not personal and not is_personal(name, known):
            continue
        value = _VALUE.match(text, position)
        if value is None or (value["plain"] or "").strip().lower() in _LITERALS:
            continue
        position = value.end()
        if value["inner"] is not None or (personal and not is_personal(name, ids)):
            found: str | None = _HIDDEN
        elif _given(value) == _HIDDEN:
            found = None
        else:
            found = stand_in(_given(value))
        quote = value["quote"] or key["quote"] or ""
        same = found is None or (value["inner"] is None and found == _given(value))
        pieces.append(value[0] if same else f"{quote}{found}{quote}")
    return "".join(pieces) + text[position:]


def _line(line: str, stand_in: StandIn, ids: frozenset[str]) -> str:
    """An entry of a front matter without what it says about a person.

    The line that broke the note may lack its colon: any blank may end the name.
    """
    marked = itertools.islice(re.finditer(r"[ \t]*[:=][ \t]*", line), 1)
    blanks = itertools.islice(re.finditer(r"[ \t]+", line), _MOST_WORDS)
    for ends in (*marked, *blanks):
        name, value = line[: ends.start()], line[ends.end() :].strip()
        if is_personal(name, PERSONAL_KEYS - ids) and value:
            return line[: ends.end()] + _HIDDEN
        if is_personal(name, ids) and value:
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            return line[: ends.end()] + (stand_in(value[1:-1] if quoted else value) or value)
    return line


def _given(value: re.Match[str]) -> str:
    """The id as the row would have given it, were it whole."""
    if value["string"] is not None:
        try:
            return str(json.loads(f'"{value["string"]}"', strict=False))
        except ValueError:
            return value["string"]
    if value["curly"] is not None:
        return value["curly"]
    number = re.fullmatch(r"(-?\d+)\.0+", value["plain"].strip())
    return number[1] if number else value["plain"].strip()
