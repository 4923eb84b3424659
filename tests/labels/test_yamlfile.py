from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.errors import LabelsError
from labels.yamlfile import dotted, read_yaml


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "a.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_lines_of_keys_and_items(tmp_path: Path) -> None:
    file = read_yaml(written(tmp_path, "# c\na:\n  - x: 1\n  - x: 2\n    y: 3\nb: {c: 4}\n"))
    assert file.line_of(("a",)) == 2
    assert file.line_of(("a", 1)) == 4
    assert file.line_of(("a", 1, "y")) == 5
    assert file.line_of(("b", "c")) == 6


def test_line_of_what_is_missing_is_that_of_what_holds_it(tmp_path: Path) -> None:
    file = read_yaml(written(tmp_path, "a: 1\nb:\n  c: 1\n"))
    assert file.line_of(("b", "nothing", "deeper")) == 2
    assert file.line_of(("b", 7)) == 2
    assert file.line_of(()) == 1


def test_bom_and_windows_lines_are_read(tmp_path: Path) -> None:
    file = read_yaml(written(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n"))
    assert file.data == {"a": 1, "b": 2}
    assert file.line_of(("b",)) == 2


def test_repeated_keys_are_refused_where_yaml_keeps_the_last(tmp_path: Path) -> None:
    path = written(tmp_path, "a:\n  b: 1\n  b: 2\nc: 1\nc: 2\n")
    with pytest.raises(LabelsError) as caught:
        read_yaml(path)
    assert [(p.line, p.key) for p in caught.value.problems] == [(3, "a.b"), (5, "c")]
    assert "first on line 2" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("", 0, "is empty"),
        ("# only words\n", 0, "is empty"),
        ("null\n", 0, "is empty"),
        ("- a\n", 1, "keys with values"),
        ("a: [1\n", 2, "not valid YAML"),
        ("a: 1\n b: 2\n", 2, "not valid YAML"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a: !!python/object:os.system x\n", 1, "not valid YAML"),
        ("a: *nowhere\n", 1, "undefined alias"),
        ("? [a]\n: 1\n", 1, "not valid YAML"),
        (b"a: \xff\n", 0, "not UTF-8"),
        ("a: 1\nb: \x00\n", 2, "control character"),
    ],
)
def test_broken_files_say_where(tmp_path: Path, content: str | bytes, line: int, says: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(LabelsError, match=says) as caught:
        read_yaml(path)
    assert caught.value.problems[0].file == str(path)
    assert caught.value.problems[0].line == line


def test_number_too_long_for_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match="cannot read"):
        read_yaml(written(tmp_path, f"a: {'9' * 5000}\n"))


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match="cannot be read"):
        read_yaml(tmp_path)


def test_dates_stay_text(tmp_path: Path) -> None:
    file = read_yaml(written(tmp_path, "a: 2026-13-45\nb: 2026-01-02\n"))
    assert file.data == {"a": "2026-13-45", "b": "2026-01-02"}


def test_list_that_holds_itself_ends(tmp_path: Path) -> None:
    assert list(read_yaml(written(tmp_path, "a: &x [*x]\n")).data) == ["a"]


@given(st.lists(st.one_of(st.integers(0, 99), st.from_regex(r"[a-z]{1,5}", fullmatch=True))))
def test_dotted_paths_can_be_read_back(keys: list[str | int]) -> None:
    path = ("top", *keys)
    parts = dotted(path).replace("[", ".[").split(".")
    assert [int(p[1:-1]) if p.startswith("[") else p for p in parts] == list(path)
