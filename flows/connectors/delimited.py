"""CSV and its relatives: any delimiter, quoted newlines, several header rows, real line numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from flows.connectors.encoding import decode
from flows.connectors.rows import BrokenRow, RawRow, Table, UnreadableFile

if TYPE_CHECKING:
    import _csv

# In the order in which ties are settled.
_DELIMITERS = ",;\t|^~\x1f\x01"
# Enough records to tell a delimiter by; a comma in a text would show as a ragged row.
_SNIFFED = 200
# csv's own limit is 128 kB a cell; a cell this long is quarantined later, not an error here.
_LONGEST_CELL = 50_000_000

Record = tuple[int, list[str]]


def read_delimited(
    file: str,
    data: bytes,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    quote: Literal['"', "'", "none"] = '"',
    header_rows: int = 1,
    names_row: int = 1,
    ragged: Literal["refuse", "keep"] = "refuse",
) -> Table:
    """All rows of a delimited file; cells are text, blank lines no rows.

    header_rows: how many records come before the first row. names_row: which of them, from 1,
    holds the column names. A repeated name gets " (2)" after it. ragged: with "keep", a row of more
    or fewer cells than the header is a broken one, without its cells: which of them holds an id or
    a name cannot be told.

    Raises:
        UnreadableFile: for what is not text, an unclosed or broken quote, a row with more or fewer
            cells than the header (unless kept), no header.
    """
    text = decode(file, data, encoding=encoding)
    if not text.strip():
        raise UnreadableFile(f"{file}: is empty; export it again")
    delimiter = delimiter or _sniff(text, quote, header_rows)
    records = list(_records(file, text, delimiter, quote))
    if len(records) < header_rows:
        raise UnreadableFile(
            f"{file}: has {len(records)} records, fewer than its {header_rows} header rows; check "
            "`file.header_rows` in the map"
        )
    header_line, header = records[names_row - 1]
    names = _names(header)
    if not any(header):
        raise UnreadableFile(f"{file}:{header_line}: the header is empty; name the columns")
    rows = [
        _ragged(file, record, len(names), header_line, ragged)
        if len(record[1]) != len(names)
        else _row(file, record, names, header_line)
        for record in records[header_rows:]
    ]
    return Table(tuple(rows), tuple(name for name in names if name))


def _records(file: str, text: str, delimiter: str, quote: str) -> Iterator[Record]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = _reader(text, delimiter, quote)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnreadableFile(
                f"{file}:{line}: is not CSV from here on ({error}); the file may be cut, or its "
                "text may hold quotes that are not doubled: if it uses none, set "
                "`file: {quote: none}` in a map"
            ) from error
        if cells is None:
            return
        if cells and any(cell.strip() for cell in cells):
            yield line, cells


def _reader(text: str, delimiter: str, quote: str) -> _csv.Reader:
    lines = io.StringIO(text, newline="")
    if quote == "none":
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)


def _sniff(text: str, quote: str, header_rows: int) -> str:
    """The delimiter with which most records are as wide as the header; then the widest."""

    def fit(delimiter: str) -> tuple[float, int]:
        widths: list[int] = []
        reader = _reader(text, delimiter, quote)
        while len(widths) < _SNIFFED:
            try:
                cells = next(reader, None)
            except csv.Error:
                widths.append(0)
                break
            if cells is None:
                break
            if any(cell.strip() for cell in cells):
                widths.append(len(cells))
        if not widths or widths[0] < 2:
            return (0.0, 0)
        alike = sum(width == widths[0] for width in widths[header_rows - 1 :])
        return (alike / max(1, len(widths) - header_rows + 1), widths[0])

    return max(_DELIMITERS, key=fit)


def _names(header: Sequence[str]) -> list[str]:
    names: list[str] = []
    for cell in header:
        name = " ".join(cell.split())
        number = 1
        while name and (name if number == 1 else f"{name} ({number})") in names:
            number += 1
        names.append(name if number == 1 else f"{name} ({number})")
    return names


def _ragged(
    file: str, record: Record, width: int, header_line: int, ragged: Literal["refuse", "keep"]
) -> BrokenRow:
    line, cells = record
    counted = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    mend = (
        "a cell is missing; add it, empty where nothing is known"
        if len(cells) < width
        else "quote the texts that hold the delimiter"
    )
    reason = f"has {counted}, its header in line {header_line} has {width}: {mend}"
    if ragged == "keep":
        return BrokenRow("", reason, file, line)
    raise UnreadableFile(
        f"{file}:{line}: {reason}, or name the right delimiter in a map (file: {{delimiter: ';'}})"
    )


def _row(file: str, record: Record, names: Sequence[str], header_line: int) -> RawRow:
    line, cells = record
    for place, (name, cell) in enumerate(zip(names, cells, strict=True), start=1):
        if not name and cell.strip():
            raise UnreadableFile(
                f"{file}:{header_line}: column {place} has no name but a value in line {line}; "
                "name it"
            )
    values = {name: cell for name, cell in zip(names, cells, strict=True) if name}
    return RawRow(values, file, line)
