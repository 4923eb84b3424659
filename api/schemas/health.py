"""Answers of the health checks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas.common import Answer


class Health(Answer):
    """The process is alive."""

    status: Literal["ok"]


class Readiness(Answer):
    """The database answers; `last_week` is null before the first run."""

    status: Literal["ready"]
    last_week: str | None = Field(examples=["2026-W46"])
