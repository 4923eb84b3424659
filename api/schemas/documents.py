"""Documents that travel: which there are, and what was sent to whom."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from api.schemas.common import Answer
from nlp.months import month_bounds, month_of, weeks_of
from nlp.weeks import monday, sunday
from store.deliveries import Delivery, DeliveryDocument, DeliveryStatus


class ReportOut(Answer):
    """A published week and where its documents are."""

    week: str = Field(examples=["2026-W46"])
    first_day: dt.date
    last_day: dt.date
    month: str = Field(description="The month its Thursday lies in.", examples=["2026-11"])
    href: str = Field(examples=["/v1/reports/2026-W46"])
    document_href: str = Field(examples=["/v1/reports/2026-W46/document"])


class OutcomeOut(Answer):
    """A month that has published weeks, and where its outcome pack is."""

    month: str = Field(examples=["2026-10"])
    first_day: dt.date
    last_day: dt.date
    weeks: list[str] = Field(description="Its published weeks.")
    whole: bool = Field(description="All of its weeks are published.")
    href: str = Field(examples=["/v1/outcomes/2026-10"])


class DeliveryOut(Answer):
    """A document on its way to somebody; the address is told without its secrets."""

    id: str = Field(description="Digest of document, period, owner and address.")
    document: DeliveryDocument
    period: str = Field(description="An ISO week, or a month.", examples=["2026-W46"])
    owner_id: str = Field(description="Whose part it is; empty for the whole.")
    target: str = Field(examples=["mailtos: lead@example.com"])
    status: DeliveryStatus = Field(
        description="`unknown`: it may have arrived, and is not sent again unasked."
    )
    attempts: int
    error: str
    started_at: dt.datetime = Field(description="Of the last attempt.")
    finished_at: dt.datetime | None


def report_out(week: str) -> ReportOut:
    """A published week."""
    return ReportOut(
        week=week,
        first_day=monday(week),
        last_day=sunday(week),
        month=month_of(week),
        href=f"/v1/reports/{week}",
        document_href=f"/v1/reports/{week}/document",
    )


def outcome_out(month: str, published: list[str]) -> OutcomeOut:
    """A month of which at least one week was published."""
    first, last = month_bounds(month)
    weeks = [week for week in weeks_of(month) if week in published]
    return OutcomeOut(
        month=month,
        first_day=first,
        last_day=last,
        weeks=weeks,
        whole=len(weeks) == len(weeks_of(month)),
        href=f"/v1/outcomes/{month}",
    )


def delivery_out(one: Delivery) -> DeliveryOut:
    """A delivery as it is on record."""
    return DeliveryOut(
        id=one.id,
        document=one.document,
        period=one.period,
        owner_id=one.owner_id,
        target=one.target,
        status=one.status,
        attempts=one.attempts,
        error=one.error,
        started_at=one.started_at,
        finished_at=one.finished_at,
    )
