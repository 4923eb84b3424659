"""JSON lines, and JSON documents that hold a list of objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flows.connectors.encoding import decode
from flows.connectors.rows import BrokenRow, RawRow, Table, UnreadableFile


def read_jsonl(file: str, data: bytes, *, encoding: str | None = None) -> Table:
    """One object a line; blank lines are no rows. A list over the whole file is read, too.

    A line that is no JSON object is a `BrokenRow`.

    Raises:
        UnreadableFile: for what is not text, and when more than half of the lines are broken.
    """
    text = decode(file, data, encoding=encoding)
    if text.lstrip().startswith("["):
        return Table(tuple(_list(file, text)))
    rows = [
        _line(file, number, content)
        for number, content in enumerate(text.split("\n"), start=1)
        if content.strip()
    ]
    broken = [row for row in rows if isinstance(row, BrokenRow)]
    if not rows:
        raise UnreadableFile(f"{file}: is empty; export it again")
    if 2 * len(broken) > len(rows):
        raise UnreadableFile(
            f"{file}: is not JSON lines: {len(broken)} of {len(rows)} lines are no JSON objects, "
            f"the first is line {broken[0].line}; name it .json if it is one document"
        )
    return Table(tuple(rows))


def read_json(
    file: str, data: bytes, *, encoding: str | None = None, records: str | None = None
) -> Table:
    """The objects of a JSON document: a list, or the list at the dotted path `records`.

    Without `records`, an object with exactly one list of objects is read by that list, and any
    other object is a single row. Line numbers are those of the file for a list, else positions.

    Raises:
        UnreadableFile: for what is not JSON, and for a list that holds anything but objects.
    """
    text = decode(file, data, encoding=encoding)
    if records is None and text.lstrip().startswith("["):
        return Table(tuple(_list(file, text)))
    try:
        document = json.loads(text, parse_constant=_nothing)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(
            f"{file}: is not JSON ({error}); it may be cut; name it .jsonl if it has one object a "
            "line"
        ) from error
    rows = _found(file, document, records)
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise UnreadableFile(f"{file}: entry {number} is a {type(row).__name__}, not an object")
    return Table(tuple(RawRow(row, file, number) for number, row in enumerate(rows, start=1)))


def _line(file: str, number: int, content: str) -> RawRow | BrokenRow:
    try:
        row = json.loads(content, parse_constant=_nothing)
    except (ValueError, RecursionError) as error:
        reason = f"is not JSON: {error}; mend the line"
        return BrokenRow(content.strip(), reason, file, number)
    if not isinstance(row, dict):
        reason = f"is a JSON {type(row).__name__}, not an object; write it as one"
        return BrokenRow(content.strip(), reason, file, number)
    return RawRow(row, file, number)


def _list(file: str, text: str) -> Iterator[RawRow]:
    decoder = json.JSONDecoder(parse_constant=_nothing)
    position = _past_blanks(text, text.index("[") + 1)
    line, counted = 1, 0
    while not text.startswith("]", position):
        line, counted = line + text.count("\n", counted, position), position
        try:
            row, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            raise UnreadableFile(
                f"{file}:{line}: is not JSON from here on ({error}); the file may be cut"
            ) from error
        if not isinstance(row, dict):
            raise UnreadableFile(f"{file}:{line}: is a JSON {type(row).__name__}, not an object")
        yield RawRow(row, file, line)
        position = _past_blanks(text, position)
        if text.startswith(",", position):
            position = _past_blanks(text, position + 1)
        elif not text.startswith("]", position):
            raise UnreadableFile(f"{file}:{line}: the list is not closed; the file may be cut")
    if text[position + 1 :].strip():
        raise UnreadableFile(f"{file}: goes on after the end of its list; export it again")


def _past_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _found(file: str, document: Any, records: str | None) -> list[Any]:
    if records is not None:
        for name in records.split("."):
            document = document.get(name) if isinstance(document, dict) else None
        if not isinstance(document, list):
            raise UnreadableFile(
                f"{file}: has no list at {records!r}; check `file.records` in the map"
            )
        return document
    if not isinstance(document, dict):
        raise UnreadableFile(f"{file}: is a JSON {type(document).__name__}, not a list of objects")
    lists = [v for v in document.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    return lists[0] if len(lists) == 1 and "text" not in document else [document]


def _nothing(_: str) -> None:
    """NaN and Infinity, which JSON does not know, say nothing."""
