"""All root causes of a week and their pieces, counted in a part of the feedback in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeVar

from nlp.evidence import Evidence, lay_out
from nlp.part import Part
from nlp.records import Cause, RootCause

Told = TypeVar("Told", Cause, RootCause)


@dataclass(frozen=True, slots=True, eq=False)
class ToldEvidence:
    """What stands behind the root causes and the pieces of a week, and the place of each in it."""

    evidence: Evidence
    causes: dict[str, int]
    pieces: dict[str, int]

    @classmethod
    def of(cls, whole: Part, causes: Sequence[RootCause], pieces: Sequence[Cause]) -> ToldEvidence:
        """Laid out from all feedback of the week."""
        told: list[RootCause | Cause] = [*causes, *pieces]
        return cls(
            lay_out(whole, [(one.theme_id, one.evidence_ids) for one in told]),
            {one.id: at for at, one in enumerate(causes)},
            {one.id: at for at, one in enumerate(pieces, start=len(causes))},
        )


_FIELDS = {
    kind: (attrgetter(*kind.__match_args__), kind.__match_args__) for kind in (Cause, RootCause)
}


def _changed(cause: Told, **changes: Any) -> Told:
    """`dataclasses.replace` in a third of the time: lists of hundreds are counted anew."""
    read, names = _FIELDS[type(cause)]
    values = dict(zip(names, read(cause), strict=True)) | changes
    return type(cause)(*values.values())


class ToldCounts:
    """The same, counted in a part."""

    def __init__(self, told: ToldEvidence, part: Part) -> None:
        customers, statements = told.evidence.counted(part)
        self._customers, self._statements = customers.tolist(), statements.tolist()
        self._told = told
        self._part = part

    def numbered(self, cause: Told) -> Told | None:
        """A cause with the numbers of the part, but all its evidence; None: nothing is there."""
        at = self._at(cause)
        if not self._statements[at]:
            return None
        customers = self._customers[at]
        of_theme = self._part.mention_count(cause.theme_id)[0]
        return _changed(
            cause,
            customers=customers,
            statements=self._statements[at],
            share_of_theme=round(customers / of_theme, 6),
        )

    def of(self, cause: Told) -> Told | None:
        """A cause counted in the part, with its evidence there; None when nothing is there."""
        found = self.numbered(cause)
        return None if found is None else self.with_ids(found)

    def with_ids(self, cause: Told) -> Told:
        """A cause that `numbered` gave, with its evidence in the part only."""
        ids = self._told.evidence.ids(self._at(cause), self._part)
        return _changed(cause, evidence_ids=ids)

    def _at(self, cause: RootCause | Cause) -> int:
        places = self._told.causes if isinstance(cause, RootCause) else self._told.pieces
        return places[cause.id]
