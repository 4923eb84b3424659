"""Parquet files; one of the two modules that import pyarrow (the other writes exports)."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flows.connectors.rows import RawRow, Table, UnreadableFile


def read_parquet(path: Path, file: str) -> Table:
    """All rows of a Parquet file; `line` is the row's number from 1.

    Raises:
        UnreadableFile: for what is not Parquet, is cut, or holds what Python cannot.
    """
    try:
        table = pq.read_table(path, partitioning=None)
        columns = [_microseconds(column) for column in table.columns]
        table = pa.table(columns, names=table.column_names)
        rows = table.to_pylist()
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        problem = " ".join(str(error).split())[:200]
        raise UnreadableFile(
            f"{file}: is not a whole Parquet file ({problem}); export it again"
        ) from error
    return Table(
        tuple(RawRow(row, file, number) for number, row in enumerate(rows, start=1)),
        tuple(table.column_names),
    )


def _microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        return column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    return column
