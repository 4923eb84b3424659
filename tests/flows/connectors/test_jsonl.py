from __future__ import annotations

import pytest

from flows.connectors.jsonl import read_json, read_jsonl
from flows.connectors.rows import BrokenRow, RawRow, Table, UnreadableFile


def places(table: Table) -> list[tuple[int, object]]:
    return [(row.line, row.values["id"]) for row in table.rows if isinstance(row, RawRow)]


def test_lines_with_blank_ones_a_byte_order_mark_and_a_line_separator_in_a_text() -> None:
    data = '\ufeff{"id": 1, "t": "a\u2028b"}\r\n\n{"id": 2}\n'.encode()
    assert places(read_jsonl("f", data)) == [(1, 1), (3, 2)]


def test_nan_says_nothing() -> None:
    row = read_jsonl("f", b'{"id": 1, "score": NaN}').rows[0]
    assert isinstance(row, RawRow)
    assert row.values["score"] is None


def test_one_broken_line_is_one_broken_row() -> None:
    table = read_jsonl("f", b'{"id": 1}\n{"id": 2\n[3]\n{"id": 4}\n')
    broken = [row for row in table.rows if isinstance(row, BrokenRow)]
    assert places(table) == [(1, 1), (4, 4)]
    assert [(row.line, row.text) for row in broken] == [(2, '{"id": 2'), (3, "[3]")]
    assert "not JSON" in broken[0].reason
    assert "not an object" in broken[1].reason


def test_nesting_too_deep_is_one_broken_row() -> None:
    table = read_jsonl("f", b'{"id": 1}\n' + b"[" * 100_000 + b"\n")
    assert isinstance(table.rows[1], BrokenRow)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"id,text\n1,a\n", "not JSON lines: 2 of 2"),
        (b'{"id": 1}\nx\ny\n', "2 of 3 lines"),
        (b"\x89PNG....", "PNG"),
        (b'[{"id": 1}', "cut"),
    ],
)
def test_what_is_not_json_lines_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        read_jsonl("f", data)


def test_half_broken_is_still_taken() -> None:
    assert len(read_jsonl("f", b'{"id": 1}\nx\n').rows) == 2


@pytest.mark.parametrize("read", [read_json, read_jsonl])
def test_a_list_has_the_lines_of_its_objects(read: object) -> None:
    data = b'[\n  {"id": 1,\n   "x": []},\n  {"id": 2}, {"id": 3}\n]\n'
    assert places(read("f", data)) == [(2, 1), (4, 2), (4, 3)]  # type: ignore[operator]


def test_a_document_with_its_list_named_found_or_none() -> None:
    assert places(read_json("f", b'{"tickets": [{"id": 1}, {"id": 2}], "count": 2}')) == [
        (1, 1),
        (2, 2),
    ]
    nested = b'{"data": {"rows": [{"id": 5}]}, "other": [{"id": 6}]}'
    assert places(read_json("f", nested, records="data.rows")) == [(1, 5)]
    assert places(read_json("f", b'{"id": 7, "text": "x", "tags": [{"id": 8}]}')) == [(1, 7)]
    assert read_json("f", b"[]").rows == ()


@pytest.mark.parametrize(
    ("data", "records", "message"),
    [
        (b'{"a": [', None, "not JSON"),
        (b"3", None, "not a list of objects"),
        (b"[1]", None, "not an object"),
        (b'[{"id": 1} {"id": 2}]', None, "not closed"),
        (b'[{"id": 1}] x', None, "goes on after"),
        (b'{"a": [1]}', "a", "entry 1 is a int"),
        (b'{"a": 1}', "a.b", "no list at 'a.b'"),
    ],
)
def test_what_is_not_json_is_refused(data: bytes, records: str | None, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        read_json("f", data, records=records)
