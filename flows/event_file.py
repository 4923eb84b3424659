"""Reads dated events: releases, incidents, price changes, campaigns."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nlp.records import DatedEvent

DATE_COLUMNS = ("date", "day")


class EventFileError(ValueError):
    """An events file that cannot be used; the message names file, line and the way out."""


def read_events(path: Path) -> list[DatedEvent]:
    """The events of a CSV (any of `,;|` and tab) or JSONL file, in the file's order.

    Columns: `date` (or `day`; 2026-10-12, a time after it is ignored), `kind`, `name` and, if there
    is more to say, `detail`. It is all or nothing: dated events are few, and a wrong one misleads.

    Raises:
        EventFileError: a missing column, an unreadable date, an empty kind or name, not UTF-8.
        OSError: the file cannot be read.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EventFileError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    rows = _jsonl_rows(path, text) if path.suffix == ".jsonl" else _csv_rows(path, text)
    return [_event(path, line, row) for line, row in rows]


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    head = text.partition("\n")[0]
    delimiter = max(",;|\t", key=head.count)  # the header has a delimiter and no prose
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter)
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    if not {"kind", "name"} <= set(names) or not set(DATE_COLUMNS) & set(names):
        raise EventFileError(
            f"{path}:1: the columns are {', '.join(names) or 'none'}; needed are date, kind, name "
            "and, if there is more to say, detail"
        )
    reader.fieldnames = names
    for row in reader:
        yield reader.line_num, row


def _jsonl_rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for line, content in enumerate(text.splitlines(), start=1):
        if not content.strip():
            continue
        try:
            row = json.loads(content)
        except json.JSONDecodeError as error:
            raise EventFileError(f"{path}:{line}: is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise EventFileError(f"{path}:{line}: is not a JSON object")
        yield line, row


def _event(path: Path, line: int, row: Mapping[str, Any]) -> DatedEvent:
    date = next((_text(row, name) for name in DATE_COLUMNS if _text(row, name)), "")
    kind, name = _text(row, "kind"), _text(row, "name")
    if not kind or not name:
        raise EventFileError(f"{path}:{line}: {'kind' if not kind else 'name'} is empty")
    try:
        day = dt.date.fromisoformat(date[:10])
    except ValueError as error:
        raise EventFileError(
            f"{path}:{line}: date {date!r} is not readable; write it as 2026-10-12"
        ) from error
    return DatedEvent(day=day, kind=kind, name=name, detail=_text(row, "detail"))


def _text(row: Mapping[str, Any], name: str) -> str:
    return " ".join(str(row.get(name) or "").split())
