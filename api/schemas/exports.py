"""What can be exported, and with which columns."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.common import Answer
from service.exports.columns import TABLES, ColumnType, Noun
from service.exports.files import Format

_EXAMPLE: dict[str, Any] = {
    "noun": "friction",
    "row": "one theme's place in the backlog of the week",
    "order": "rank, unranked last; then theme_id",
    "needs_run": True,
    "formats": ["csv", "jsonl", "parquet"],
    "columns": [
        {"name": "rank", "type": "integer", "description": "Place in the backlog"},
        {"name": "theme_id", "type": "text", "description": "The theme's id"},
    ],
    "links": {
        "csv": "/v1/exports/friction?format=csv",
        "jsonl": "/v1/exports/friction?format=jsonl",
        "parquet": "/v1/exports/friction?format=parquet",
    },
}
FORMATS: tuple[Format, ...] = ("csv", "jsonl", "parquet")


class ColumnOut(Answer):
    """One column. Every column may be empty."""

    name: str
    type: ColumnType
    description: str


class ExportOut(Answer):
    """An export: what a row is, in which order rows come, and its columns in their order."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    noun: Noun
    row: str
    order: str
    needs_run: bool = Field(
        description="Whether a week must have been run; others hold everything stored."
    )
    formats: list[Format]
    columns: list[ColumnOut]
    links: dict[str, str]


class Exports(Answer):
    """All exports. Columns are a contract: new ones come at the end, none is moved or renamed."""

    items: list[ExportOut]


def exports_out() -> Exports:
    """The contract, as EXPORTS.md has it."""
    return Exports(
        items=[
            ExportOut(
                noun=noun,
                row=table.row,
                order=table.order,
                needs_run=table.needs_run,
                formats=list(FORMATS),
                columns=[
                    ColumnOut(name=column.name, type=column.type, description=column.description)
                    for column in table.columns
                ],
                links={name: f"/v1/exports/{noun}?format={name}" for name in FORMATS},
            )
            for noun, table in TABLES.items()
        ]
    )
