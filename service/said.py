"""Statements and where they stand, read a theme at a time when one of it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from nlp.part import Part
from nlp.placed import statements_placed
from nlp.records import Assignment, Statement
from store.assignments import assignments_of
from store.database import Session
from store.statements import statements_by_id

Value = TypeVar("Value")


class SaidLazily:
    """What was said in a part by the id of the statement; good as long as the session is open."""

    def __init__(self, session: Session, part: Part) -> None:
        self._session = session
        self._part = part
        self._said: dict[str, Statement] = {}
        self._stands: dict[str, Assignment] = {}

    @property
    def statements(self) -> Mapping[str, Statement]:
        """Id to statement."""
        return _OfMany(self._part, self._read, self._said)

    @property
    def assignments(self) -> Mapping[str, Assignment]:
        """Id to its place in the week of the part."""
        return _OfMany(self._part, self._read, self._stands)

    def _read(self, name: str) -> None:
        """All statements of the narrow theme that this one stands in; whoever asks wants them."""
        week = self._part.week
        place = assignments_of(self._session, [name], week).get(name)
        if place is None:
            return
        _, names = self._part.said(place.theme_id) if place.theme_id else (None, [name])
        self._said |= statements_by_id(self._session, names)
        self._stands |= assignments_of(self._session, names, week)


class _OfMany(Mapping[str, Value], Generic[Value]):
    def __init__(self, part: Part, read: Callable[[str], None], found: dict[str, Value]) -> None:
        self._part = part
        self._read = read
        self._found = found

    def __getitem__(self, name: str) -> Value:
        if name not in self._found:
            self._read(name)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(statements_placed(self._part))

    def __len__(self) -> int:
        return len(statements_placed(self._part))
