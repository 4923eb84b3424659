"""Parquet, the only export that needs pyarrow."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

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


def parquet_bytes(columns: Sequence[Column], rows: Sequence[tuple[Any, ...]]) -> bytes:
    """One Parquet file; values are as Arrow takes them, in the columns' order."""
    arrays = [
        pa.array([row[index] for row in rows], type=_TYPES[column.type])
        for index, column in enumerate(columns)
    ]
    table = pa.Table.from_arrays(arrays, names=[column.name for column in columns])
    out = io.BytesIO()
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()
