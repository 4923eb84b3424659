"""Rows to CSV, JSONL or Parquet: canonical numbers, safe in spreadsheets, whole or not at all."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Literal

from service.exports.columns import Column

Format = Literal["csv", "jsonl", "parquet"]
Row = tuple[Any, ...]

_PIECE = 64 * 1024  # bytes written at once

# OWASP ASVS 5.0 1.2.10 names these, tab and CR; the look-alikes are folded to them.
_FORMULA = frozenset("=+-@\0＝＋－＠﹦﹢﹣﹫−")
_BREAKS = frozenset("\t\r\n")
_SPECIAL = frozenset('",\r\n')


def render(columns: Sequence[Column], rows: Iterable[Row], *, format: Format) -> bytes:
    """The whole file's bytes; `rows` are in their final order, values in the columns' order."""
    out = io.BytesIO()
    write_rows(columns, rows, format=format, out=out)
    return out.getvalue()


def write_rows(
    columns: Sequence[Column], rows: Iterable[Row], *, format: Format, out: IO[bytes]
) -> int:
    """The same to a file, as the rows come: memory does not grow with them.

    Returns:
        How many rows there were.
    """
    if format == "parquet":
        return _parquet(columns, rows, out)
    written = 0
    piece = bytearray()
    for line in _csv(columns, rows) if format == "csv" else _jsonl(columns, rows):
        piece += line.encode("utf-8")
        piece += b"\n"
        written += 1
        if len(piece) >= _PIECE:
            out.write(piece)
            piece.clear()
    out.write(piece)
    return written - (format == "csv")  # its head is no row


def write_whole(path: Path, content: bytes) -> None:
    """Writes beside `path` and renames: a reader sees the old file or the new one, whole.

    Raises:
        OSError: when the folder cannot be made or written to.
    """
    write_pieces(path, (content,))


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """The same of a content that comes in pieces."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    written = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
        written.chmod(0o666 & ~_umask())
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def canonical_number(value: float) -> float | int | None:
    """At most six decimals (six significant digits below 1); whole ones whole; NaN is None."""
    if not math.isfinite(value):
        return None
    kept = round(value, 6) if abs(value) >= 1 else float(f"{value:.6g}")
    return int(kept) if kept.is_integer() else kept


def defuse(text: str) -> str:
    """The text with a leading `'` when a spreadsheet would take it for a formula."""
    if not text:
        return text
    first = text.lstrip()[:1]
    return f"'{text}" if first in _FORMULA or text[0] in _BREAKS else text


def _csv(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[str]:
    yield ",".join(column.name for column in columns)
    for row in rows:
        cells = zip(columns, row, strict=True)
        yield ",".join(_quoted(_cell(column, value)) for column, value in cells)


def _quoted(cell: str) -> str:
    # csv.writer leaves a lone CR unquoted when lines end in LF, and readers then split there.
    if _SPECIAL.isdisjoint(cell):
        return cell
    return '"' + cell.replace('"', '""') + '"'


def _jsonl(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(
            {c.name: _plain(c, value) for c, value in zip(columns, row, strict=True)},
            ensure_ascii=False,
            separators=(",", ":"),
        )


def _parquet(columns: Sequence[Column], rows: Iterable[Row], out: IO[bytes]) -> int:
    from service.exports.arrow import write_parquet

    stored = (
        tuple(_stored(column, value) for column, value in zip(columns, row, strict=True))
        for row in rows
    )
    return write_parquet(columns, stored, out=out)


def _cell(column: Column, value: Any) -> str:
    plain = _plain(column, value)
    if plain is None:
        return ""
    if column.type == "json":
        return _json_text(value)
    if column.type == "boolean":
        return "true" if plain else "false"
    return defuse(plain) if column.type == "text" else str(plain)


def _plain(column: Column, value: Any) -> Any:
    """The value as JSON knows it."""
    if value is None:
        return None
    if column.type == "number":
        return canonical_number(float(value))
    if column.type == "time":
        return _time_text(value)
    if column.type == "date":
        return value.isoformat()
    if column.type == "json":
        return json.loads(_json_text(value))
    return value


def _stored(column: Column, value: Any) -> Any:
    """The value as Parquet knows it."""
    if value is None or column.type in ("date", "time"):
        return value
    if column.type == "json":
        return _json_text(value)
    plain = _plain(column, value)
    return float(plain) if column.type == "number" and plain is not None else plain


def _time_text(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
