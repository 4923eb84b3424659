"""One export, from the store to a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from service.exports.columns import TABLES, Noun
from service.exports.files import Format, render
from service.exports.rows import export_rows
from store.database import Engine, read_scope
from store.snapshots import published_weeks


class NothingPublishedError(LookupError):
    """The week asked for was not run; the message says which were."""


@dataclass(frozen=True, slots=True)
class Exported:
    """An export in memory: its bytes, how many rows they hold, and as of which week."""

    noun: Noun
    format: Format
    week: str | None
    rows: int
    content: bytes

    @property
    def sha256(self) -> str:
        """Digest of the bytes, for comparing two exports."""
        return hashlib.sha256(self.content).hexdigest()


def export(engine: Engine, noun: Noun, *, format: Format, week: str | None = None) -> Exported:
    """The noun's state as of a week (None: the last published one; see EXPORTS.md).

    Raises:
        NothingPublishedError: the week was not run, or nothing was.
    """
    table = TABLES[noun]
    with read_scope(engine) as session:
        if week is not None or table.needs_run:
            week = published_week(published_weeks(session), week)
        rows = export_rows(session, noun, week=week)
    content = render(table.columns, rows, format=format)
    return Exported(noun=noun, format=format, week=week, rows=len(rows), content=content)


def published_week(published: list[str], week: str | None) -> str:
    """The week itself when it was published; the last published one for None.

    Raises:
        NothingPublishedError: it was not; the message names what was.
    """
    if not published:
        raise NothingPublishedError("no week was run yet; run: groundswell run")
    if week is None:
        return max(published)
    if week not in published:
        raise NothingPublishedError(
            f"{week} was not run; published are {min(published)} to {max(published)} "
            f"({len(published)} weeks). Run it with: groundswell run --week {week}"
        )
    return week
