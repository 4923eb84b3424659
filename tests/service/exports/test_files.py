from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.exports.columns import Column
from service.exports.files import (
    Format,
    Row,
    canonical_number,
    defuse,
    render,
    write_rows,
    write_whole,
)

COLUMNS = (
    Column("name", "text", "text"),
    Column("count", "integer", "integer"),
    Column("share", "number", "number"),
    Column("sure", "boolean", "boolean"),
    Column("at", "time", "time"),
    Column("on", "date", "date"),
    Column("more", "json", "json"),
)
BERLIN = dt.timezone(dt.timedelta(hours=2))
ROWS: list[Row] = [
    (
        'a,\n"b"',
        3,
        0.1 + 0.2,
        True,
        dt.datetime(2026, 10, 12, 10, tzinfo=BERLIN),
        dt.date(2026, 10, 12),
        {"b": 1, "a": "é"},
    ),
    (None,) * 7,
]


def test_csv() -> None:
    assert render(COLUMNS, ROWS, format="csv").decode() == (
        "name,count,share,sure,at,on,more\n"
        '"a,\n""b""",3,0.3,true,2026-10-12T08:00:00Z,2026-10-12,"{""a"":""é"",""b"":1}"\n'
        ",,,,,,\n"
    )


def test_jsonl() -> None:
    first, second = render(COLUMNS, ROWS, format="jsonl").decode().splitlines()
    assert json.loads(first) == {
        "name": 'a,\n"b"',
        "count": 3,
        "share": 0.3,
        "sure": True,
        "at": "2026-10-12T08:00:00Z",
        "on": "2026-10-12",
        "more": {"a": "é", "b": 1},
    }
    assert set(json.loads(second).values()) == {None}


def test_parquet_keeps_types_and_is_the_same_twice() -> None:
    from pyarrow import parquet

    content = render(COLUMNS, ROWS, format="parquet")
    assert render(COLUMNS, ROWS, format="parquet") == content
    table = parquet.read_table(io.BytesIO(content))
    assert [str(field.type) for field in table.schema] == [
        *("string", "int64", "double", "bool", "timestamp[us, tz=UTC]", "date32[day]", "string"),
    ]
    first = table.to_pylist()[0]
    assert first["at"] == ROWS[0][4]
    assert (first["share"], first["more"]) == (0.3, '{"a":"é","b":1}')


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_no_rows_is_still_a_file(format: Any) -> None:
    assert isinstance(render(COLUMNS, [], format=format), bytes)
    assert render(COLUMNS, [], format="csv").startswith(b"name,")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3.0, 3),
        (-0.0, 0),
        (1234567.891, 1234567.891),
        (1.23456789, 1.234568),
        (0.000012345678, 0.0000123457),
        (1e-12, 1e-12),
        (math.nan, None),
        (math.inf, None),
    ],
)
def test_numbers_are_canonical(value: float, expected: float | None) -> None:
    assert canonical_number(value) == expected
    assert str(canonical_number(value)) == str(expected)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_canonical_numbers_stay_and_are_near(value: float) -> None:
    number = canonical_number(value)
    assert number is not None
    assert canonical_number(float(number)) == number
    assert number == pytest.approx(value, rel=1e-5, abs=1e-300)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\rx",
        "\nx",
        "  =1",
        "\u00a0=1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
        "\u22121",
        "\0=1",
    ],
)
def test_formulas_are_defused_in_csv_alone(text: str) -> None:
    rows = [(text,)]
    cells = list(
        csv.reader(io.StringIO(render(COLUMNS[:1], rows, format="csv").decode(), newline=""))
    )
    assert cells[1] == [f"'{text}"]
    assert json.loads(render(COLUMNS[:1], rows, format="jsonl"))["name"] == text


@pytest.mark.parametrize("text", ["", "a=1", "1-2", "(=1)", "'quoted'", "<b>=</b>"])
def test_harmless_texts_stay(text: str) -> None:
    assert defuse(text) == text


def test_negative_numbers_are_no_formulas() -> None:
    columns = (Column("n", "number", "number"),)
    assert render(columns, [(-1.5,)], format="csv") == b"n\n-1.5\n"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_texts_survive_csv_but_for_the_apostrophe(texts: list[str]) -> None:
    content = render(COLUMNS[:2], [(text, 1) for text in texts], format="csv").decode()
    read = [row[0] for row in csv.reader(io.StringIO(content, newline=""))][1:]
    assert read == [defuse(text) for text in texts]


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "out.csv"
    write_whole(path, b"first")
    assert path.read_bytes() == b"first"
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600

    def no_room(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_room)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"second")
    assert path.read_bytes() == b"first"
    assert [file.name for file in path.parent.iterdir()] == ["out.csv"]


def test_parquet_is_written_as_the_rows_come(monkeypatch: pytest.MonkeyPatch) -> None:
    from pyarrow import parquet

    from service.exports import arrow

    monkeypatch.setattr(arrow, "GROUP_ROWS", 10)
    monkeypatch.setattr(arrow, "GROUP_BYTES", 500)
    columns = (Column("name", "text", "text"), Column("count", "integer", "integer"))
    out = io.BytesIO()
    sizes: list[int] = []

    def rows() -> Iterator[Row]:
        for number in range(35):
            sizes.append(out.tell())
            yield ("long " * 100 if number == 24 else f"row {number}", number)

    assert write_rows(columns, rows(), format="parquet", out=out) == 35
    # Before the eleventh row is taken, the first ten are written.
    assert sizes[9] < sizes[10] < sizes[20] < sizes[25]
    found = parquet.ParquetFile(io.BytesIO(out.getvalue()))
    groups = [found.metadata.row_group(at).num_rows for at in range(found.metadata.num_row_groups)]
    assert groups == [10, 10, 5, 10]  # the long text closes its group
    assert found.read().column("count").to_pylist() == list(range(35))


def test_an_empty_parquet_has_its_columns() -> None:
    from pyarrow import parquet

    table = parquet.read_table(io.BytesIO(render(COLUMNS, [], format="parquet")))
    assert table.num_rows == 0
    assert table.column_names == [column.name for column in COLUMNS]


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_rows_are_counted(format: Format) -> None:
    assert write_rows(COLUMNS, iter(ROWS), format=format, out=io.BytesIO()) == len(ROWS)
    assert write_rows(COLUMNS, iter(()), format=format, out=io.BytesIO()) == 0
