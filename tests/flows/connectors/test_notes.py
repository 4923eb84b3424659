from __future__ import annotations

import pytest

from flows.connectors.notes import read_note
from flows.connectors.rows import BrokenRow, RawRow, UnreadableFile


def values(text: str) -> dict[str, object]:
    row = read_note("n.md", text.encode(), stem="n").rows[0]
    assert isinstance(row, RawRow)
    return dict(row.values)


def test_front_matter_and_text() -> None:
    head = "\ufeff---\r\n# by the agent\r\ncreated_at: 2026-11-16 10:22\r\nid: 0012\r\n"
    assert values(
        head
        + "plan: 'Pro: big'\r\nempty:\r\n---\r\nCalled about a payout.\r\n\r\n--- \r\nAgain.\r\n"
    ) == {
        "id": "0012",
        "kind": "call_note",
        "created_at": "2026-11-16 10:22",
        "plan": "Pro: big",
        "empty": "",
        "text": "Called about a payout.\n\n--- \nAgain.\n",
    }


def test_without_front_matter_the_name_is_the_id() -> None:
    assert values("Only text: here.") == {
        "id": "n",
        "kind": "call_note",
        "text": "Only text: here.",
    }
    assert values("---\nnever closed: x")["text"] == "---\nnever closed: x"
    assert values("---\n---\nx")["text"] == "x"


def test_a_wrong_line_is_one_broken_row() -> None:
    row = read_note("n.md", b"---\nid: 1\nnonsense\n---\ntext", stem="n").rows[0]
    assert isinstance(row, BrokenRow)
    assert "line 3" in row.reason


def test_an_image_is_no_note() -> None:
    with pytest.raises(UnreadableFile, match="JPEG"):
        read_note("n.txt", b"\xff\xd8\xff\xe0....", stem="n")
