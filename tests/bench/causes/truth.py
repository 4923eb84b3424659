"""What is planted, on record: segments, onsets, stated reasons, losses and companions of themes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nlp.records import DatedEvent
from tests.bench.causes.customers import Condition

Role = Literal["where", "when", "joined", "apart", "noise"]
Shape = Literal["burst", "shift"]


@dataclass(frozen=True, slots=True)
class Onset:
    """From day `first` to day `last` of the stream (numbers from 0); `event`: its release."""

    first: int
    last: int
    shape: Shape
    event: DatedEvent | None


@dataclass(frozen=True, slots=True)
class Cell:
    """The theme is `lift` times as frequent where segment and onset hold together.

    An empty segment is everybody, no onset is always.
    """

    lift: float
    segment: tuple[Condition, ...] = ()
    onset: Onset | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """`count` messages of the theme say the reason of a family; `denials` deny it.

    `inside`: only messages in the theme's cell say so.
    """

    family: str
    count: int
    denials: int
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Planting:
    """All that is planted in one theme. `companion`: the harmful theme it is mentioned with."""

    theme: str
    role: Role = "noise"
    cells: tuple[Cell, ...] = ()
    stated: tuple[Stated, ...] = ()
    loss: float = 0.0
    companion: str = ""

    @property
    def segment(self) -> tuple[Condition, ...]:
        """The planted segment, sorted; empty without one."""
        return next((one.segment for one in self.cells if one.segment), ())

    @property
    def onset(self) -> Onset | None:
        """The planted onset."""
        return next((one.onset for one in self.cells if one.onset), None)


@dataclass(frozen=True, slots=True)
class Truth:
    """Theme -> what is planted in it; the events, those that match nothing among them."""

    plantings: Mapping[str, Planting]
    events: tuple[DatedEvent, ...]
    unthemed: frozenset[str]
