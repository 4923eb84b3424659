"""Errors as RFC 9457 problem details: one shape for every status, nothing internal inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One thing that is wrong with the request, and where."""

    field: str = Field(examples=["query.limit"])
    message: str = Field(examples=["Input should be less than or equal to 200"])


class Problem(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:groundswell:problem:unknown-filter",
                    "title": "Unknown filter",
                    "status": 422,
                    "detail": "'plann' is not a filter of this list",
                    "known": ["attribute.plan", "kind", "owner", "since", "stage", "until", "week"],
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: list[FieldError] | None = None
    known: list[str] | None = Field(default=None, description="What would have been accepted here.")
    request_id: str | None = Field(
        default=None, description="Of a failure inside: what to look for in the server's log."
    )


class ProblemError(Exception):
    """Raised by routes; carries its own status and is drawn by one handler."""

    def __init__(
        self,
        status: int,
        name: str,
        detail: str,
        *,
        known: Sequence[str] | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.name = name
        self.detail = detail
        self.known = known
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def problem(self) -> Problem:
        """The body of the answer."""
        return Problem(
            type=f"urn:groundswell:problem:{self.name}",
            title=self.name.replace("-", " ").capitalize(),
            status=self.status,
            detail=self.detail,
            errors=self.errors or None,
            known=sorted(self.known) if self.known is not None else None,
        )


def respond(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The problem as a response; keys without a value are left out."""
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def plain(status: int, detail: str = "") -> Problem:
    """A problem that says no more than its HTTP status."""
    return Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these problems."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: schema}}
        for status in statuses
    }
