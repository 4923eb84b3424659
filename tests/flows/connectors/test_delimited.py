from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.connectors.delimited import read_delimited
from flows.connectors.rows import BrokenRow, RawRow, UnreadableFile


def lines(text: str, **options: object) -> list[tuple[int, dict[str, object]]]:
    table = read_delimited("f.csv", text.encode(), **options)  # type: ignore[arg-type]
    assert all(isinstance(row, RawRow) for row in table.rows)
    return [(row.line, dict(row.values)) for row in table.rows if isinstance(row, RawRow)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", "\x1f"])
def test_any_delimiter_is_found(delimiter: str) -> None:
    rows = [["id", "text"], ["1", "hello, you; there"], ["2", "b"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert lines(text) == [
        (2, {"id": "1", "text": "hello, you; there"}),
        (3, {"id": "2", "text": "b"}),
    ]


def test_a_comma_in_unquoted_texts_does_not_mislead() -> None:
    assert lines("id;text\n1;a, b, c\n2;d, e\n")[0][1] == {"id": "1", "text": "a, b, c"}


def test_lines_are_the_files_own_with_quoted_newlines_and_blank_lines() -> None:
    text = 'id,text\r\n1,"a\r\nb\n""c"""\r\n\r\n , \r\n2,d\r\n'
    assert lines(text) == [(2, {"id": "1", "text": 'a\r\nb\n"c"'}), (7, {"id": "2", "text": "d"})]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_encodings_are_found(encoding: str) -> None:
    text = "id,text\n1,sehr sch\xf6n\n" * 3
    table = read_delimited("f.csv", text.encode(encoding))
    assert table.columns == ("id", "text")
    first = table.rows[0]
    assert isinstance(first, RawRow)
    assert first.values["text"] == "sehr sch\xf6n"


def test_a_named_encoding_is_used_and_a_wrong_one_refused() -> None:
    data = "id,text\n1,\u3053\u3093\u306b\u3061\u306f\n".encode("shift_jis")
    table = read_delimited("f.csv", data, encoding="shift_jis")
    first = table.rows[0]
    assert isinstance(first, RawRow)
    assert first.values["text"] == "\u3053\u3093\u306b\u3061\u306f"
    with pytest.raises(UnreadableFile, match="encoding"):
        read_delimited("f.csv", data)
    with pytest.raises(UnreadableFile, match="is not utf-8"):
        read_delimited("f.csv", data, encoding="utf-8")


def test_one_damaged_row_among_good_ones_stays_one_row() -> None:
    data = "id,text\n1,sch\xf6n\n2,bad \n3,gr\xfcn\n".encode().replace(b"bad ", b"bad \xff")
    rows = read_delimited("f.csv", data).rows
    texts = [row.values["text"] for row in rows if isinstance(row, RawRow)]
    assert texts == ["sch\xf6n", "bad \udcff", "gr\xfcn"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG image"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04...", "Excel"),
        (b"PAR1....PAR1", "Parquet"),
        (b"\x1f\x8b\x08..", "gzip"),
        (bytes(range(32)) * 20, "binary"),
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"id,text\n1,a,b\n", r"f\.csv:2: has 3 cells, .* has 2: quote the"),
        (b"id,text\n1,a\n2\n", r"f\.csv:3: has 1 cell, .* has 2: a cell is missing"),
        (b'id,text\n1,"never closed\n2,b\n', r"f\.csv:2: is not CSV"),
        (b'id,text\n1,"a" b\n', r"f\.csv:2: is not CSV"),
        (b"id,\n1,b\n", "column 2 has no name"),
        (b"\xff\xfeid,text\n1", "utf-16"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        read_delimited("f.csv", data)


@pytest.mark.parametrize(("controls", "refused"), [(8, False), (9, True)])
def test_how_many_control_characters_a_text_may_hold(controls: int, *, refused: bool) -> None:
    data = b"id,text\n1," + b"\x00" * controls + b"\n"
    if refused:
        with pytest.raises(UnreadableFile, match="binary"):
            read_delimited("f.csv", data)
    else:
        assert len(read_delimited("f.csv", data).rows) == 1


def test_ragged_rows_may_be_kept_without_their_cells() -> None:
    table = read_delimited("f.csv", b"id,text\n1,a\n2\n3,b,c\n", ragged="keep")
    first, short, long = table.rows
    assert isinstance(first, RawRow)
    assert isinstance(short, BrokenRow)
    assert isinstance(long, BrokenRow)
    assert (short.line, long.line) == (3, 4)
    assert (short.text, long.text) == ("", "")
    assert short.reason.startswith("has 1 cell, its header in line 1 has 2: a cell is missing")
    assert long.reason.endswith("has 2: quote the texts that hold the delimiter")


def test_quotes_that_are_only_letters() -> None:
    text = 'id\ttext\n1\t"so called" help\n'
    with pytest.raises(UnreadableFile, match="quote: none"):
        lines(text)
    assert lines(text, quote="none") == [(2, {"id": "1", "text": '"so called" help'})]


def test_several_header_rows() -> None:
    text = 'V1,V2\nid,"text, said"\n{x},{y}\n1,a\n'
    assert lines(text, header_rows=3) == [(4, {"V1": "1", "V2": "a"})]
    assert lines(text, header_rows=3, names_row=2) == [(4, {"id": "1", "text, said": "a"})]
    with pytest.raises(UnreadableFile, match="header rows"):
        lines("a,b\n", header_rows=2)


def test_names_that_repeat_and_a_nameless_empty_column() -> None:
    assert lines("id,why?,why?,\n1,a,b,\n") == [(2, {"id": "1", "why?": "a", "why? (2)": "b"})]


def test_a_very_long_cell_is_read() -> None:
    assert len(str(lines("id,text\n1," + "a" * 200_000 + "\n")[0][1]["text"])) == 200_000


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["C"], include_characters="\n\r"), max_size=8),
            min_size=3,
            max_size=3,
        ),
        max_size=6,
    ),
    st.sampled_from(",;\t|"),
)
def test_what_is_written_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    written = [["one", "two", "three"], *(["x" + row[0], *row[1:]] for row in rows)]
    text = "\n".join(delimiter.join(map(cell, row)) for row in written)
    read = [list(values.values()) for _, values in lines(text, delimiter=delimiter)]
    assert read == written[1:]
