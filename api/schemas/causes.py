"""Root causes: evidence of one kind for why a theme happens."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.common import Answer
from nlp.records import Cause, CauseKind
from report.wording import cause_strength

_EXAMPLE: dict[str, Any] = {
    "id": "C-7d0c1f",
    "theme_id": "T-4f2a91c07b",
    "theme_label": "signed out again and again",
    "kind": "said",
    "statement": "since I updated to 4.2",
    "strength": "said by 18 customers, 40% of the theme",
    "customers": 18,
    "statements": 20,
    "share_of_theme": 0.4,
    "conditions": {},
    "evidence_ids": ["zendesk/1842#0", "zendesk/1907#1"],
    "rank": 1,
    "rank_low": 1,
    "rank_high": 2,
    "exploratory": False,
}


class RootCause(Answer):
    """Customer-stated (said) or correlated (where, when); never proven."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str
    theme_id: str
    theme_label: str
    kind: CauseKind
    statement: str = Field(description="For `said`: in customers' words.")
    strength: str = Field(description="How strong the evidence is, in plain words.")
    customers: int
    statements: int
    share_of_theme: float
    conditions: dict[str, str] = Field(
        default_factory=dict, description="For `where`: attribute and value."
    )
    onset: dt.date | None = Field(default=None, description="For `when`: the day it began.")
    event: str | None = Field(default=None, description="For `when`: the dated event beside it.")
    lift: float | None = None
    lift_low: float | None = None
    lift_high: float | None = None
    q_value: float | None = None
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    exploratory: bool = Field(
        default=False, description="Tested on the same weeks that formed the theme."
    )
    evidence_ids: list[str] = Field(description="Statements behind it: /v1/themes/ID/statements.")


def root_cause(cause: Cause, *, theme_label: str) -> RootCause:
    """A cause as the API shows it."""
    return RootCause(
        id=cause.id,
        theme_id=cause.theme_id,
        theme_label=theme_label,
        kind=cause.kind,
        statement=cause.statement,
        strength=cause_strength(cause),
        customers=cause.customers,
        statements=cause.statements,
        share_of_theme=cause.share_of_theme,
        conditions=dict(cause.conditions),
        onset=cause.onset,
        event=cause.event,
        lift=cause.lift,
        lift_low=cause.lift_low,
        lift_high=cause.lift_high,
        q_value=cause.q_value,
        rank=cause.rank,
        rank_low=cause.rank_low,
        rank_high=cause.rank_high,
        exploratory=cause.exploratory,
        evidence_ids=list(cause.evidence_ids),
    )
