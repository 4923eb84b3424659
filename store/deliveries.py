"""What is sent to whom, on record before it leaves, so that none is forgotten or doubled.

due -> sending -> sent, failed or unknown; failed -> sending.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from store.database import Session
from store.rows import among, read, sha256, to_row
from store.tables import DELIVERY

DeliveryStatus = Literal["due", "sending", "sent", "failed", "unknown"]
DeliveryDocument = Literal["week", "owner", "outcome"]
STATUSES: tuple[DeliveryStatus, ...] = get_args(DeliveryStatus)
_MAY_BE_TRIED: tuple[DeliveryStatus, ...] = ("due", "failed")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A document on its way to somebody.

    target: the address without its secrets. owner_id: empty but for an owner's part. status:
    "due" until it is claimed, "sending" since then; "failed": it certainly did not arrive;
    "unknown": it may have (no answer came, or the process died), so that it is not sent again
    unasked. error: of the last attempt, without secrets. started_at, finished_at: of the last
    attempt; of one that is due, when it was found to be.
    """

    id: str
    document: DeliveryDocument
    period: str
    owner_id: str
    target: str
    status: DeliveryStatus
    attempts: int
    error: str
    started_at: dt.datetime
    finished_at: dt.datetime | None = None


def delivery_id(document: DeliveryDocument, period: str, owner_id: str, identity: str) -> str:
    """The digest that makes a delivery one: the same document to the same address."""
    return sha256([document, period, owner_id, identity])


def plan(session: Session, wanted: Iterable[Delivery]) -> None:
    """Write down deliveries as due; one that is on record already stays as it is.

    Args:
        session: writes; the caller commits.
        wanted: their status, attempts and error are not looked at.
    """
    connection = session.connection()
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    for one in sorted(wanted, key=lambda one: one.id):
        row = to_row(one) | {"status": "due", "attempts": 0, "error": "", "finished_at": None}
        fresh = dialect.insert(DELIVERY).values(row)
        connection.execute(fresh.on_conflict_do_nothing(index_elements=["id"]))


def forget(session: Session, ids: Collection[str]) -> None:
    """Take due deliveries off the record: there turned out to be nothing to send."""
    where = [among(session, DELIVERY.c.id, ids), DELIVERY.c.status == "due"]
    session.connection().execute(delete(DELIVERY).where(*where))


def claim(
    session: Session, wanted: Delivery, *, from_status: Collection[DeliveryStatus] = _MAY_BE_TRIED
) -> bool:
    """Take a delivery for sending; commit before sending. False: somebody else has it, or had.

    Of any number of processes that claim the same delivery at once, one gets it.

    Args:
        session: writes; the caller commits.
        wanted: `started_at` is the moment of the claim; its status, attempts and error are not
            looked at.
        from_status: a delivery that is on record is taken when it stands so.
    """
    plan(session, [wanted])
    taken = (
        update(DELIVERY)
        .where(DELIVERY.c.id == wanted.id, DELIVERY.c.status.in_(sorted(from_status)))
        .values(
            status="sending",
            attempts=DELIVERY.c.attempts + 1,
            error="",
            started_at=wanted.started_at,
            finished_at=None,
        )
    )
    return session.connection().execute(taken).rowcount == 1


def settle(
    session: Session, name: str, *, status: DeliveryStatus, error: str, when: dt.datetime
) -> None:
    """Write down how an attempt ended; one that was given up for dead meanwhile is told too."""
    session.connection().execute(
        update(DELIVERY)
        .where(DELIVERY.c.id == name, DELIVERY.c.status.in_(["sending", "unknown"]))
        .values(status=status, error=error, finished_at=when)
    )


def bury(session: Session, *, before: dt.datetime, when: dt.datetime) -> int:
    """Deliveries claimed before a moment and never settled: whoever sent them died on the way.

    Returns:
        How many were found; they are "unknown" now.
    """
    found = session.connection().execute(
        update(DELIVERY)
        .where(DELIVERY.c.status == "sending", DELIVERY.c.started_at < before)
        .values(
            status="unknown",
            error="the process ended while it was sending; it may have arrived",
            finished_at=when,
        )
    )
    return found.rowcount


def expire(session: Session, *, before: dt.datetime, when: dt.datetime) -> int:
    """Deliveries due since before a moment: nobody waits for them any more.

    Returns:
        How many were found; they have failed now.
    """
    found = session.connection().execute(
        update(DELIVERY)
        .where(DELIVERY.c.status == "due", DELIVERY.c.started_at < before)
        .values(
            status="failed",
            error="never sent: the document was not there in time, or the address was taken away",
            finished_at=when,
        )
    )
    return found.rowcount


def load_deliveries(
    session: Session,
    *,
    ids: Collection[str] | None = None,
    period: str | None = None,
    limit: int | None = None,
) -> list[Delivery]:
    """Deliveries, the last tried first; of some ids, of a week or month, or all."""
    where: list[ColumnElement[bool]] = []
    if ids is not None:
        where.append(among(session, DELIVERY.c.id, ids))
    if period is not None:
        where.append(DELIVERY.c.period == period)
    order = [DELIVERY.c.started_at.desc(), DELIVERY.c.id]
    return read(session, Delivery, DELIVERY, *where, order=order, limit=limit)
