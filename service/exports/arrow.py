"""Parquet, the only export that needs pyarrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from service.exports.columns import Column

_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "json": pa.string(),
}


# Rows and bytes of text that are laid out at once; one text more may be in it.
GROUP_ROWS = 20_000
GROUP_BYTES = 16 * 1024 * 1024


def write_parquet(
    columns: Sequence[Column], rows: Iterable[tuple[Any, ...]], *, out: IO[bytes]
) -> int:
    """One Parquet file, a row group at a time, in memory that does not grow with the rows.

    Args:
        rows: values as Arrow takes them, in the columns' order.

    Returns:
        How many rows it holds.
    """
    schema = pa.schema([(column.name, _TYPES[column.type]) for column in columns])
    written = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for group in _groups(rows):
            arrays = [
                pa.array(values, type=field.type)
                for values, field in zip(zip(*group, strict=True), schema, strict=True)
            ]
            table = pa.Table.from_arrays(arrays, schema=schema)
            writer.write_table(table, row_group_size=len(group))
            written += len(group)
    return written


def _groups(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows as they come, in groups that follow from their content alone."""
    group: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        group.append(row)
        size += sum(len(value) for value in row if isinstance(value, str))
        if len(group) >= GROUP_ROWS or size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group
