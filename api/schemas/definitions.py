"""What numbers, weeks and stages mean."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.common import Answer

_METRIC: dict[str, Any] = {
    "key": "reach",
    "name": "Reach",
    "definition": "Different customers who raised the theme in the period.",
    "formula": "count of distinct customers among the feedback with a statement of the theme",
    "guardian": "Support operations lead",
    "moves_when": "The score moves in proportion.",
    "links": {"page": "/definitions#reach"},
}
_WEEK: dict[str, Any] = {
    "week": "2026-W46",
    "first_day": "2026-11-09",
    "last_day": "2026-11-15",
    "messages": 86,
    "published": True,
    "links": {"report": "/v1/reports/2026-W46", "page": "/weeks/2026-W46"},
}
_STAGE: dict[str, Any] = {
    "id": "onboarding",
    "name": "Onboarding",
    "description": "Setting up for the first time: importing data, inviting people",
    "themes": 4,
}


class MetricOut(Answer):
    """A number to decide by: how it is made, who guards it, and what changes when it moves."""

    model_config = ConfigDict(json_schema_extra={"examples": [_METRIC]})

    key: str
    name: str
    definition: str
    formula: str
    guardian: str
    moves_when: str = Field(description="What is decided when it moves.")
    links: dict[str, str]


class MetricDefinitions(Answer):
    """All metrics, in the order of labels/metrics.yaml."""

    items: list[MetricOut]


class WeekOut(Answer):
    """An ISO week with feedback; `published`: it has a report."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WEEK]})

    week: str
    first_day: str
    last_day: str
    messages: int
    published: bool
    links: dict[str, str]


class Weeks(Answer):
    """All weeks with feedback, the latest first."""

    items: list[WeekOut]


class StageOut(Answer):
    """A stage of the customer's journey; `themes` of the last published week stand in it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STAGE]})

    id: str
    name: str
    description: str = Field(description="Empty for one that left labels/journey.yaml.")
    themes: int


class Stages(Answer):
    """All stages in the journey's order, then those that themes still stand in."""

    week: str | None = Field(description="The published week that themes are counted in.")
    items: list[StageOut]
