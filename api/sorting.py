"""The order of a list: a name of its own, descending with a minus; what has no value comes last."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import Query

from api.cursors import Key
from api.problems import ProblemError

Row = TypeVar("Row")
Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Order(Generic[Row]):
    """An order of rows: total, by content. `descending`: the keys run from high to low."""

    name: str
    key: Callable[[Row], Key]
    descending: bool


def sort_query(columns: Mapping[str, object], *, default: str, example: str) -> Any:
    """A route's parameter `sort`, which the API's document then explains.

    Args:
        columns: by name, what rows can be ordered by.
        default: the order when none is asked for.
    """
    return Query(
        max_length=40,
        description=(
            f"One of {', '.join(columns)}, with a minus for the highest first (-score); "
            f"`{default}` when left out. What has no value comes last. An unknown one is an "
            "error that lists these."
        ),
        examples=[example],
    )


def order_of(
    asked: str | None,
    columns: Mapping[str, Callable[[Row], Value]],
    *,
    default: str,
    tie: Callable[[Row], Key],
) -> Order[Row]:
    """The order that `asked` names, such as `rank` or `-score`.

    Args:
        columns: what rows can be ordered by.
        default: the order when none is asked for.
        tie: decides between equal rows; total.

    Raises:
        ProblemError: 422, for an order that is not known, listing those that are.
    """
    name = asked or default
    descending = name.startswith("-")
    column = columns.get(name.removeprefix("-"))
    if column is None:
        raise ProblemError(
            422,
            "unknown-sort",
            f"this list cannot be sorted by {name!r}",
            known=sorted(text for one in columns for text in (one, f"-{one}")),
        )

    def key(row: Row) -> Key:
        value = column(row)
        if isinstance(value, float) and not math.isfinite(value):
            value = None  # a cursor cannot carry it
        # Last in either direction: True sorts after False, and descending turns both around.
        missing = (value is None) is not descending
        return (missing, 0 if value is None else value, *tie(row))

    return Order(name, key, descending)
