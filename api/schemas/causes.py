"""Root causes: evidence that speaks of the same thing, joined, with what each piece stands on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.common import Answer
from nlp.causes.headline import headline
from nlp.records import Cause, CauseKind, CauseState, Kind, TrendStatus
from nlp.records import RootCause as Record
from report.cause_wording import ScorePart, score_parts, standing_text, state_text
from report.verdict_wording import pending_text
from report.wording import cause_strength, shorten
from store.root_causes import Evidence, RootCauseFile

_PIECE: dict[str, Any] = {
    "id": "C-7d0c1f",
    "kind": "said",
    "statement": 'Customers say: "since I updated to 4.2"',
    "strength": "18 customers give this reason or one like it, 40% of the theme",
    "customers": 18,
    "statements": 20,
    "share_of_theme": 0.4,
    "conditions": {},
    "evidence_ids": ["zendesk/1842#0", "zendesk/1907#1"],
    "exploratory": False,
}
EXAMPLE: dict[str, Any] = {
    "id": "R-51c7a0be42",
    "theme_id": "T-4f2a91c07b",
    "theme_label": "signed out again and again",
    "headline": "Since 3 October 2026 (release 4.2), mostly for version 4.2, customers say “since "
    "I updated to 4.2”",
    "statement": (
        "since 2026-10-03 (release 4.2, 2.6 times as frequent), mostly version 4.2 (3.1 times as "
        'frequent), 18 customers say "since I updated to 4.2"'
    ),
    "state": "corroborated",
    "state_text": "corroborated, independent kinds of evidence agree (customers say so, where it "
    "happens and when it began)",
    "kinds": ["said", "where", "when"],
    "independent_kinds": 3,
    "customers": 31,
    "statements": 36,
    "share_of_theme": 0.69,
    "evidence_ids": ["zendesk/1842#0", "zendesk/1907#1"],
    "first_week": "2026-W41",
    "trend": "rising",
    "standing": "rank 1, could as well be 1 to 2",
    "rank": 1,
    "rank_low": 1,
    "rank_high": 2,
    "top5_probability": 0.99,
    "tied_with": [],
    "exploratory": False,
    "note": "",
    "decided_by": "",
    "decision_note": "",
    "decided_wording": "",
    "pieces": [_PIECE],
    "links": {
        "self": "/v1/root-causes/R-51c7a0be42",
        "theme": "/v1/themes/T-4f2a91c07b",
        "page": "/causes/R-51c7a0be42",
    },
}


class EventAbout(Answer):
    """A dated event about an onset."""

    event: str = Field(examples=["release: 4.2"])
    day: dt.date


class CausePiece(Answer):
    """One piece of evidence: customer-stated (said) or correlated (where, when); never proven."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PIECE]})

    id: str
    kind: CauseKind
    statement: str = Field(description="For `said`: in customers' words.")
    strength: str = Field(description="How strong the evidence is, in plain words.")
    customers: int
    statements: int
    share_of_theme: float
    conditions: dict[str, str] = Field(
        default_factory=dict,
        description="Attribute and value: where it concentrates, or where alone it began.",
    )
    onset: dt.date | None = Field(default=None, description="For `when`: the day it began.")
    event: str | None = Field(
        default=None, description="For `when`: the dated event nearest to it."
    )
    events: list[EventAbout] = Field(
        default_factory=list,
        description="For `when`: all dated events about it, that one first. No series tells which "
        "of them it was.",
    )
    lift: float | None = Field(
        default=None, description="How many times as frequent there as elsewhere, in all feedback."
    )
    lift_low: float | None = None
    lift_high: float | None = None
    q_value: float | None = None
    exploratory: bool = Field(
        default=False, description="Not confirmed by weeks after those that formed the theme."
    )
    base_customers: int | None = Field(
        default=None, description="Customers of the customer table in the segment."
    )
    base_lift: float | None = Field(
        default=None,
        description="How many times as large a part of them mentions the theme as of all others.",
    )
    base_low: float | None = None
    base_high: float | None = None
    evidence_ids: list[str] = Field(description="Statements behind it.")


class CauseQuote(Answer):
    """A statement behind a piece, word for word."""

    statement_id: str
    feedback_id: str
    source: str
    kind: Kind
    week: str
    day: dt.date
    text: str


class CausePieceFile(CausePiece):
    """A piece with its statements."""

    quotes: list[CauseQuote] = Field(description="All its statements, the latest first.")


class ScorePartOut(Answer):
    """One line of the sum that made the score."""

    name: str = Field(examples=["avoidable"])
    sign: str = Field(description="How it goes into the score: x, / or =.", examples=["x"])
    value: float
    low: float | None = None
    high: float | None = None
    meaning: str


class RootCause(Answer):
    """Evidence of one cause, joined. Correlation in what customers wrote; never proven.

    Asked for a part of the feedback: `pieces` are those with evidence there, `statement` tells
    them, and `customers`, `statements`, `share_of_theme` and `evidence_ids` count it in that part.
    All else (lifts, state, trend, score, rank) is of all feedback, as the week published it.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str = Field(description="Lasts as long as the cause is told, and when it comes back.")
    theme_id: str
    theme_label: str
    headline: str = Field(
        description="What it is called on pages, in reports and in mails: one short sentence on "
        "its `pieces`, without numbers."
    )
    statement: str = Field(
        description="Its `pieces` in one sentence, with the numbers published of all feedback."
    )
    state: CauseState = Field(
        description="observed: one kind of evidence; corroborated: two or more independent kinds; "
        "confirmed, rejected: by a person. Of all feedback."
    )
    state_text: str
    kinds: list[CauseKind] = Field(description="Kinds of its evidence, of all feedback.")
    independent_kinds: int = Field(
        description="How many of the kinds are independent of each other; confidence counts these. "
        "Of all feedback."
    )
    customers: int = Field(
        description="Different customers behind its evidence, in the part asked for."
    )
    statements: int = Field(description="Statements behind it, in the part asked for.")
    share_of_theme: float = Field(
        description="Of the theme's customers in the part asked for, 0 to 1."
    )
    evidence_ids: list[str] = Field(
        description="Statements behind its pieces, in the part asked for."
    )
    first_week: str = Field(description="When it was first told.")
    trend: TrendStatus = Field(
        description="Its own mentions against its recent weeks, in all feedback."
    )
    trend_ratio: float | None = None
    trend_low: float | None = None
    trend_high: float | None = None
    trend_q: float | None = None
    standing: str = Field(description="Rank or why there is none, in plain words.")
    score: float | None = Field(default=None, description="Of all feedback.")
    score_low: float | None = None
    score_high: float | None = None
    rank: int | None = Field(
        default=None, description="Among the week's root causes, over all feedback."
    )
    rank_low: int | None = None
    rank_high: int | None = None
    top5_probability: float | None = None
    tied_with: list[str] = Field(
        default_factory=list,
        description="Root causes whose rank cannot be told apart; of many the 25 nearest in rank.",
    )
    exploratory: bool = Field(
        default=False, description="Not confirmed by weeks after those that formed the theme."
    )
    note: str = ""
    decided_by: str = ""
    decision_note: str = ""
    decided_wording: str = Field(
        default="",
        description="Its headline when a person judged it, where that was kept; it may differ from "
        "`headline`, since evidence comes and goes.",
    )
    pieces: Sequence[CausePiece]
    links: dict[str, str]


class RootCauseDetail(RootCause):
    """One root cause with every statement behind it and the sum that made its score."""

    week: str = Field(description="The published week that tells it so.")
    pending_verdict: str = Field(
        description="What people decided since it was run, which the next run applies; else empty.",
        examples=["confirmed by ana: seen in the log; applies with the next run"],
    )
    score_parts: list[ScorePartOut] = Field(
        description="Factor by factor; empty where there is no score."
    )
    pieces: Sequence[CausePieceFile]


def cause_piece(cause: Cause) -> CausePiece:
    """A piece as the API shows it."""
    return CausePiece(
        id=cause.id,
        kind=cause.kind,
        statement=cause.statement,
        strength=cause_strength(cause),
        customers=cause.customers,
        statements=cause.statements,
        share_of_theme=cause.share_of_theme,
        conditions=dict(cause.conditions),
        onset=cause.onset,
        event=cause.event,
        events=[
            EventAbout(event=name, day=dt.date.fromisoformat(day)) for name, day in cause.events
        ],
        lift=cause.lift,
        lift_low=cause.lift_low,
        lift_high=cause.lift_high,
        q_value=cause.q_value,
        exploratory=cause.exploratory,
        base_customers=cause.base_customers,
        base_lift=cause.base_lift,
        base_low=cause.base_low,
        base_high=cause.base_high,
        evidence_ids=list(cause.evidence_ids),
    )


def root_cause_out(cause: Record, *, theme_label: str, pieces: Sequence[Cause]) -> RootCause:
    """A root cause as lists show it."""
    return RootCause(
        **_fields(cause, theme_label, pieces), pieces=[cause_piece(piece) for piece in pieces]
    )


def root_cause_detail(found: RootCauseFile) -> RootCauseDetail:
    """A root cause as its own address shows it."""
    return RootCauseDetail(
        **_fields(found.cause, found.theme_label, [one.piece for one in found.evidence]),
        week=found.week,
        pending_verdict=pending_text(found.last, found.verdict),
        score_parts=[_part(part) for part in score_parts(found.cause)],
        pieces=[
            CausePieceFile(**cause_piece(one.piece).model_dump(), quotes=_quotes(one))
            for one in found.evidence
        ],
    )


def _fields(cause: Record, theme_label: str, pieces: Sequence[Cause]) -> dict[str, Any]:
    return {
        "id": cause.id,
        "theme_id": cause.theme_id,
        "theme_label": theme_label,
        "headline": headline(pieces) or shorten(cause.statement, limit=140),
        "statement": cause.statement,
        "state": cause.state,
        "state_text": state_text(cause),
        "kinds": list(cause.kinds),
        "independent_kinds": cause.independent,
        "customers": cause.customers,
        "statements": cause.statements,
        "share_of_theme": cause.share_of_theme,
        "evidence_ids": list(cause.evidence_ids),
        "first_week": cause.first_week,
        "trend": cause.trend,
        "trend_ratio": cause.trend_ratio,
        "trend_low": cause.trend_low,
        "trend_high": cause.trend_high,
        "trend_q": cause.trend_q,
        "standing": standing_text(cause),
        "score": cause.score,
        "score_low": cause.score_low,
        "score_high": cause.score_high,
        "rank": cause.rank,
        "rank_low": cause.rank_low,
        "rank_high": cause.rank_high,
        "top5_probability": cause.top5_probability,
        "tied_with": list(cause.tied_with),
        "exploratory": cause.exploratory,
        "note": cause.note,
        "decided_by": cause.decided_by,
        "decision_note": cause.decision_note,
        "decided_wording": cause.decided_wording,
        "links": {
            "self": f"/v1/root-causes/{cause.id}",
            "theme": f"/v1/themes/{cause.theme_id}",
            "page": f"/causes/{cause.id}",
        },
    }


def _part(part: ScorePart) -> ScorePartOut:
    return ScorePartOut(
        name=part.name,
        sign=part.sign,
        value=part.value,
        low=part.low,
        high=part.high,
        meaning=part.meaning,
    )


def _quotes(one: Evidence) -> list[CauseQuote]:
    return [
        CauseQuote(
            statement_id=statement.id,
            feedback_id=message.id,
            source=message.source,
            kind=message.kind,
            week=message.week,
            day=message.day,
            text=statement.text,
        )
        for statement, message in one.statements
    ]
