"""A root cause in plain words: how sure it is, who decided, where it ranks, what made its score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlp.causes.telling import MAY_BE_TIME, beside
from nlp.records import Cause, CauseState, RootCause
from report.wording import (
    cause_strength,
    cause_text,
    count,
    listing,
    name,
    percent,
    tied_others,
    times,
)

STATE_MEANINGS: dict[CauseState, str] = {
    "observed": "one kind of evidence so far",
    "corroborated": "independent kinds of evidence agree",
    "confirmed": "a person confirmed it",
    "rejected": "a person rejected it; it is not ranked",
}
_ORDER = {"when": 0, "where": 1, "said": 2}
_LEADS = {"when": "", "where": "mostly ", "said": "customers say "}
_KINDS = {"said": "customers say so", "where": "where it happens", "when": "when it began"}


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One factor of a score, or the score itself. `sign`: how it goes into it."""

    name: str
    sign: str
    value: float
    low: float | None
    high: float | None
    meaning: str


def state_text(cause: RootCause) -> str:
    """How sure it is, and by whose word: "confirmed by ana: seen in the log"."""
    if cause.state in {"confirmed", "rejected"}:
        by = f" by {cause.decided_by}" if cause.decided_by else ""
        note = f": {cause.decision_note}" if cause.decision_note else ""
        return f"{cause.state}{by}{note}"
    kinds = listing([_KINDS[kind] for kind in cause.kinds])
    told = STATE_MEANINGS[cause.state]
    if 1 < cause.independent < len(cause.kinds):
        told = f"{cause.independent} of {len(cause.kinds)} kinds of evidence are independent"
    elif cause.independent < len(cause.kinds):
        told = "kinds of evidence that are not independent count as one"
    return f"{cause.state}, {told} ({kinds})"


def reworded_text(cause: RootCause, headline: str) -> str:
    """That a person judged other words than today's; "" where they are the same, or not kept."""
    told = cause.decided_wording
    if not told or told == headline:
        return ""
    by = f" by {cause.decided_by}" if cause.decided_by else ""
    return f"{cause.state}{by} when it read {name(told, limit=160)}"


def root_cause_text(pieces: Sequence[Cause]) -> str:
    """What it is, in one line: when, where, said; of a single piece, that piece's text."""
    if len(pieces) == 1:
        return cause_text(pieces[0])
    ordered = sorted(pieces, key=lambda one: (_ORDER[one.kind], -one.customers, one.id))
    return ", ".join(_LEADS[one.kind] + cause_text(one) + _beside(one) for one in ordered)


def root_cause_strength(cause: RootCause, pieces: Sequence[Cause]) -> str:
    """Who stands behind it; of a single piece, that piece's strength and whether it is a reason."""
    if len(pieces) == 1:
        unsure = MAY_BE_TIME in pieces[0].statement and pieces[0].kind == "said"
        return cause_strength(pieces[0]) + (f"; {MAY_BE_TIME}" if unsure else "")
    who = count(cause.customers, "customer")
    return f"{who}, {percent(cause.share_of_theme)} of the theme"


def _beside(piece: Cause) -> str:
    """The dated event beside an onset, in brackets."""
    if piece.kind != "when":
        return ""
    return f" ({beside(piece) or 'unexplained onset'})"


def standing_text(cause: RootCause) -> str:
    """Its rank with what is not known of it; or why it has none."""
    if cause.rank is None:
        return f"not ranked: {cause.note or STATE_MEANINGS[cause.state]}"
    text = f"rank {cause.rank}"
    if cause.rank_low is not None and cause.rank_high is not None:
        apart = cause.rank_low != cause.rank_high
        text += f", could as well be {cause.rank_low} to {cause.rank_high}" if apart else ""
    if cause.top5_probability is not None:
        text += f"; in the top five with {percent(cause.top5_probability)} probability"
    if cause.tied_with:
        text += f"; tied with {tied_others(len(cause.tied_with))}"
    return f"{text}; {cause.note}" if cause.note else text


def trend_text(cause: RootCause) -> str:
    """Its own mentions against its recent weeks."""
    if cause.trend_ratio is None or cause.trend not in {"rising", "falling"}:
        return cause.trend
    return f"{cause.trend}, {times(cause.trend_ratio)} the recent weeks' rate"


def score_parts(cause: RootCause) -> tuple[ScorePart, ...]:
    """The sum that made the score, factor by factor; empty where there is no score."""
    if cause.score is None or cause.impact is None:
        return ()
    return (
        ScorePart(
            *("reach", "", cause.reach, cause.reach_low, cause.reach_high),
            "customers of the theme in the weeks that are ranked on",
        ),
        ScorePart(
            *("impact", "x", cause.impact, cause.impact_low, cause.impact_high),
            "what a mention costs, from 0 to 1",
        ),
        ScorePart(
            *("avoidable", "x", cause.avoidable, cause.avoidable_low, cause.avoidable_high),
            "share of the theme that would go if this were the cause and went",
        ),
        ScorePart(
            *("confidence", "x", cause.confidence, None, None),
            "by how many independent kinds agree, or because a person confirmed it",
        ),
        ScorePart("effort", "/", cause.effort, None, None, "as people set it; 1 where nobody did"),
        ScorePart(
            *("score", "=", cause.score, cause.score_low, cause.score_high),
            "expected avoidable harm per effort",
        ),
    )


def root_cause_notes(cause: RootCause) -> tuple[str, ...]:
    """Lines for a terminal: state, customers, standing, trend, and the score's parts."""
    who, said = count(cause.customers, "customer"), count(cause.statements, "statement")
    exploratory = "; exploratory: tested on the weeks that formed the theme"
    return (
        f"state: {state_text(cause)}{exploratory if cause.exploratory else ''}",
        f"{who} in {said}, {percent(cause.share_of_theme)} of the theme",
        standing_text(cause),
        f"this week: {trend_text(cause)}",
        *(
            f"  {part.sign or ' '} {part.name} {part.value:,.4g}"
            + (f" ({part.low:,.4g} to {part.high:,.4g})" if _spread(part) else "")
            + f": {part.meaning}"
            for part in score_parts(cause)
        ),
    )


def _spread(part: ScorePart) -> bool:
    return part.low is not None and part.high is not None
