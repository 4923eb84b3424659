from __future__ import annotations

from pathlib import Path

import pytest

from flows.connectors.headers import columns_told
from flows.connectors.rows import UnreadableFile
from flows.connectors.source import open_source

DATA = "the first line looks like data, not a header; add a header line or name columns in a map"


def test_names_are_listed_in_order_and_cut() -> None:
    assert columns_told(["b", "a", "n" * 60], table=True) == f"its columns are a, b, {'n' * 40}"
    assert columns_told([], table=True) == "its columns are none"
    assert columns_told([f"c{n:02}" for n in range(45)], table=True).endswith("c38, c39")


@pytest.mark.parametrize(
    "columns",
    [
        ["id", "jane@example.com"],
        ["id", "one two three four five six seven"],
        ["id", "body", "kind", "2026-11-16 10:22"],
        ["Jane Smith", "C-104711"],
        ["4711", "3.5", "broken", "Jane"],
    ],
)
def test_what_looks_like_data_is_not_repeated(columns: list[str]) -> None:
    assert columns_told(columns, table=True) == DATA
    assert columns_told(columns, table=False) == (
        "its keys look like data, not names; name columns in a map"
    )


@pytest.mark.parametrize(
    "columns",
    [
        ["id", "one two three four five six"],
        ["Q1", "Q2_1", "Q5_TEXT"],
        ["revenue 2026", "Plan"],
        ["2025", "plan", "team"],
    ],
)
def test_what_looks_like_names_is_listed(columns: list[str]) -> None:
    assert columns_told(columns, table=True) == f"its columns are {', '.join(sorted(columns))}"


@pytest.mark.parametrize(
    "first",
    [
        "17,Jane Smith,jane@example.com,It broke",
        "17,Jane Smith,It broke again and I want my money back,x",
        "17,Jane Smith,It broke,2026-11-16",
    ],
)
def test_a_table_without_a_header_is_refused_without_its_words(first: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{first}\n18,b,c,d\n")
    with pytest.raises(UnreadableFile) as refusal:
        list(open_source(path, given=("kind", "source")))
    told = str(refusal.value).removeprefix(path.as_posix())
    assert DATA in told
    for words in ("Jane", "broke", "17", "2026"):
        assert words not in told
