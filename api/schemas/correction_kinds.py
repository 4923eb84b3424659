"""Corrections that may be sent, one shape for each kind, with the bounds of what people type."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from nlp.seen import is_seen
from store.deciding import MAX_LABEL, Wish

MAX_WHY, MAX_WHO, MAX_ID = 1000, 200, 300
MAX_PARTS, MAX_EXAMPLES = 8, 50  # a split that needs more is several splits

# A database keeps no NUL; the others would break a line in an audit or a mail.
_LINE = r"^[^\x00-\x1f\x7f]+$"


def _line(limit: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=limit, pattern=_LINE)


def _seen(text: str) -> str:
    if not is_seen(text):
        raise ValueError("no character of it can be seen")
    return text


_SEEN = AfterValidator(_seen)
_Id = Annotated[str, _line(MAX_ID)]
_Label = Annotated[str, _line(MAX_LABEL), _SEEN]
_Why = Annotated[str, _line(MAX_WHY), _SEEN]
_Who = Annotated[str, _line(MAX_WHO), _SEEN]
_Theme = Annotated[_Id, Field(description="A theme's id.", examples=["T-4f2a91c07b"])]
_Statement = Annotated[_Id, Field(description="A statement's id.", examples=["desk/17#0"])]
_Cause = Annotated[_Id, Field(description="A root cause's id.", examples=["R-0f8e21c4aa"])]

_WHY = "agreed in Monday's meeting"


def _example(**more: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [{**more, "why": _WHY}]})


class _Correction(BaseModel):
    """What all corrections have."""

    model_config = ConfigDict(extra="forbid")

    why: _Why = Field(description="The reason, for whoever reads it in a year.", examples=[_WHY])
    who: _Who | None = Field(
        default=None, description="Who decides; by default whoever asks.", examples=["Ines"]
    )
    dry_run: bool = Field(default=False, description="Say what would change; keep nothing.")

    def subject(self) -> str:
        """The theme (or owner) it is about; "" for none."""
        found: str = getattr(self, "theme_id", "") or ""
        return found

    def value(self) -> dict[str, Any]:
        """What it says of the subject, as it is kept."""
        common = {"kind", "theme_id", "owner_id", "why", "who", "dry_run"}
        return self.model_dump(exclude=common, exclude_none=True)


class Rename(_Correction):
    """Name a theme."""

    model_config = _example(kind="rename", theme_id="T-4f2a91c07b", label="Payout comes late")
    kind: Literal["rename"]
    theme_id: _Theme
    label: _Label = Field(description="Its name from now on.", examples=["Payout comes late"])


class Reassign(_Correction):
    """Give a theme to an owner."""

    model_config = _example(kind="owner", theme_id="T-4f2a91c07b", owner_id="billing")
    kind: Literal["owner"]
    theme_id: _Theme
    owner_id: _Id = Field(description="An owner's id; see /v1/owners.", examples=["billing"])

    def value(self) -> dict[str, Any]:
        """The owner."""
        return {"owner_id": self.owner_id}


class Merge(_Correction):
    """Merge a theme into another; what was published of it before stays as it was."""

    model_config = _example(kind="merge", theme_id="T-4f2a91c07b", into="T-91c07b4f2a")
    kind: Literal["merge"]
    theme_id: _Theme
    into: _Id = Field(description="The theme that takes its statements.", examples=["T-91c07b4f2a"])


class PartIn(BaseModel):
    """One part of a split; without a label a name is found."""

    model_config = ConfigDict(extra="forbid")
    label: _Label | None = Field(default=None, examples=["Card lost"])
    statements: list[_Statement] = Field(
        min_length=1,
        max_length=MAX_EXAMPLES,
        description="Statements that show what the part means.",
    )


class Split(_Correction):
    """Split a theme; each of its statements goes to the part whose examples it is most like."""

    model_config = _example(
        kind="split",
        theme_id="T-4f2a91c07b",
        parts=[
            {"label": "Card lost", "statements": ["desk/17#0", "desk/90#1"]},
            {"label": "Card stolen", "statements": ["desk/22#0"]},
        ],
    )
    kind: Literal["split"]
    theme_id: _Theme
    parts: list[PartIn] = Field(min_length=2, max_length=MAX_PARTS)


class Move(_Correction):
    """Move a statement to a theme: its exact copies go along, and what is like it follows."""

    model_config = _example(kind="move", statement="desk/17#0", theme_id="T-4f2a91c07b")
    kind: Literal["move"]
    theme_id: _Theme = Field(description="The theme it is moved to.")
    statement: _Statement


class Dismiss(_Correction):
    """Dismiss a theme: what belongs to it is noise from now on, and it does not come back."""

    model_config = _example(kind="dismiss", theme_id="T-4f2a91c07b")
    kind: Literal["dismiss"]
    theme_id: _Theme


class Pin(_Correction):
    """Keep a theme as it is: it does not retire, and no rebuild proposes to change it."""

    model_config = _example(kind="pin", theme_id="T-4f2a91c07b")
    kind: Literal["pin"]
    theme_id: _Theme


class _Linked(_Correction):
    statements: list[_Statement] = Field(min_length=2, max_length=2)


class MustLink(_Linked):
    """Have two statements stand in one theme: that of the one placed more surely."""

    model_config = _example(kind="must-link", statements=["desk/17#0", "desk/90#1"])
    kind: Literal["must-link"]


class CannotLink(_Linked):
    """Keep two statements out of one theme: the one placed less surely leaves."""

    model_config = _example(kind="cannot-link", statements=["desk/17#0", "desk/90#1"])
    kind: Literal["cannot-link"]


class ConfirmCause(_Correction):
    """Confirm a root cause: its confidence, score and rank rise with it."""

    model_config = _example(kind="confirm-cause", cause_id="R-0f8e21c4aa")
    kind: Literal["confirm-cause"]
    cause_id: _Cause


class RejectCause(_Correction):
    """Reject a root cause: it is not ranked, and does not come back."""

    model_config = _example(kind="reject-cause", cause_id="R-0f8e21c4aa")
    kind: Literal["reject-cause"]
    cause_id: _Cause


class Effort(_Correction):
    """Say what it takes to mend a theme, or all that is an owner's: the score is divided by it."""

    model_config = _example(kind="effort", theme_id="T-4f2a91c07b", effort=3)
    kind: Literal["effort"]
    theme_id: _Theme | None = None
    owner_id: _Id | None = Field(default=None, description="Instead of a theme.")
    effort: float = Field(
        gt=0, le=10_000, description="1 is what an unknown effort counts as.", examples=[3]
    )

    @model_validator(mode="after")
    def _one_subject(self) -> Effort:
        if (self.theme_id is None) == (self.owner_id is None):
            raise ValueError("give either a theme_id or an owner_id")
        return self

    def subject(self) -> str:
        """The theme or the owner."""
        return self.theme_id or self.owner_id or ""


CorrectionIn = Annotated[
    Rename
    | Reassign
    | Merge
    | Split
    | Move
    | Dismiss
    | Pin
    | MustLink
    | CannotLink
    | ConfirmCause
    | RejectCause
    | Effort,
    Field(discriminator="kind"),
]
CORRECTION_IN: TypeAdapter[CorrectionIn] = TypeAdapter(CorrectionIn)


def wish_of(asked: CorrectionIn, *, who: str, when: dt.datetime | None = None) -> Wish:
    """The correction as it is checked and kept."""
    return Wish(asked.kind, asked.subject(), asked.value(), who, asked.why, when)


class UndoIn(BaseModel):
    """Why a correction is taken back."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"why": "they were two themes after all"}]}
    )
    why: _Why
    who: _Who | None = None
