"""Friction points: places in the backlog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic import ConfigDict, Field

from api.filters import Filters, as_query
from api.schemas.causes import EXAMPLE as CAUSE_EXAMPLE
from api.schemas.causes import RootCause
from api.schemas.common import Answer, OwnerRef, StageRef, owner_ref, stage_ref
from api.snapshot import Snapshot
from nlp.records import Friction, Kind
from report.document import Quote

_EXAMPLE: dict[str, Any] = {
    "rank": 1,
    "rank_low": 1,
    "rank_high": 3,
    "top5_probability": 0.98,
    "tied_with": ["T-9b1c55e0aa"],
    "theme_id": "T-4f2a91c07b",
    "label": "signed out again and again",
    "owner": {
        "id": "accounts_access",
        "name": "Accounts & access",
        "method": "meaning",
        "reason": "nearest responsibility: signing in and being logged out",
        "confidence": 0.71,
        "needs_confirmation": False,
    },
    "journey_stage": {
        "id": "sign_in",
        "name": "Sign in",
        "reason": "nearest stage by meaning",
        "confidence": 0.64,
    },
    "reach": 45,
    "impact": 0.31,
    "impact_low": 0.22,
    "impact_high": 0.4,
    "confidence": 0.85,
    "effort": 2.0,
    "score": 5.93,
    "note": "",
    "causes": [CAUSE_EXAMPLE],
    "quotes": [
        {
            "statement_id": "zendesk/1842#0",
            "kind": "ticket",
            "week": "2026-W46",
            "text": "The app signs me out every time since I updated to 4.2",
        }
    ],
    "links": {
        "theme": "/v1/themes/T-4f2a91c07b",
        "statements": "/v1/themes/T-4f2a91c07b/statements?segment.plan=Pro&since=2026-W40",
        "causes": "/v1/themes/T-4f2a91c07b/causes?segment.plan=Pro&since=2026-W40",
        "page": "/themes/T-4f2a91c07b",
        "owner": "/owners/accounts_access",
    },
}


class QuoteOut(Answer):
    """A customer's own words, shortened at a word, and where they stand."""

    statement_id: str
    kind: Kind
    week: str
    text: str


class FrictionPoint(Answer):
    """Reach x impact x confidence / effort, with intervals; null where data is too thin.

    Asked for a part of the feedback (`since`, `until`, `kind`, segments): rank, reach, impact and
    all that is counted are of that part; `confidence` and `effort` are those published of all
    feedback. What is of which is said at each field.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    rank: int | None = Field(description="Among all themes, in the part of the feedback asked for.")
    rank_low: int | None
    rank_high: int | None
    top5_probability: float | None
    tied_with: list[str] = Field(
        description="Themes whose rank cannot be told apart from this one's; of many the 25 "
        "nearest in rank."
    )
    theme_id: str
    label: str
    owner: OwnerRef | None = Field(description="As the week published it, of all feedback.")
    journey_stage: StageRef | None = Field(description="As the week published it, of all feedback.")
    reach: int = Field(description="Different customers, in the part asked for.")
    impact: float | None = Field(description="Harm per mention from 0 to 1, in the part asked for.")
    impact_low: float | None
    impact_high: float | None
    confidence: float = Field(
        description="By how many independent kinds of evidence agree on a cause, in all feedback: "
        "a part of it is not searched for causes anew."
    )
    effort: float = Field(description="What people set for the theme; of no part.")
    score: float | None = Field(
        description="Reach and impact of the part asked for, with `confidence` and `effort`."
    )
    reach_low: int | None = None
    reach_high: int | None = None
    score_low: float | None = None
    score_high: float | None = None
    loss: float | None = Field(
        default=None, description="Score points lost per mention, on the scale from 0 to 1."
    )
    loss_low: float | None = None
    loss_high: float | None = None
    scored: int = Field(
        default=0, description="Customers with a score behind it, in the part asked for."
    )
    recontact_rate: float | None = None
    reopen_rate: float | None = None
    days_to_resolve: float | None = Field(default=None, description="Median.")
    revenue: float | None = Field(
        default=None, description="Of who mentions it, split evenly over what each mentions."
    )
    note: str
    causes: list[RootCause] = Field(
        description="Its root causes with evidence in the part asked for, the costliest of all "
        "feedback first, at most three."
    )
    quotes: list[QuoteOut] = Field(
        description="Of different customers, in the feedback asked for: telling and recent ones "
        "first, of these what states a cause. At most three, as in the weekly report."
    )
    links: dict[str, str] = Field(
        description="theme, statements and causes under /v1, with the filters of the question; "
        "page and owner for people."
    )


def friction_point(
    item: Friction,
    *,
    snapshot: Snapshot,
    causes: Sequence[RootCause],
    quotes: Sequence[Quote],
    asked: Asked,
) -> FrictionPoint:
    """A friction record as the API shows it."""
    theme = snapshot.themes.get(item.theme_id)
    return FrictionPoint(
        rank=item.rank,
        rank_low=item.rank_low,
        rank_high=item.rank_high,
        top5_probability=item.top5_probability,
        tied_with=list(item.tied_with),
        theme_id=item.theme_id,
        label=theme.label if theme else item.label,
        owner=owner_ref(snapshot, item.theme_id),
        journey_stage=stage_ref(snapshot, item.theme_id),
        reach=item.reach,
        impact=item.impact,
        impact_low=item.impact_low,
        impact_high=item.impact_high,
        confidence=item.confidence,
        effort=item.effort,
        score=item.score,
        reach_low=item.reach_low,
        reach_high=item.reach_high,
        score_low=item.score_low,
        score_high=item.score_high,
        loss=item.loss,
        loss_low=item.loss_low,
        loss_high=item.loss_high,
        scored=item.scored,
        recontact_rate=item.recontact_rate,
        reopen_rate=item.reopen_rate,
        days_to_resolve=item.days_to_resolve,
        revenue=item.revenue,
        note=item.note,
        causes=list(causes),
        quotes=[
            QuoteOut(statement_id=one.statement_id, kind=one.kind, week=one.week, text=one.text)
            for one in quotes
        ],
        links=_links(item.theme_id, snapshot, asked),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, as links to what lies behind the numbers repeat it."""

    week: str
    feedback: str

    @classmethod
    def of(cls, filters: Filters) -> Asked:
        """The query strings of `filters`."""
        return cls(as_query({"week": filters.week}), as_query(filters.of_the_feedback()))


def _links(theme_id: str, snapshot: Snapshot, asked: Asked) -> dict[str, str]:
    owner, name = snapshot.owners.get(theme_id), quote(theme_id, safe="")
    theme = f"/v1/themes/{name}"
    return {
        "theme": theme + asked.week,
        "statements": f"{theme}/statements{asked.feedback}",
        "causes": f"{theme}/causes{asked.feedback}",
        "page": f"/themes/{name}",
        **({"owner": f"/owners/{quote(owner.owner_id, safe='')}"} if owner else {}),
    }
