"""Delivers what was published: builds each document, claims it, sends it, writes down the end.

All that is to be sent is on record as due before the first is sent: a process that dies on the way
leaves it to the next. Each is claimed, and the claim committed, before it is sent: a process that
dies in between leaves a claim that nobody takes again, so that nothing is ever sent twice.
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
from service.exporting import NothingPublishedError, WeekRunAnewError
from service.stored_report import OtherVersionError
from store.database import Engine, Session, StoreError, read_scope, session_scope
from store.deliveries import (
    Delivery,
    DeliveryDocument,
    DeliveryStatus,
    bury,
    claim,
    delivery_id,
    expire,
    forget,
    load_deliveries,
    plan,
    settle,
)


@dataclass(frozen=True, slots=True)
class DeliveryConfig:
    """How hard is tried.

    waits: seconds between the attempts of one call; a mail server that restarts is back in these.
    attempts: after so many in all a delivery is left to people, who see it in the list.
    retry_days: what failed or was due longer ago is stale; its reader has a later one by now.
    dead_minutes: a claim this old belongs to a process that ended: one attempt takes seconds.
    """

    waits: tuple[float, ...] = (5.0, 30.0)
    attempts: int = 12
    retry_days: int = 28
    dead_minutes: int = 60


_WRITES = 3  # so often it is tried to write down an end; each waits for other writers by itself


@dataclass(frozen=True, slots=True)
class Parcel:
    """One document for one recipient, and how its delivery stands (None: not on record)."""

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
    """Which documents are to be delivered: an ISO week's, a month's ("2026-10"), or none.

    alone: nothing else is, not even what is due or failed before.
    """

    week: str | None = None
    month: str | None = None
    alone: bool = False


def routes(settings: Settings, labels: Labels) -> tuple[tuple[Route, ...], tuple[str, ...]]:
    """Everybody something is sent to, and what is wrong with the addresses that cannot be used."""
    targets, wrong = find_targets(settings.deliver, labels)
    problems = list(wrong)
    found: dict[tuple[str, str], Route] = {}
    for target in targets:
        try:
            for route in routes_of(target):
                found.setdefault((target.owner_id, route.identity), route)
        except TargetError as error:
            problems.append(str(error))
    return tuple(found.values()), tuple(problems)


def parcels(
    engine: Engine,
    to: Sequence[Route],
    wanted: Wanted,
    *,
    now: dt.datetime,
    again: bool = False,
    config: DeliveryConfig | None = None,
) -> tuple[Parcel, ...]:
    """What is still to be sent: of the documents wanted, and what is due or failed before.

    Args:
        engine: the record is read.
        to: who gets something.
        wanted: the documents.
        now: what is due or failed is looked for in the days before it.
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
    for document, period in sorted(asked if wanted.alone else asked | retried):
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
    fresh = [_row(parcel, clock()) for parcel in todo if parcel.before is None]
    if fresh:  # where that fails, each claim writes its own
        _written(engine, lambda session: plan(session, fresh))
    left: list[tuple[Parcel, Message]] = []
    ends: dict[str, Delivered] = {}
    nothing: list[str] = []
    for parcel in todo:
        built = _built(documents, parcel, server)
        if built.message is not None:
            left.append((parcel, built.message))
        elif built.why_not:
            ends[parcel.id] = _not_built(parcel, built.why_not)
        if not built.exists:
            nothing.append(parcel.id)
    if nothing:  # where that fails, the next call does it
        _written(engine, lambda session: forget(session, nothing))
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
            if end.status == "due" or (end.status == "failed" and end.attempts < config.attempts):
                failed.append((parcel, message))
        left, from_status = failed, _open(False)
    return tuple(ends[parcel.id] for parcel in todo if parcel.id in ends)


def would_deliver(documents: Documents, todo: Sequence[Parcel]) -> tuple[Delivered, ...]:
    """What `deliver` would send; nothing is sent or written."""
    found: list[Delivered] = []
    for parcel in todo:
        built = _built(documents, parcel, "")
        if built.message is not None:
            found.append(_told(parcel, "due", parcel.before.attempts if parcel.before else 0))
        elif built.why_not:
            found.append(_not_built(parcel, built.why_not))
    return tuple(found)


def bury_dead(engine: Engine, *, now: dt.datetime, config: DeliveryConfig | None = None) -> int:
    """Mark what processes that ended were sending as unknown; returns how many.

    What was due so long ago that it would not be sent any more has failed.
    """
    config = config or DeliveryConfig()
    before = now - dt.timedelta(minutes=config.dead_minutes)
    with session_scope(engine, changes_answers=False) as session:
        expire(session, before=now - dt.timedelta(days=config.retry_days), when=now)
        return bury(session, before=before, when=now)


def _written(engine: Engine, work: Callable[[Session], None]) -> str:
    """Write, and again when the database is busy; "", or why it could not be."""
    why = ""
    for _ in range(_WRITES):
        try:
            with session_scope(engine, changes_answers=False) as session:
                work(session)
        except StoreError as error:
            why = type(error).__name__
        else:
            return ""
    return why


def _row(parcel: Parcel, when: dt.datetime) -> Delivery:
    return Delivery(
        id=parcel.id,
        document=parcel.document,
        period=parcel.period,
        owner_id=parcel.owner_id,
        target=parcel.route.told,
        status="due",
        attempts=0,
        error="",
        started_at=when,
    )


def _attempt(
    engine: Engine,
    parcel: Parcel,
    message: Message,
    clock: Callable[[], dt.datetime],
    from_status: Collection[DeliveryStatus],
) -> Delivered | None:
    """Whatever goes wrong with one parcel is its end, and keeps no other from being sent."""
    try:
        with session_scope(engine, changes_answers=False) as session:
            mine = claim(session, _row(parcel, clock()), from_status=from_status)
            known = load_deliveries(session, ids=[parcel.id])
    except StoreError as error:
        before = parcel.before.attempts if parcel.before else 0
        why = f"the database could not be written to ({type(error).__name__})"
        return replace(_told(parcel, "due", before), error=why)
    if not mine:
        return None
    try:
        sent = send(parcel.route, message)
    except Exception as error:  # noqa: BLE001 - a service's own fault; its text may tell the address
        sent = Sent("unknown", f"{type(error).__name__} while it was sent")
    end, when = sent, clock()
    why = _written(
        engine,
        lambda session: settle(session, parcel.id, status=end.status, error=end.error, when=when),
    )
    if why:  # it stays a claim, which nobody takes
        sent = Sent("unknown", f"{sent.status}, but that could not be written down ({why})")
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
    return ("due", "failed", "unknown") if again else ("due", "failed")


@dataclass(frozen=True, slots=True)
class _Built:
    """A document as it is sent, or why it is not; `exists`: it may be built another time."""

    message: Message | None
    why_not: str = ""
    exists: bool = True


def _built(documents: Documents, parcel: Parcel, server: str) -> _Built:
    """Build a document; one that cannot be built keeps no other from being sent."""
    try:
        package = documents.package(parcel.document, parcel.period, parcel.owner_id)
        if package is None:
            return _Built(None, exists=False)
        return _Built(message_of(package, parcel.route, server=server))
    except NothingPublishedError as error:
        return _Built(None, str(error), exists=False)
    except (OtherVersionError, WeekRunAnewError) as error:
        return _Built(None, str(error))
    except Exception as error:  # noqa: BLE001 - a fault in one document; told, and it stays due
        return _Built(None, f"{type(error).__name__}: {error}")


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
