"""The records that the stages pass to each other: frozen, slotted, free of database and web.

Order matters nowhere: a stage that needs an order sorts by `Feedback.key`, `Statement.id` or the
text's SHA-256 itself, so that shuffled input gives the same answer.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["ticket", "survey", "call_note", "review"]
ScoreKind = Literal["nps", "csat", "ces"]
State = Literal["leaf", "parent", "unthemed", "noise"]
Level = Literal["leaf", "parent"]
Ending = Literal["", "quiet", "merged", "split", "dismissed", "removed"]
CauseKind = Literal["said", "where", "when"]
CauseState = Literal["observed", "corroborated", "confirmed", "rejected"]
TrendStatus = Literal["new", "rising", "falling", "steady", "not enough data"]
OwnerMethod = Literal["decision", "rule", "meaning", "stage", "fallback"]

KINDS: tuple[Kind, ...] = get_args(Kind)
SCORE_RANGES: dict[ScoreKind, tuple[float, float]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}


def text_sha(text: str) -> str:
    """SHA-256 hex digest of a text's UTF-8 bytes; the key of the embedding cache."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Feedback:
    """One message of one customer, already cleaned and redacted. `created_at` is aware, in UTC.

    `week` is the ISO week ("2026-W47") of `created_at` in the configured zone, `day` its date.
    `attributes` are sorted (name, value) pairs; no name repeats.
    """

    id: str
    source: str
    kind: Kind
    text: str
    created_at: dt.datetime
    week: str
    day: dt.date
    customer_id: str | None = None
    account_id: str | None = None
    score: float | None = None
    score_kind: ScoreKind | None = None
    revenue: float | None = None
    resolved_at: dt.datetime | None = None
    reopened: bool | None = None
    channel: str | None = None
    language: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """`source/id`: unique over the whole store."""
        return f"{self.source}/{self.id}"

    @property
    def customer(self) -> str:
        """Who speaks: customer, else account, else this message alone (counted as one customer)."""
        return self.customer_id or self.account_id or self.key

    @property
    def unit_score(self) -> float | None:
        """The score on one scale: 0 worst, 1 best; None when there is none."""
        if self.score is None or self.score_kind is None:
            return None
        low, high = SCORE_RANGES[self.score_kind]
        return (self.score - low) / (high - low)


@dataclass(frozen=True, slots=True)
class Customer:
    """An entry of the customer table: a customer's or account's id and what is known about it.

    `attributes` are sorted (name, value) pairs; no name repeats.
    """

    id: str
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """What a stage could not take, and why in words a person can act on."""

    id: str
    stage: str
    reason: str
    file: str = ""
    line: int = 0
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """A reason in the customer's own words, found inside one statement.

    `relation` is "causal" (because, due to, ...) or "temporal" (after, since the update: may be
    only a time). `text` is the clause without its connective; `start`/`end` are its offsets in the
    statement.
    """

    text: str
    connective: str
    relation: Literal["causal", "temporal", "expectation"]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One point of one message. `noise` says why it takes no part in themes ("non-answer", ...)."""

    feedback_key: str
    no: int
    text: str
    noise: str | None = None
    clauses: tuple[Clause, ...] = ()

    @property
    def id(self) -> str:
        """`source/id#no`."""
        return f"{self.feedback_key}#{self.no}"

    @property
    def sha(self) -> str:
        """Digest of the text: statements with the same text share vector and theme."""
        return text_sha(self.text)


@dataclass(frozen=True, slots=True)
class Theme:
    """A lasting customer intent. `exemplars` are text digests, the theme's memory of what it means.

    `threshold`: least cosine-like score at which a statement is accepted, calibrated per theme.
    `found_label`, `found_reason`: the name the engine found and why, kept while `label` is a
    person's, so that it can be taken back; else empty.
    `ended`: why it is no longer alive ("" while it is), with `retired_week`; "quiet" may revive.
    `successors`: the themes that took its statements when it was merged or split.
    `pinned`: a person keeps it as it is: it does not retire and no rebuild touches it.
    `rival`: the label that would be better, for `rival_weeks` weeks in a row so far.
    """

    id: str
    level: Level
    parent_id: str | None
    label: str
    label_reason: str
    terms: tuple[str, ...]
    exemplars: tuple[str, ...]
    threshold: float
    born_week: str
    retired_week: str | None = None
    seeded_by: str | None = None
    found_label: str = ""
    found_reason: str = ""
    ended: Ending = ""
    successors: tuple[str, ...] = ()
    pinned: bool = False
    rival: str = ""
    rival_weeks: int = 0


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a statement stands. `theme_id` is the leaf (None unless state is "leaf").

    `found_theme_id`: where the engine itself put it, while a person's correction (`method` begins
    with "corrected") has it stand elsewhere; else None.
    """

    statement_id: str
    theme_id: str | None
    parent_theme_id: str | None
    state: State
    confidence: float
    method: str
    found_theme_id: str | None = None


@dataclass(frozen=True, slots=True)
class ThemeEvent:
    """Something that happened to a theme: born, adopted, renamed ...: its life in facts."""

    week: str
    theme_id: str
    kind: str
    detail: str
    related: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DatedEvent:
    """A dated happening in the world: release, incident, price change, campaign, policy."""

    day: dt.date
    kind: str
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OwnerMatch:
    """Who owns a theme and why; `needs_confirmation` marks the fallback and weak matches."""

    owner_id: str
    owner_name: str
    method: OwnerMethod
    reason: str
    confidence: float
    needs_confirmation: bool


@dataclass(frozen=True, slots=True)
class StageMatch:
    """The journey stage of a theme, with the reason."""

    stage_id: str
    stage_name: str
    reason: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Trend:
    """One theme in one week against its own recent weeks, total volume as exposure."""

    week: str
    theme_id: str
    label: str
    status: TrendStatus
    statements: int
    customers: int
    rate_ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    q_value: float | None
    rank: int | None
    three_months: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """One piece of evidence for why a theme happens. Customer-stated or correlated, never proven.

    `conditions`: attribute/value pairs (where; when, if only that segment shows the onset).
    `onset`, `event`: when. `lift` is shrunken. `exploratory`: not confirmed on weeks after the
    theme's birth. `base_customers`: how many customers of the customer table lie in the segment;
    `base_lift`: how many times as large a part of them mentions the theme as of all others there.
    `centre`, `cosine`: of a burst of alike statements, the statement they stand around and the
    least nearness to it. `events`: all dated events about the onset with their ISO days, the one
    named by `event` first.
    """

    id: str
    theme_id: str
    kind: CauseKind
    statement: str
    customers: int
    statements: int
    share_of_theme: float
    evidence_ids: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...] = ()
    onset: dt.date | None = None
    event: str | None = None
    lift: float | None = None
    lift_low: float | None = None
    lift_high: float | None = None
    q_value: float | None = None
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    exploratory: bool = False
    base_customers: int | None = None
    base_lift: float | None = None
    base_low: float | None = None
    base_high: float | None = None
    centre: str | None = None
    cosine: float | None = None
    events: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decided about a root cause, and why. `wording`: its headline at that time."""

    cause_id: str
    state: Literal["confirmed", "rejected"]
    note: str
    who: str
    wording: str = ""


@dataclass(frozen=True, slots=True)
class RootCause:
    """One cause of a theme: all the evidence that speaks of the same thing, under one lasting id.

    `state`: observed (one kind of evidence), corroborated (two or more independent kinds), or what
    a person decided. `evidence`: ids of the `Cause` pieces. `first_week`: when it was first told.
    `trend`: its own mentions this week against its recent weeks. The score is reach (customers of
    the theme in the ranking window) x impact x avoidable share x confidence / effort; without a
    rank `note` says why. `decided_by`, `decision_note`: the person's verdict.
    `decided_wording`: the headline that was judged, where it was kept. `independent`: how many of
    the `kinds` are independent of each other.
    `exploratory`: none of its pieces is confirmed on weeks after the theme's birth.
    """

    id: str
    theme_id: str
    statement: str
    state: CauseState
    kinds: tuple[CauseKind, ...]
    evidence: tuple[str, ...]
    customers: int
    statements: int
    share_of_theme: float
    evidence_ids: tuple[str, ...]
    first_week: str
    trend: TrendStatus = "not enough data"
    trend_ratio: float | None = None
    trend_low: float | None = None
    trend_high: float | None = None
    trend_q: float | None = None
    reach: int = 0
    reach_low: int | None = None
    reach_high: int | None = None
    impact: float | None = None
    impact_low: float | None = None
    impact_high: float | None = None
    avoidable: float = 0.0
    avoidable_low: float = 0.0
    avoidable_high: float = 0.0
    confidence: float = 0.0
    effort: float = 1.0
    score: float | None = None
    score_low: float | None = None
    score_high: float | None = None
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    top5_probability: float | None = None
    tied_with: tuple[str, ...] = ()
    exploratory: bool = False
    note: str = ""
    decided_by: str = ""
    decision_note: str = ""
    independent: int = 1
    decided_wording: str = ""


@dataclass(frozen=True, slots=True)
class Friction:
    """A theme's place in the backlog: reach x impact x confidence / effort, with intervals.

    Under too little data `rank` and `score` are None and `note` says "not enough data".
    `loss`: score points lost per mention on the 0..1 scale; `scored`: customers with a score.
    `revenue`: of the accounts that mention it, split evenly over the themes each account mentions.
    """

    theme_id: str
    label: str
    owner: str
    journey_stage: str
    reach: int
    impact: float | None
    impact_low: float | None
    impact_high: float | None
    confidence: float
    effort: float
    score: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    top5_probability: float | None
    tied_with: tuple[str, ...]
    top_causes: tuple[str, ...]
    note: str = ""
    reach_low: int | None = None
    reach_high: int | None = None
    score_low: float | None = None
    score_high: float | None = None
    loss: float | None = None
    loss_low: float | None = None
    loss_high: float | None = None
    scored: int = 0
    recontact_rate: float | None = None
    reopen_rate: float | None = None
    days_to_resolve: float | None = None
    revenue: float | None = None
