"""Plain notes, one a file: `.txt` or `.md` with a small front matter.

    ---
    created_at: 2026-11-16 10:22
    customer_id: 4711
    plan: Pro
    ---
    Customer called about the payout. She says ...

The front matter is lines of `name: value` between two lines of three dashes; every value is text.
Without an `id`, the file's name without its ending is the id; without a `kind`, it is a call note.
"""

from __future__ import annotations

import re

from flows.connectors.encoding import decode
from flows.connectors.rows import BrokenRow, RawRow, Table

_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|$)", re.DOTALL)
_ENTRY = re.compile(r"([^\s:#][^:]*?)\s*:(?:\s+(.*))?")


def read_note(file: str, data: bytes, *, stem: str, encoding: str | None = None) -> Table:
    """The one row of a note: its front matter and, as `text`, what follows.

    Raises:
        UnreadableFile: for what is not text.
    """
    text = decode(file, data, encoding=encoding).replace("\r\n", "\n").replace("\r", "\n")
    values: dict[str, object] = {"id": stem, "kind": "call_note"}
    found = _FRONT_MATTER.match(text)
    for number, line in enumerate((found[1] or "").split("\n") if found else (), start=2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        entry = _ENTRY.fullmatch(line.strip())
        if entry is None:
            reason = f"line {number} of the front matter is not `name: value`; mend it"
            return Table((BrokenRow(text, reason, file, 1),))
        values[entry[1]] = _unquoted((entry[2] or "").strip())
    values["text"] = text[found.end() :] if found else text
    return Table((RawRow(values, file, 1),))


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
