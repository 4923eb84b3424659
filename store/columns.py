"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import json
import sys
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from nlp.records import Clause

# PostgreSQL would sort by the server's language; "C" compares bytes, as SQLite and Python do.
BYTE_TEXT: TypeEngine[str] = Text().with_variant(Text(collation="C"), "postgresql")


def utc(moment: dt.datetime) -> dt.datetime:
    """The same moment in UTC.

    Raises:
        ValueError: when `moment` is naive.
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; give the store aware times only")
    return moment.astimezone(dt.UTC)


def canonical(value: object) -> str:
    """JSON of nested tuples, numbers and text, one spelling for one value.

    Raises:
        ValueError: for NaN and infinities, which JSON and SQLite cannot hold.
    """
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def tupled(value: Any) -> Any:
    """Nested lists as nested tuples."""
    return tuple(tupled(item) for item in value) if isinstance(value, list) else value


class UtcTime(TypeDecorator[Any]):
    """An aware moment: stored in UTC, comes back in UTC; naive ones are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """To UTC; SQLite keeps it without the zone."""
        if value is None:
            return None
        moment = utc(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """From what the driver gives to UTC."""
        if value is None:
            return None
        return (
            value.replace(tzinfo=dt.UTC) if dialect.name == "sqlite" else value.astimezone(dt.UTC)
        )


class TupleJson(TypeDecorator[Any]):
    """Nested tuples of text and numbers as a JSON array."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Tuples to JSON."""
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """JSON to tuples."""
        if value is None:
            return None
        return _tuples(value) if len(value) <= _SHORT else _read_tuples(value)


_DECODER = json.JSONDecoder()  # what `canonical` wrote has no spaces to look for
_SHORT = 200  # kinds, conditions, ties: the same few in most rows, which share one tuple


def _read_tuples(value: str) -> Any:
    found = _DECODER.raw_decode(value)[0]
    if "[" in value[1:]:
        return tupled(found)
    try:
        # The same few statements are the evidence of week after week: each id is kept once.
        return tuple(map(sys.intern, found))
    except TypeError:  # numbers
        return tuple(found)


@lru_cache(maxsize=4096)
def _tuples(value: str) -> Any:
    return _read_tuples(value)


@lru_cache(maxsize=4096)
def _pairs(value: str) -> tuple[tuple[str, Any], ...]:
    """Few combinations of attributes stand in most rows; these share one tuple."""
    return tuple(sorted(json.loads(value).items()))


class PairsJson(TypeDecorator[Any]):
    """(name, value) pairs as a JSON object with sorted names; they come back sorted by name."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Pairs to JSON; a repeated name would lose a value and is refused."""
        if value is None:
            return None
        named = dict(value)
        if len(named) != len(value):
            raise ValueError(f"a name repeats among {sorted(name for name, _ in value)}")
        return canonical(named)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """JSON to pairs."""
        if value is None:
            return None
        return () if value == "{}" else _pairs(value)


class ClausesJson(TypeDecorator[Any]):
    """The clauses of one statement, in their order, as a JSON array of arrays."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Clauses to JSON."""
        if value is None:
            return None
        return (
            canonical([[c.text, c.connective, c.relation, c.start, c.end] for c in value])
            if value
            else "[]"
        )

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """JSON to clauses."""
        if value is None:
            return None
        return () if value == "[]" else tuple(Clause(*parts) for parts in json.loads(value))


class EscapedText(TypeDecorator[Any]):
    r"""Text that may hold what databases refuse (NUL, lone surrogates), kept as JSON escapes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        r"""Plain ASCII with `\u` escapes."""
        return None if value is None else json.dumps(value)[1:-1]

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """The text itself."""
        return None if value is None else json.loads(f'"{value}"')
