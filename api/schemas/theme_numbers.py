"""A theme's numbers: its weeks, its marks, and who speaks of it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.schemas.common import Answer
from nlp.theme_segments import SegmentShare
from nlp.theme_series import WeekRate
from report.segment_wording import segment_text
from report.trend_chart import Mark

_WEEK: dict[str, Any] = {
    "week": "2026-W46",
    "customers": 23,
    "statements": 25,
    "exposure": 412,
    "messages": 530,
    "rate": 0.055825,
    "low": 0.036624,
    "high": 0.080968,
}
_SEGMENT: dict[str, Any] = {
    "name": "device",
    "value": "ios",
    "customers": 40,
    "expected": 16.99,
    "exposure": 0.3033,
    "lift": 4.7,
    "low": 2.82,
    "high": 8.12,
    "q_value": 0.0000000059,
    "more": True,
    "called": True,
    "few": False,
    "text": "4.7 times as common as elsewhere (95% sure: 2.8 to 8.1 times)",
}


class SeriesWeek(Answer):
    """One week of a theme, corrected for how many customers wrote at all."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WEEK]})

    week: str
    customers: int = Field(description="Different customers who mention the theme.")
    statements: int
    exposure: int = Field(description="Different customers who wrote at all.")
    messages: int = Field(description="Messages of all customers.")
    rate: float | None = Field(description="customers / exposure; null where nobody wrote.")
    low: float | None = Field(description="95% interval of the rate (Jeffreys).")
    high: float | None


class SeriesMark(Answer):
    """A day to know when reading the series."""

    day: dt.date = Field(examples=["2026-09-29"])
    kind: Literal["onset", "event"] = Field(
        description="onset: found in this theme's own days; event: a dated event that was told."
    )
    text: str = Field(examples=["release: Release 4.2"])


class Series(Answer):
    """A theme's weeks without holes, earliest first."""

    week: str = Field(description="The published week the answer is taken from.")
    theme_id: str = Field(examples=["T-4f2a91c07b"])
    weeks: list[SeriesWeek]
    onsets: list[SeriesMark]
    events: list[SeriesMark]


class SegmentOut(Answer):
    """An attribute value among the theme's customers, against its part of all feedback."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SEGMENT]})

    name: str
    value: str
    customers: int = Field(description="Customers of the theme with this value.")
    expected: float = Field(description="As many as if it were spoken of here as everywhere.")
    exposure: float = Field(description="The value's part of all feedback, 0..1.")
    lift: float = Field(description="Rate inside over rate outside, shrunken towards 1.")
    low: float = Field(description="95% interval of the lift.")
    high: float
    q_value: float = Field(description="False discovery rate over all values of this theme.")
    more: bool = Field(description="Over-represented; else under-represented.")
    called: bool = Field(description="Surer than the false discovery rate allowed, 0.05.")
    few: bool = Field(description="Under five customers: nothing to build on.")
    text: str = Field(description="The same in plain words.")


class Segments(Answer):
    """Who speaks of a theme: all attribute values that could show something, surest first."""

    week: str
    theme_id: str = Field(examples=["T-4f2a91c07b"])
    weeks: int = Field(description="The last weeks looked at.", examples=[12])
    items: list[SegmentOut]


def series_week(point: WeekRate) -> SeriesWeek:
    """A week as the API shows it."""
    return SeriesWeek(
        week=point.week,
        customers=point.customers,
        statements=point.statements,
        exposure=point.exposure,
        messages=point.messages,
        rate=point.rate,
        low=point.low,
        high=point.high,
    )


def series_mark(mark: Mark) -> SeriesMark:
    """A mark as the API shows it."""
    return SeriesMark(day=mark.day, kind=mark.kind, text=mark.text)


def segment_out(share: SegmentShare) -> SegmentOut:
    """A segment as the API shows it."""
    return SegmentOut(
        name=share.name,
        value=share.value,
        customers=share.customers,
        expected=share.expected,
        exposure=share.exposure,
        lift=share.lift,
        low=share.low,
        high=share.high,
        q_value=share.q_value,
        more=share.more,
        called=share.called,
        few=share.few,
        text=segment_text(share),
    )
