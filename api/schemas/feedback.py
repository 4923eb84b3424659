"""Feedback posted in batches, and what became of each row."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.common import Answer
from nlp.records import Kind

# A thousand rows are taken in about a second; a longer batch would hold the database too long.
MAX_ITEMS = 1000

Outcome = Literal["accepted", "updated", "unchanged", "quarantined"]

_ROW: dict[str, Any] = {
    "id": "1842",
    "created_at": "2026-11-10T09:12:00Z",
    "text": "The app signs me out every time since I updated to 4.2",
    "customer_id": "c-77",
    "score": 2,
    "score_kind": "nps",
    "plan": "Pro",
    "version": "4.2",
}


class FeedbackBatch(BaseModel):
    """Rows as an export has them: the canonical fields, and any further one as an attribute."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"source": "zendesk", "kind": "ticket", "items": [_ROW]}]},
    )

    source: str | None = Field(
        default=None, max_length=200, description="For rows that name none; part of the key."
    )
    kind: Kind | None = Field(default=None, description="For rows that name none.")
    items: Annotated[
        list[dict[str, Any]],
        Field(
            min_length=1,
            max_length=MAX_ITEMS,
            description=(
                "id, text, created_at; and where known kind, source, customer_id, account_id, "
                "score, score_kind, revenue, resolved_at, reopened, channel, language; any other "
                "field is an attribute. A row is known by (source, id): sent again it changes "
                "nothing, sent differently it is an update."
            ),
        ),
    ]


class RowResult(Answer):
    """What became of one row."""

    index: int = Field(description="Place in `items`, from 0.", examples=[0])
    id: str = Field(examples=["1842"])
    outcome: Outcome
    reason: str | None = Field(default=None, description="Why it was quarantined.")


class BatchResult(Answer):
    """The four outcomes add up to the rows sent. Themes are assigned by the next weekly run."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "rows_read": 1,
                    "accepted": 1,
                    "updated": 0,
                    "unchanged": 0,
                    "quarantined": 0,
                    "results": [{"index": 0, "id": "1842", "outcome": "accepted"}],
                }
            ]
        }
    )

    rows_read: int
    accepted: int
    updated: int
    unchanged: int
    quarantined: int
    results: list[RowResult]
