"""What was run, and forgetting what runs of a week and later wrote."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, delete, func, select, update

from store.database import Session
from store.revision import mark_changed
from store.rows import earlier, insert, read, to_row
from store.tables import ASSIGNMENT_VERSION, RUN, THEME_EVENT, THEME_VERSION

RunStatus = Literal["running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of a flow. `config`, `model_digests`, `counts` and `timings` are JSON texts.

    `input_digest` stands for all that the run read; empty when it must be run again.
    """

    id: str
    kind: str
    week: str | None
    status: RunStatus
    started_at: dt.datetime
    finished_at: dt.datetime | None = None
    config: str = "{}"
    model_digests: str = "{}"
    code_version: str = ""
    counts: str = "{}"
    timings: str = "{}"
    input_digest: str = ""
    error: str = ""


def save_run(session: Session, run: RunRecord) -> None:
    """Keep a run; the same id again replaces it."""
    insert(session, RUN, [to_row(run)], on_conflict="update")


def last_run(
    session: Session, *, week: str | None = None, status: RunStatus | None = None
) -> RunRecord | None:
    """The run that started last, of a week or of all, with a status or with any."""
    where: list[ColumnElement[bool]] = []
    if week is not None:
        where.append(RUN.c.week == week)
    if status is not None:
        where.append(RUN.c.status == status)
    order = [RUN.c.started_at.desc(), RUN.c.id.desc()]
    found = read(session, RunRecord, RUN, *where, order=order, limit=1)
    return found[0] if found else None


def list_runs(session: Session, limit: int = 50) -> list[RunRecord]:
    """The latest runs, the last started first."""
    order = [RUN.c.started_at.desc(), RUN.c.id.desc()]
    return read(session, RunRecord, RUN, order=order, limit=limit)


def find_run(session: Session, run_id: str) -> RunRecord | None:
    """The run with this id."""
    found = read(session, RunRecord, RUN, RUN.c.id == run_id, order=[RUN.c.id])
    return found[0] if found else None


def page_runs(
    session: Session,
    *,
    limit: int,
    week: str | None = None,
    status: RunStatus | None = None,
    before: tuple[dt.datetime, str] | None = None,
) -> list[RunRecord]:
    """Runs of a week and with a status, the last started first.

    `before`: only those after this one in that order, given by (started_at, id).
    """
    where: list[ColumnElement[bool]] = []
    if week is not None:
        where.append(RUN.c.week == week)
    if status is not None:
        where.append(RUN.c.status == status)
    if before is not None:
        where.append(earlier(RUN, *before))
    order = [RUN.c.started_at.desc(), RUN.c.id.desc()]
    return read(session, RunRecord, RUN, *where, order=order, limit=limit)


def weeks_run_anew(session: Session) -> frozenset[str]:
    """The weeks that were rewound and not run since: what is stored of them does not go together.

    Only their reports still say what they were published to say. A run that ends gives its week a
    digest again; one that dies leaves the weeks after it here until they are run.
    """
    wanted = (
        select(RUN.c.week)
        .where(RUN.c.status == "done", RUN.c.week.is_not(None))
        .group_by(RUN.c.week)
        .having(func.max(RUN.c.input_digest) == "")
    )
    return frozenset(session.connection().execute(wanted).scalars())


def rewind(session: Session, week: str) -> None:
    """Forget the state that runs of `week` and later wrote, so that `week` can be run anew.

    Theme versions, assignments and theme events go, and those runs lose their input digest, so
    that they run again. Their reports stay readable until each is published anew; their other rows
    stay, too, but stand on what is gone: `weeks_run_anew`. Feedback, statements, vectors, decisions
    and dated events stay for good.
    """
    mark_changed(session, "said")
    mark_changed(session, "published")
    connection = session.connection()
    for table in (THEME_VERSION, ASSIGNMENT_VERSION, THEME_EVENT):
        connection.execute(delete(table).where(table.c.week >= week))
    connection.execute(update(RUN).where(RUN.c.week >= week).values(input_digest=""))
