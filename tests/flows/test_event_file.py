from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from flows.event_file import EventFileError, read_events
from nlp.records import DatedEvent


def _file(folder: Path, content: str | bytes, name: str = "events.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


RELEASE = DatedEvent(dt.date(2026, 10, 12), "release", "4.2", "scanner, new")


@pytest.mark.parametrize(
    "content",
    [
        'date,kind,name,detail\n2026-10-12,release,4.2,"scanner, new"\n',
        "\ufeffDay;Kind;Name;Detail\r\n2026-10-12T09:00:00;release;4.2;scanner, new\r\n",
        'kind\tname\tdate\tdetail\nrelease\t4.2\t2026-10-12\t"scanner,\nnew"\n',
    ],
)
def test_csv_in_any_dialect(tmp_path: Path, content: str) -> None:
    assert read_events(_file(tmp_path, content)) == [RELEASE]


def test_jsonl(tmp_path: Path) -> None:
    line = '{"day":"2026-10-12","kind":"release","name":4.2,"detail":"scanner, new"}\n\n'
    assert read_events(_file(tmp_path, line, "events.jsonl")) == [RELEASE]


def test_detail_may_be_missing(tmp_path: Path) -> None:
    found = read_events(_file(tmp_path, "date,kind,name\n2026-10-12,incident,Outage\n"))
    assert found == [DatedEvent(dt.date(2026, 10, 12), "incident", "Outage")]


@pytest.mark.parametrize(
    ("name", "content", "line", "hint"),
    [
        ("e.csv", "when,kind,name\n2026-10-12,release,4.2\n", 1, "needed are date"),
        ("e.csv", "", 1, "the columns are none"),
        ("e.csv", "date,kind,name\n2026-10-12,a,b\n12.10.2026,a,b\n", 3, "2026-10-12"),
        ("e.csv", "date,kind,name\n2026-10-12,,b\n", 2, "kind is empty"),
        ("e.csv", "date,kind,name\n2026-10-12,a\n", 2, "name is empty"),
        ("e.jsonl", "[1]\n", 1, "not a JSON object"),
        ("e.jsonl", '{"date":"2026-10-12"', 1, "is not JSON"),
    ],
)
def test_wrong_files_name_the_line_and_the_way_out(
    tmp_path: Path, name: str, content: str, line: int, hint: str
) -> None:
    path = _file(tmp_path, content, name)
    with pytest.raises(EventFileError, match=hint) as caught:
        read_events(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    content = "date,kind,name\n2026-10-12,release,Café\n".encode("latin-1")
    with pytest.raises(EventFileError, match="UTF-8"):
        read_events(_file(tmp_path, content))
