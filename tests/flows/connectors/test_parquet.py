from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.connectors.parquet import read_parquet
from flows.connectors.rows import RawRow, UnreadableFile

WHEN = dt.datetime(2026, 11, 16, 10, 22, 33, 123456, tzinfo=dt.UTC)


def test_types_become_pythons_own(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": pa.array([1, 2]),
            "text": pa.array(["a", None]),
            "when": pa.array([WHEN, None], pa.timestamp("ns", "UTC")),
            "tags": pa.array([["x"], []]),
            "score": pa.array([1.5, float("nan")]),
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    read = read_parquet(path, "a.parquet")
    assert read.columns == ("id", "text", "when", "tags", "score")
    first, second = read.rows
    assert isinstance(first, RawRow)
    assert first.values == {"id": 1, "text": "a", "when": WHEN, "tags": ["x"], "score": 1.5}
    assert (first.line, second.line) == (1, 2)


def test_what_is_not_whole_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": [1, 2, 3]}), path)
    whole = path.read_bytes()
    for data in (whole[:-20], whole[: len(whole) // 2], b"id,text\n1,a\n", b""):
        path.write_bytes(data)
        with pytest.raises(UnreadableFile, match=r"a\.parquet: is not a whole Parquet file"):
            read_parquet(path, "a.parquet")
