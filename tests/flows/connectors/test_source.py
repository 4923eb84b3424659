from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.connectors.rows import BrokenRow, RawRow, UnreadableFile
from flows.connectors.source import find_files, open_source
from flows.mapping import FeedMap

GIVEN = ("kind", "source")


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_files_come_once_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b/z.csv", "b/a.csv", "a.csv", ".hidden", ".git/x.csv", "c.csv"):
        write(tmp_path, name, "x")
    found = find_files([tmp_path / "c.csv", tmp_path, tmp_path / "b"])
    assert [f.relative_to(tmp_path).as_posix() for f in found] == [
        "a.csv",
        "b/a.csv",
        "b/z.csv",
        "c.csv",
    ]


def test_a_path_that_is_not_there_and_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="is not there"):
        find_files([tmp_path / "no.csv"])
    with pytest.raises(UnreadableFile, match="without files"):
        find_files([tmp_path])


def test_column_names_of_fields_are_known_however_they_are_written(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "ID,Text,Created At,Plan\n1,a,2026-01-02,Pro\n")
    (row,) = open_source(path, given=GIVEN)
    assert isinstance(row, RawRow)
    assert row.values == {"id": "1", "text": "a", "created_at": "2026-01-02", "Plan": "Pro"}


def test_a_table_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id,body,created_at\n1,a,2026-01-02\n")
    with pytest.raises(
        UnreadableFile, match=r"has no column 'text'; its columns are body, created_at, id"
    ):
        list(open_source(path, given=GIVEN))
    mapped = FeedMap(columns={"text": "boddy"})
    with pytest.raises(UnreadableFile, match="'boddy'"):
        list(open_source(path, mapped, given=GIVEN))
    assert len(list(open_source(path, FeedMap(columns={"text": "body"}), given=GIVEN))) == 1
    with pytest.raises(UnreadableFile, match="'kind', 'source'"):
        list(open_source(path, FeedMap(columns={"text": "body"})))
    optional = FeedMap(columns={"text": ["body", "boddy"]}, optional=frozenset({"boddy"}))
    assert len(list(open_source(path, optional, given=GIVEN))) == 1


def test_objects_need_the_mapped_fields_in_one_row_at_least(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"id": 1, "b": {"t": "x"}}\n{"id": 2}\n')
    plan = FeedMap(columns={"text": "b.t"})
    assert [row.values for row in open_source(path, plan) if isinstance(row, RawRow)][1][
        "text"
    ] is None
    with pytest.raises(UnreadableFile, match=r"'b\.u'"):
        list(open_source(path, FeedMap(columns={"text": "b.u"})))
    with pytest.raises(UnreadableFile, match="'id', 'text', 'created_at'"):
        list(open_source(write(tmp_path, "b.jsonl", '{"x": 1}\n')))


def test_an_unknown_ending_is_refused_unless_the_map_says_what_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, "a.dat", "id;text;created_at\n1;a;2026-01-02\n")
    with pytest.raises(UnreadableFile, match="by its ending"):
        list(open_source(path, given=GIVEN))
    plan = FeedMap.model_validate({"file": {"format": "delimited"}})
    assert len(list(open_source(path, plan, given=GIVEN))) == 1


def test_rows_of_the_quarantine_are_unwrapped_and_not_mapped_again(tmp_path: Path) -> None:
    raw = {"id": "1", "text": "a", "_from": {"file": "old.csv", "line": 7}}
    plan = FeedMap(columns={"text": "other"})
    mend = write(tmp_path, "mend.jsonl", json.dumps(raw) + "\n")
    exported = {"id": "1", "stage": "intake", "reason": "r", "file": "old.csv", "line": 7}
    export = write(tmp_path, "export.jsonl", json.dumps(exported | {"raw": json.dumps(raw)}) + "\n")
    quoted = json.dumps(raw).replace('"', '""')
    table = write(
        tmp_path, "q.csv", f'id,stage,reason,file,line,raw\n1,intake,r,old.csv,7,"{quoted}"\n'
    )
    for path in (mend, export, table):
        assert list(open_source(path, plan)) == [
            RawRow({"id": "1", "text": "a"}, "old.csv", 7, fed_again=True)
        ]


def test_a_line_that_was_broken_is_read_and_mapped_once_mended(tmp_path: Path) -> None:
    origin = {"file": "old.jsonl", "line": 3}
    plan = FeedMap(columns={"text": "other"})
    for raw, mended in (('{"id": 1, "other": "a"}', True), ('{"id": 1', False)):
        path = write(tmp_path, "m.jsonl", json.dumps({"raw": raw, "_from": origin}) + "\n")
        (row,) = open_source(path, plan)
        assert (row.file, row.line, row.fed_again) == ("old.jsonl", 3, True)
        if mended:
            assert isinstance(row, RawRow)
            assert row.values == {"id": 1, "text": "a"}
        else:
            assert isinstance(row, BrokenRow)
            assert row.text == raw
