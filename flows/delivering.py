"""Delivers what was published: builds each document, claims it, sends it, writes down the end.

A delivery is claimed, and the claim committed, before anything is sent: a process that dies in
between leaves a claim that nobody takes again, so that nothing is ever sent twice.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from flows.sending import Message, Route, Sent, routes_of, send
from flows.settings import Settings
from flows.targets import TargetError, find_targets
from labels.schema import Labels
from report.render_mail import render_mail
from report.render_text import render_chat_markdown, render_text
from service.documents import Documents, Package
from service.exporting import NothingPublishedError
from service.stored_report import OtherVersionError
from store.database import Engine, read_scope, session_scope
from store.deliveries import (
    Delivery,
    DeliveryDocument,
    DeliveryStatus,
    bury,
    claim,
    delivery_id,
    load_deliveries,
    settle,
)


@dataclass(frozen=True, slots=True)
class DeliveryConfig:
    """How hard is tried.

    waits: seconds between the attempts of one call; a mail server that restarts is back in these.
    attempts: after so many in all a delivery is left to people, who see it in the list.
    retry_days: what failed longer ago is stale; its reader has a later one by now.
    dead_minutes: a claim this old belongs to a process that ended: one attempt takes seconds.
    """

    waits: tuple[float, ...] = (5.0, 30.0)
    attempts: int = 12
    retry_days: int = 28
    dead_minutes: int = 60


@dataclass(frozen=True, slots=True)
class Parcel:
    """One document for one recipient, and how its delivery stands (None: never tried)."""

    id: str
    document: DeliveryDocument
    period: str
    owner_id: str
    route: Route = field(repr=False)
    before: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a parcel.

    status: as of a delivery; "due": nothing was done, it would be sent; "not built": there is no
    such document, `error` says why.
    """

    document: DeliveryDocument
    period: str
    owner_id: str
    target: str
    form: str
    status: str
    attempts: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents are to be delivered: an ISO week's, a month's ("2026-10"), or none."""

    week: str | None = None
    month: str | None = None


def routes(settings: Settings, labels: Labels) -> tuple[tuple[Route, ...], tuple[str, ...]]:
    """Everybody something is sent to, and what is wrong with the addresses that cannot be used."""
    found: list[Route] = []
    problems: list[str] = []
    for target in find_targets(settings.deliver, labels):
        try:
            found += routes_of(target)
        except TargetError as error:
            problems.append(str(error))
    return tuple(found), tuple(problems)


def parcels(
    engine: Engine,
    to: Sequence[Route],
    wanted: Wanted,
    *,
    now: dt.datetime,
    again: bool = False,
    config: DeliveryConfig | None = None,
) -> tuple[Parcel, ...]:
    """What is still to be sent: of the documents wanted, and of those that failed before.

    Args:
        engine: the record is read.
        to: who gets something.
        wanted: the documents.
        now: failed deliveries are looked for in the days before it.
        again: those that may have arrived are sent again, too.
        config: how hard is tried.
    """
    config = config or DeliveryConfig()
    with read_scope(engine) as session:
        known = {one.id: one for one in load_deliveries(session)}
    since = now - dt.timedelta(days=config.retry_days)
    open_for = _open(again)
    asked: set[tuple[DeliveryDocument, str]] = set()
    if wanted.week:
        asked |= {("week", wanted.week), ("owner", wanted.week)}
    if wanted.month:
        asked.add(("outcome", wanted.month))
    retried = {
        (one.document, one.period)
        for one in known.values()
        if one.status in open_for and one.started_at >= since
    }
    found: list[Parcel] = []
    for document, period in sorted(asked | retried):
        for route in to:
            if (document == "owner") != bool(route.target.owner_id):
                continue
            name = delivery_id(document, period, route.target.owner_id, route.identity)
            before = known.get(name)
            if before is None and (document, period) not in asked:
                continue
            if before is not None and (
                before.status not in open_for or (before.attempts >= config.attempts and not again)
            ):
                continue
            found.append(Parcel(name, document, period, route.target.owner_id, route, before))
    return tuple(found)


def deliver(
    engine: Engine,
    documents: Documents,
    todo: Sequence[Parcel],
    *,
    server: str,
    again: bool = False,
    config: DeliveryConfig | None = None,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    pause: Callable[[float], None] = time.sleep,
) -> tuple[Delivered, ...]:
    """Send what is to be sent; a document that has nothing to say to an owner is left out.

    Args:
        engine: every claim and every end is committed by itself.
        documents: builds what is sent.
        todo: from `parcels`.
        server: where links lead; "": there are none.
        again: as in `parcels`.
        config: how hard is tried.
        clock: the time; pause: waits some seconds.
    """
    config = config or DeliveryConfig()
    left: list[tuple[Parcel, Message]] = []
    ends: dict[str, Delivered] = {}
    for parcel in todo:
        package, why_not = _package(documents, parcel)
        if package is not None:
            left.append((parcel, message_of(package, parcel.route, server=server)))
        elif why_not:
            ends[parcel.id] = _not_built(parcel, why_not)
    from_status = _open(again)
    for attempt in range(len(config.waits) + 1):
        if attempt and left:
            pause(config.waits[attempt - 1])
        failed: list[tuple[Parcel, Message]] = []
        for parcel, message in left:
            end = _attempt(engine, parcel, message, clock, from_status)
            if end is None:  # another process has it, or had
                continue
            ends[parcel.id] = end
            if end.status == "failed" and end.attempts < config.attempts:
                failed.append((parcel, message))
        left, from_status = failed, _open(False)
    return tuple(ends[parcel.id] for parcel in todo if parcel.id in ends)


def would_deliver(documents: Documents, todo: Sequence[Parcel]) -> tuple[Delivered, ...]:
    """What `deliver` would send; nothing is sent or written."""
    found: list[Delivered] = []
    for parcel in todo:
        package, why_not = _package(documents, parcel)
        if package is not None:
            found.append(_told(parcel, "due", parcel.before.attempts if parcel.before else 0))
        elif why_not:
            found.append(_not_built(parcel, why_not))
    return tuple(found)


def bury_dead(engine: Engine, *, now: dt.datetime, config: DeliveryConfig | None = None) -> int:
    """Mark what processes that ended were sending as unknown; returns how many."""
    config = config or DeliveryConfig()
    before = now - dt.timedelta(minutes=config.dead_minutes)
    with session_scope(engine, changes_answers=False) as session:
        return bury(session, before=before, when=now)


def _attempt(
    engine: Engine,
    parcel: Parcel,
    message: Message,
    clock: Callable[[], dt.datetime],
    from_status: Collection[DeliveryStatus],
) -> Delivered | None:
    started = clock()
    row = Delivery(
        id=parcel.id,
        document=parcel.document,
        period=parcel.period,
        owner_id=parcel.owner_id,
        target=parcel.route.told,
        status="sending",
        attempts=1,
        error="",
        started_at=started,
    )
    with session_scope(engine, changes_answers=False) as session:
        mine = claim(session, row, from_status=from_status)
        known = load_deliveries(session, ids=[parcel.id])
    if not mine:
        return None
    sent: Sent = send(parcel.route, message)
    with session_scope(engine, changes_answers=False) as session:
        settle(session, parcel.id, status=sent.status, error=sent.error, when=clock())
    return replace(_told(parcel, sent.status, known[0].attempts), error=sent.error)


def _told(parcel: Parcel, status: str, attempts: int) -> Delivered:
    return Delivered(
        document=parcel.document,
        period=parcel.period,
        owner_id=parcel.owner_id,
        target=parcel.route.told,
        form=parcel.route.form,
        status=status,
        attempts=attempts,
    )


def _open(again: bool) -> tuple[DeliveryStatus, ...]:
    return ("failed", "unknown") if again else ("failed",)


def _package(documents: Documents, parcel: Parcel) -> tuple[Package | None, str]:
    """The document, or why it cannot be built: one that cannot keeps no other from being sent."""
    try:
        return documents.package(parcel.document, parcel.period, parcel.owner_id), ""
    except (NothingPublishedError, OtherVersionError) as error:
        return None, str(error)


def _not_built(parcel: Parcel, why: str) -> Delivered:
    attempts = parcel.before.attempts if parcel.before else 0
    return replace(_told(parcel, "not built", attempts), error=why)


def message_of(package: Package, route: Route, *, server: str) -> Message:
    """A document in the form that a route takes."""
    letter = package.letter
    match route.form:
        case "json":
            return Message(letter.title, package.json)
        case "markdown":
            text = render_chat_markdown(letter, server=server, limit=route.limit)
            return Message(letter.title, text)
        case "text":
            return Message(letter.title, render_text(letter, server=server, limit=route.limit))
        case "mail":
            mail = render_mail(letter, server=server, images=route.images)
            return Message(mail.subject, mail.html, mail.images)
