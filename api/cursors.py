"""Pages of a sorted list by keyset: stable when rows are added or removed between two requests."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from api.problems import ProblemError
from nlp.weeks import monday

Row = TypeVar("Row")
Key = tuple[str | int | float | bool, ...]
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """One page of rows and the cursor of the next page (None on the last)."""

    rows: tuple[Row, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the last page ended, in which published week, and for which question."""

    week: str
    after: Key
    question: str


def question_of(parts: Sequence[object]) -> str:
    """A short digest of a list's filters: a cursor of one list must not be used on another."""
    text = json.dumps([str(part) for part in parts], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]


def encode(cursor: Cursor) -> str:
    """The cursor as opaque text, safe in a URL."""
    text = json.dumps([cursor.week, list(cursor.after), cursor.question], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode("utf-8")).decode("ascii").rstrip("=")


def decode(text: str) -> Cursor:
    """Read what `encode` wrote.

    Raises:
        ProblemError: 422, when it is not a cursor of this API.
    """
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        week, after, question = json.loads(raw)
    except (ValueError, binascii.Error, TypeError, RecursionError) as error:
        raise not_ours() from error
    if not (
        isinstance(week, str)
        and isinstance(question, str)
        and isinstance(after, list)
        and all(isinstance(part, str | int | float) for part in after)
        and all(_storable(part) for part in (week, question, *after))
    ):
        raise not_ours()
    _check_week(week)
    return Cursor(week, tuple(after), question)


def _check_week(week: str) -> None:
    """The list of runs has no week; every other cursor has one."""
    if not week:
        return
    try:
        monday(week)
    except ValueError as error:
        raise not_ours() from error


def _storable(part: object) -> bool:
    """Whether a database and an answer can hold it: JSON escapes make texts that neither can."""
    if isinstance(part, float):
        return math.isfinite(part)
    return not isinstance(part, str) or ("\0" not in part and not _SURROGATE.search(part))


def paginate(
    rows: Sequence[Row],
    *,
    key: Callable[[Row], Key],
    limit: int,
    week: str,
    question: str,
    cursor: Cursor | None,
    descending: bool = False,
) -> Slice[Row]:
    """The rows after the cursor, at most `limit`, in the order of `key` (total and by content).

    Raises:
        ProblemError: 422, when the cursor belongs to another question.
    """
    ordered = sorted(rows, key=key, reverse=descending)
    if cursor is not None:
        same_question(cursor, question)
        try:
            ordered = [
                row
                for row in ordered
                if (key(row) < cursor.after if descending else key(row) > cursor.after)
            ]
        except TypeError as error:
            raise not_ours() from error
    page = tuple(ordered[:limit])
    if len(ordered) <= limit:
        return Slice(page, None)
    return Slice(page, encode(Cursor(week, key(page[-1]), question)))


def same_question(cursor: Cursor, question: str) -> None:
    """Refuse a cursor on a list that it was not given for.

    Raises:
        ProblemError: 422, when it belongs to another question.
    """
    if cursor.question != question:
        raise ProblemError(
            422,
            "cursor-of-another-list",
            "this cursor was given for another list or other filters; leave it out to start",
        )


def not_ours() -> ProblemError:
    """Something else than what `encode` wrote."""
    return ProblemError(
        422, "unknown-cursor", "use `next_cursor` of the page before as it is, or leave it out"
    )
