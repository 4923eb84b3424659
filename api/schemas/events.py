"""Dated events: what onsets are set beside."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

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
    """An event to keep; known by day, kind and name."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    day: dt.date
    kind: _Line
    name: _Line
    detail: _Detail = ""


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
