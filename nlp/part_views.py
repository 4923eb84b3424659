"""Columns, rows and statements of a part as mappings that work out what they are asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nlp.ledger import runs
from nlp.population import IntArray

if TYPE_CHECKING:
    from nlp.part import Part

SaidOf = OrderedDict[str, dict[int, tuple[str, ...]]]
_TURNS = threading.Lock()
_THEMES_READ = 8  # themes whose statements are laid out message by message at a time


class AttributesOf(Mapping[str, tuple[str, ...]]):
    """Columns of a part; those that nobody in it has are left out."""

    def __init__(self, part: Part, read: dict[str, tuple[str, ...]]) -> None:
        self._part = part
        self._read = read

    def __getitem__(self, name: str) -> tuple[str, ...]:
        found = self._read.get(name)
        if found is None:
            if name not in self:
                raise KeyError(name)
            column = self._part.ledger.attributes[name]
            values = np.array(column.values, dtype=np.object_)
            found = self._read[name] = tuple(values[column.codes[self._part.rows]].tolist())
        return found

    def __contains__(self, name: object) -> bool:
        ledger = self._part.ledger
        column = ledger.attributes.get(str(name))
        if column is not None and self._part.__dict__["_whole"]:
            return bool(ledger.whole.values(ledger, str(name), self._part.__dict__["_place"]))
        return column is not None and bool(column.codes[self._part.rows].any())

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._part.ledger.attributes if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class MembersOf(Mapping[str, IntArray]):
    """Rows of a part by theme."""

    def __init__(self, part: Part, read: dict[str, IntArray]) -> None:
        self._part = part
        self._read = read

    def __getitem__(self, theme_id: str) -> IntArray:
        found = self._read.get(theme_id)
        if found is None:
            rows, _ = self._part.mentions(theme_id)
            if not rows.size:
                raise KeyError(theme_id)
            first = np.ones(rows.size, dtype=np.bool_)
            first[1:] = rows[1:] != rows[:-1]
            found = self._read[theme_id] = self._part.rows_at(rows[first])
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._part.counts)

    def __len__(self) -> int:
        return len(self._part.counts)


class StatementsOf(Mapping[tuple[str, int], tuple[str, ...]]):
    """Statement ids of a part by theme and row."""

    def __init__(self, part: Part, read: SaidOf) -> None:
        self._part = part
        self._read = read

    def _of(self, theme_id: str) -> dict[int, tuple[str, ...]]:
        found = self._read.get(theme_id)
        if found is None:
            rows, names = self._part.said(theme_id)
            found = {int(rows[start]): tuple(names[start:end]) for start, end in runs(rows)}
            with _TURNS:  # several threads read one part
                self._read[theme_id] = found
                while len(self._read) > _THEMES_READ:
                    self._read.popitem(last=False)
        return found

    def __getitem__(self, key: tuple[str, int]) -> tuple[str, ...]:
        theme_id, row = key
        try:
            return self._of(theme_id)[row]
        except KeyError:
            raise KeyError(key) from None

    def get(self, key: tuple[str, int], default: Any = None) -> Any:
        """The statements of a row; what is given where there are none."""
        theme_id, row = key
        return self._of(theme_id).get(row, default)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return ((name, row) for name in self._part.counts for row in self._of(name))

    def __len__(self) -> int:
        return sum(len(self._of(name)) for name in self._part.counts)
