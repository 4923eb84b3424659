"""What a reader hands over: rows as the file has them, with their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class UnreadableFile(ValueError):  # noqa: N818 - a file's fault, not the program's
    """A file that is not what it says; nothing of it is taken. Names the file and the way out."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row. `line` is where it begins in `file`, from 1 (its number where there are no lines).

    `fed_again`: it comes out of the quarantine, with the file and line it first stood in.
    """

    values: Mapping[str, object]
    file: str
    line: int
    fed_again: bool = False


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that could not be parsed, as it stands in the file, among others that could.

    `text` is empty where a row has too few or too many cells.
    `ids`: the columns that a map takes customer and account ids from.
    """

    text: str
    reason: str
    file: str
    line: int
    fed_again: bool = False
    ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of a file. `columns`: its header, None where each row names its own fields."""

    rows: tuple[RawRow | BrokenRow, ...]
    columns: tuple[str, ...] | None = None
