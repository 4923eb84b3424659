"""Dated events: what onsets are set beside."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.schemas.common import Answer
from nlp.records import DatedEvent

MAX_EVENTS = 1000  # decades of releases; more are a file's business

# A database keeps no NUL, and an event's name is a line, not a page.
_Line = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$"
    ),
]
_Detail = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]

_EXAMPLE: dict[str, Any] = {"day": "2026-10-03", "kind": "release", "name": "4.2"}


class Event(Answer):
    """A release, incident, price change, campaign, policy: whatever happened on a day."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    day: dt.date
    kind: str
    name: str
    detail: str = ""


class Events(Answer):
    """All dated events."""

    items: list[Event]


class EventIn(BaseModel):
    """An event to keep; known by day, kind and name. `date` is another name of `day`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    day: dt.date | None = Field(default=None, description="Its day, as 2026-10-03; or give date.")
    date: dt.date | None = Field(default=None, description="The same as day: give either.")
    kind: _Line
    name: _Line
    detail: _Detail = ""

    @model_validator(mode="after")
    def _one_day(self) -> EventIn:
        if self.day is None and self.date is None:
            raise ValueError("needs its day, as day or date")
        if None not in (self.day, self.date) and self.day != self.date:
            raise ValueError("day and date are the same field, and differ; give one of them")
        return self

    def to_record(self) -> DatedEvent:
        """The event as it is kept."""
        day = self.day or self.date
        assert day is not None
        return DatedEvent(day=day, kind=self.kind, name=self.name, detail=self.detail)


class EventBatch(BaseModel):
    """Events to keep, all of them or none."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"items": [_EXAMPLE]}]}
    )

    items: Annotated[list[EventIn], Field(min_length=1, max_length=MAX_EVENTS)]


class EventsKept(Answer):
    """What became of them; the three add up to those sent. The next run sees them."""

    accepted: int
    updated: int
    unchanged: int


def event(one: DatedEvent) -> Event:
    """An event as the API shows it."""
    return Event(day=one.day, kind=one.kind, name=one.name, detail=one.detail)
