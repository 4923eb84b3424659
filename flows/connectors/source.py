"""The one way in: a file or folder, whatever its format, as rows of fields and attributes."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from flows.connectors.delimited import read_delimited
from flows.connectors.headers import columns_told
from flows.connectors.jsonl import read_json, read_jsonl
from flows.connectors.notes import read_note
from flows.connectors.parquet import read_parquet
from flows.connectors.rows import BrokenRow, RawRow, Table, UnreadableFile
from flows.mapping import FeedMap, field_named
from nlp.intake import ORIGIN

FORMATS = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".tab": "delimited",
    ".psv": "delimited",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".txt": "note",
    ".md": "note",
}
REQUIRED = ("id", "text", "created_at", "kind", "source")
# An export of the quarantine has these columns; `raw` holds the row.
_QUARANTINE = frozenset({"id", "stage", "reason", "file", "line", "raw"})
_AS_IS = FeedMap()


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The files that `paths` name, folders walked, each once and in the order of their names.

    Hidden files and folders are passed over.

    Raises:
        UnreadableFile: for a path that is not there, and a folder without files.
    """
    found: dict[Path, Path] = {}
    for path in sorted(paths, key=lambda path: path.as_posix()):
        if path.is_dir():
            inside = sorted(
                file
                for file in path.rglob("*")
                if file.is_file()
                and not any(part.startswith(".") for part in file.relative_to(path).parts)
            )
            if not inside:
                raise UnreadableFile(f"{path}: is a folder without files; check the path")
        elif path.is_file():
            inside = [path]
        else:
            raise UnreadableFile(f"{path}: is not there; check the path")
        for file in inside:
            found.setdefault(file.resolve(), file)
    return sorted(found.values(), key=lambda file: file.as_posix())


def default_source(path: Path, mapping: FeedMap | None = None) -> str:
    """The source of a file's rows when nobody names one: its name without its ending.

    A call note is a file of its own: the name of its folder stands for it and its neighbours.
    """
    if _format_of(path, mapping or _AS_IS) == "note":
        return path.resolve().parent.name or path.stem
    return path.stem


def open_source(
    path: Path, mapping: FeedMap | None = None, *, given: Collection[str] = ()
) -> Iterator[RawRow | BrokenRow]:
    """The rows of one file, mapped to fields and attributes, in the order of the file.

    given: fields that need no column because the caller has them ("kind", "source"). Rows that come
    from the quarantine have been mapped before, and keep the file and line they first stood in.

    Raises:
        UnreadableFile: before the first row, when the file is not what it says.
    """
    file = path.as_posix()
    plan = mapping or _AS_IS
    table = _read(path, file, plan)
    rows = [_unwrapped(row) for row in table.rows]
    if not (table.columns and set(table.columns) >= _QUARANTINE):
        _check_columns(file, table, plan, given, mapped=mapping is not None)
    for row in rows:
        if isinstance(row, BrokenRow):
            yield replace(row, ids=plan.id_columns())
        elif ORIGIN in row.values:
            values = {name: value for name, value in row.values.items() if name != ORIGIN}
            yield replace(row, values=values)
        else:
            yield replace(row, values=plan.apply(row.values))


def read_table(path: Path) -> Table:
    """The rows of one file as they are, without a mapping; ragged ones are broken rows.

    Raises:
        UnreadableFile: when the file is not there or is not what it says.
    """
    (file,) = find_files([path])[:1]
    return _read(file, file.as_posix(), _AS_IS, ragged="keep")


def _format_of(path: Path, plan: FeedMap) -> str | None:
    return plan.file.format or FORMATS.get(path.suffix.lower())


def _read(
    path: Path, file: str, plan: FeedMap, *, ragged: Literal["refuse", "keep"] = "refuse"
) -> Table:
    form = plan.file
    kind = _format_of(path, plan)
    if kind is None:
        raise UnreadableFile(
            f"{file}: cannot be read by its ending; known are {', '.join(sorted(FORMATS))}: export "
            "it as one of these, or say what it is in a map (file: {format: delimited})"
        )
    if kind == "parquet":
        return read_parquet(path, file)
    data = path.read_bytes()
    if kind == "jsonl":
        return read_jsonl(file, data, encoding=form.encoding)
    if kind == "json":
        return read_json(file, data, encoding=form.encoding, records=form.records)
    if kind == "note":
        return read_note(file, data, stem=path.stem, encoding=form.encoding)
    return read_delimited(
        file,
        data,
        delimiter=form.delimiter,
        encoding=form.encoding,
        quote=form.quote,
        header_rows=form.header_rows,
        names_row=form.names_row,
        ragged=ragged,
    )


def _check_columns(
    file: str, table: Table, plan: FeedMap, given: Collection[str], *, mapped: bool
) -> None:
    """A table must have every column that is needed; objects, at least one that has it."""
    if table.columns is not None:
        columns = frozenset(table.columns)
        missing = plan.missing(columns)
        have = {field_named(name) for name in columns} if plan.others == "keep" else set()
        have |= {*plan.columns, *plan.constants, *given}
        missing += [name for name in REQUIRED if name not in have]
    else:
        native = [row for row in table.rows if isinstance(row, RawRow) and not _is_fed_again(row)]
        columns = frozenset(name for row in native for name in row.values)
        missing = _nowhere(native, plan) if mapped else _without_any(columns)
        if not native:
            return
    if missing:
        told = columns_told(columns, table=table.columns is not None)
        raise UnreadableFile(
            f"{file}: has no column {', '.join(map(repr, missing))}; {told}; "
            "rename columns with a map (--map), or set kind and source with --kind and --source"
        )


def _nowhere(native: list[RawRow], plan: FeedMap) -> list[str]:
    needed = [name for name in ("id", "text", "created_at") if name in plan.columns]
    return [
        " or ".join(plan.sources(name))
        for name in needed
        if name not in plan.constants
        and not plan.optional.intersection(plan.sources(name))
        and all(plan.apply(row.values).get(name) is None for row in native)
    ]


def _without_any(columns: frozenset[str]) -> list[str]:
    named = {field_named(name) for name in columns}
    return [] if named & {"id", "text", "created_at"} else ["id", "text", "created_at"]


def _is_fed_again(row: RawRow) -> bool:
    return ORIGIN in row.values or set(row.values) >= _QUARANTINE or set(row.values) == {"raw"}


def _unwrapped(row: RawRow | BrokenRow) -> RawRow | BrokenRow:
    """A row of the quarantine, out of its wrapping; any other row as it is."""
    if isinstance(row, BrokenRow) or not _is_fed_again(row):
        return row
    values = dict(row.values)
    if set(values) >= _QUARANTINE:
        inner = _object(values["raw"])
        if inner is None:
            reason = "`raw` is not a JSON object; mend it"
            return BrokenRow(str(values["raw"]), reason, *_origin(values, row), fed_again=True)
        values = inner
    file, line = _origin(values, row)
    if set(values) - {ORIGIN} == {"raw"}:
        inner = _object(values["raw"])
        if inner is None:
            reason = "is not a JSON object; mend it"
            return BrokenRow(str(values["raw"]), reason, file, line, fed_again=True)
        inner = {name: value for name, value in inner.items() if name != ORIGIN}
        return RawRow(inner, file, line, fed_again=True)
    return RawRow(values, file, line, fed_again=True)


def _object(text: object) -> dict[str, Any] | None:
    if isinstance(text, dict):
        return text
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _origin(values: dict[str, Any], row: RawRow) -> tuple[str, int]:
    origin = values.get(ORIGIN, values)
    if isinstance(origin, dict):
        file, line = origin.get("file"), str(origin.get("line"))
        if isinstance(file, str) and line.isascii() and line.isdigit():
            return file, int(line)
    return row.file, row.line
