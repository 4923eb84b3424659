"""One export, from the store to a file."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Container, Generator
from dataclasses import dataclass
from typing import IO

from service.exports.columns import TABLES, Noun
from service.exports.files import Format, write_rows
from service.exports.rows import export_rows
from store.database import Engine, Session, read_scope
from store.runs import weeks_run_anew
from store.snapshots import published_weeks

_PIECE = 256 * 1024  # bytes handed out at once
_IN_MEMORY = 4 * 1024 * 1024  # bytes; most exports are smaller and need no file


class NothingPublishedError(LookupError):
    """The week asked for was not run; the message says which were."""


class WeekRunAnewError(RuntimeError):
    """The week waits for a run since an earlier one was run anew: its rows do not go together."""


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


@dataclass(frozen=True, slots=True)
class Spooled:
    """An export in a file of its own, read from its start; who takes it closes it.

    Small ones stay in memory, larger ones are in a file without a name that goes with it.
    """

    noun: Noun
    format: Format
    week: str | None
    rows: int
    size: int
    file: IO[bytes]

    def pieces(self) -> Generator[bytes, None, None]:
        """The file in pieces; closed after the last one, or when nobody wants more."""
        with self.file:
            while piece := self.file.read(_PIECE):
                yield piece


Choice = Callable[[Session, str | None], Container[str]]


def spool(
    engine: Engine,
    noun: Noun,
    *,
    format: Format,
    week: str | None = None,
    choose: Choice | None = None,
) -> Spooled:
    """The same as `export`, in memory that does not grow with its rows.

    `choose` gives the keys of the only messages wanted, from the same read of the store and the
    week exported; for the exports in `rows.OF_MESSAGES`.

    The store is read to the end before the first byte is handed out: a slow reader, or one that
    goes away, holds nothing open.

    Raises:
        NothingPublishedError: the week was not run, or nothing was.
        WeekRunAnewError: an earlier week was run anew, and this one was not yet.
    """
    # The caller closes it, through `Spooled.pieces`.
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    try:
        with read_scope(engine) as session:
            week = _week_of(session, noun, week)
            only = choose(session, week) if choose is not None else None
            rows = export_rows(session, noun, week=week, only=only)
            written = write_rows(TABLES[noun].columns, rows, format=format, out=file)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    return Spooled(noun=noun, format=format, week=week, rows=written, size=size, file=file)


def export(
    engine: Engine,
    noun: Noun,
    *,
    format: Format,
    week: str | None = None,
    choose: Choice | None = None,
) -> Exported:
    """The noun's state as of a week (None: the last published one; see EXPORTS.md).

    Raises:
        NothingPublishedError: the week was not run, or nothing was.
        WeekRunAnewError: an earlier week was run anew, and this one was not yet.
    """
    made = spool(engine, noun, format=format, week=week, choose=choose)
    content = b"".join(made.pieces())
    return Exported(noun=noun, format=format, week=made.week, rows=made.rows, content=content)


def as_of(
    engine: Engine, noun: Noun, *, week: str | None = None, choose: Choice | None = None
) -> str | None:
    """The week whose state `spool` would export; checks what it checks, and reads no rows.

    Raises:
        NothingPublishedError: the week was not run, or nothing was.
        WeekRunAnewError: an earlier week was run anew, and this one was not yet.
    """
    with read_scope(engine) as session:
        found = _week_of(session, noun, week)
        if choose is not None:
            choose(session, found)
        return found


def _week_of(session: Session, noun: Noun, week: str | None) -> str | None:
    if week is None and not TABLES[noun].needs_run:
        return None
    found = published_week(published_weeks(session), week)
    check_settled(session, found)
    return found


def check_settled(session: Session, week: str) -> None:
    """Refuse a published week whose rows do not go together.

    Raises:
        WeekRunAnewError: an earlier week was run anew, and this one was not yet.
    """
    if week in weeks_run_anew(session):
        raise WeekRunAnewError(
            f"{week} is being run anew: an earlier week has changed under it; ask again when its "
            "run is done (if none is at work: groundswell run)"
        )


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
