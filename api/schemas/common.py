"""Parts that several answers share."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from api.snapshot import Snapshot

Row = TypeVar("Row")


class Answer(BaseModel):
    """Base of all answers: attributes are documented, and none is added silently."""

    model_config = ConfigDict(extra="forbid")


class Page(Answer, Generic[Row]):
    """One page of a list."""

    week: str = Field(
        description="The published week the answer is taken from.", examples=["2026-W46"]
    )
    items: list[Row]
    next_cursor: str | None = Field(
        default=None, description="Give it as `cursor` for the next page; null on the last page."
    )


class Listing(Answer, Generic[Row]):
    """One page of a list that belongs to no published week."""

    items: list[Row]
    next_cursor: str | None = Field(
        default=None, description="Give it as `cursor` for the next page; null on the last page."
    )


class OwnerRef(Answer):
    """Who owns a theme, and why it is believed so."""

    id: str = Field(examples=["accounts_access"])
    name: str = Field(examples=["Accounts & access"])
    method: str = Field(examples=["meaning"])
    reason: str = Field(examples=["nearest responsibility: signing in and being logged out"])
    confidence: float = Field(examples=[0.71])
    needs_confirmation: bool = False


class StageRef(Answer):
    """A stage of the customer's journey."""

    id: str = Field(examples=["sign_in"])
    name: str = Field(examples=["Sign in"])
    reason: str = ""
    confidence: float = Field(examples=[0.64])


def owner_ref(snapshot: Snapshot, theme_id: str) -> OwnerRef | None:
    """The owner of a theme in a snapshot."""
    match = snapshot.owners.get(theme_id)
    if match is None:
        return None
    return OwnerRef(
        id=match.owner_id,
        name=match.owner_name,
        method=match.method,
        reason=match.reason,
        confidence=match.confidence,
        needs_confirmation=match.needs_confirmation,
    )


def stage_ref(snapshot: Snapshot, theme_id: str) -> StageRef | None:
    """The journey stage of a theme in a snapshot."""
    match = snapshot.stages.get(theme_id)
    if match is None:
        return None
    return StageRef(
        id=match.stage_id, name=match.stage_name, reason=match.reason, confidence=match.confidence
    )
