"""Corrections on record, and what one changes."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from api.schemas.common import Answer
from nlp.what_if import Shift
from service.correcting import Foreseen
from service.correction_list import Recorded, State
from service.ways_out import for_web


class SwapOut(Answer):
    """Name, owner, effort or state before and after; null: there was none."""

    what: Literal["name", "owner", "effort", "state"]
    before: str | None
    after: str


class ChangeOut(Answer):
    """A theme whose number of statements changes; theme_id null: those that have no theme."""

    theme_id: str | None
    label: str
    statements_before: int
    statements_after: int


class ShiftOut(Answer):
    """A root cause or friction point whose score or rank changes; null: none."""

    kind: Literal["root cause", "friction point"]
    id: str
    title: str
    score_before: float | None
    score_after: float | None
    rank_before: int | None
    rank_after: int | None


class Effect(Answer):
    """What a correction changes, as of the last published week."""

    swap: SwapOut | None = Field(description="The one thing that is replaced, where it is one.")
    themes: list[ChangeOut] = Field(description="Themes that gain or lose statements.")
    shifts: list[ShiftOut] = Field(
        description="Whose own score changes, by a verdict or an effort; other corrections change "
        "scores with the run only."
    )
    others_change_rank: int = Field(description="How many more only change their rank.")
    not_applied: list[str] = Field(description="Earlier corrections that lose their effect.")
    notes: list[str]


class CorrectionResult(Answer):
    """What became of a correction that was sent."""

    kept: bool = Field(description="False in a dry run, and where it was on record already.")
    id: int | None = Field(
        description="The number by which it can be undone; null in a dry run.", examples=[12]
    )
    text: str = Field(examples=["Rename “Late money” to “Payout comes late”"])
    counts: str = Field(
        description="From when on it counts.", examples=["with the next week's run"]
    )
    effect: Effect


class CorrectionOut(Answer):
    """A correction on record."""

    id: int = Field(examples=[12])
    kind: str = Field(examples=["rename"])
    text: str = Field(
        description="What it says, in words.", examples=["Rename “Late money” to “Payout late”"]
    )
    theme_id: str | None = Field(
        description="The theme it is about (of an effort, perhaps an owner); of a verdict, the "
        "cause's; null where it is about none."
    )
    cause_id: str | None
    value: dict[str, Any] = Field(
        description="What it says, by key.", examples=[{"label": "Payout comes late"}]
    )
    who: str
    when: dt.datetime
    why: str
    state: State
    superseded_by: int | None = Field(description="The later one that counts instead.")
    undone_at: dt.datetime | None
    undone_by: str | None
    undone_why: str | None
    waits: bool = Field(description="The last run did not know of it; the next one applies it.")


class Corrections(Answer):
    """A page of the audit, the latest first."""

    items: list[CorrectionOut]
    next_cursor: str | None = Field(
        default=None, description="Give it as `cursor` for the next page; null on the last page."
    )


class Undone(Answer):
    """What became of an undo."""

    undone: int = Field(examples=[12])
    counts: str = Field(
        description="From when on it counts no more.", examples=["with the next week's run"]
    )


def correction_out(one: Recorded) -> CorrectionOut:
    """A correction as the API shows it."""
    return CorrectionOut(
        id=one.id,
        kind=one.kind,
        text=one.text,
        theme_id=one.theme_id or None,
        cause_id=one.cause_id or None,
        value=dict(one.value),
        who=one.who,
        when=one.when,
        why=one.why,
        state=one.state,
        superseded_by=one.superseded_by,
        undone_at=one.undone_at,
        undone_by=one.undone_by or None,
        undone_why=one.undone_why or None,
        waits=one.waits,
    )


def effect_out(seen: Foreseen) -> Effect:
    """What would change as the API shows it."""
    ranks = seen.ranks
    return Effect(
        swap=SwapOut(what=seen.swap.what, before=seen.swap.before or None, after=seen.swap.after)
        if seen.swap
        else None,
        themes=[
            ChangeOut(
                theme_id=one.theme_id or None,
                label=one.label,
                statements_before=one.before,
                statements_after=one.after,
            )
            for one in seen.changes
        ],
        shifts=[_shift_out(one) for one in ranks.shifts] if ranks else [],
        others_change_rank=ranks.others if ranks else 0,
        not_applied=list(map(for_web, seen.not_applied)),
        notes=list(map(for_web, seen.notes)),
    )


def _shift_out(one: Shift) -> ShiftOut:
    return ShiftOut(
        kind=one.kind,
        id=one.id,
        title=one.title,
        score_before=one.score_before,
        score_after=one.score_after,
        rank_before=one.rank_before,
        rank_after=one.rank_after,
    )
