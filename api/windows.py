"""The recent weeks of a population, and its attributes as columns, kept for the next question."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from nlp.causes.attributes import Column
from nlp.part import Part
from nlp.population import Population, restrict
from nlp.theme_segments import SegmentShare, segment_columns
from nlp.weeks import shift


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the feedback and its attributes as columns; `told`: `theme_segments` by theme."""

    population: Population
    columns: tuple[Column, ...]
    told: dict[str, tuple[SegmentShare, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choices:
    """What feedback can be filtered by: its weeks, and attributes with two values or more."""

    weeks: tuple[str, ...]
    segments: tuple[tuple[str, tuple[str, ...]], ...]


class Windows:
    """Windows of the populations asked for last, told apart by identity: those are kept, too."""

    def __init__(self, *, keep: int = 8) -> None:
        self._keep = keep
        self._kept: list[tuple[Population, str, int, Window]] = []
        self._choices: list[tuple[Population, Choices]] = []
        self._lock = threading.Lock()

    def of(self, population: Population, *, week: str, weeks: int) -> Window:
        """The last `weeks` weeks up to `week`."""
        with self._lock:
            self._forget_others(population)
            for place, (kept, of_week, of_weeks, window) in enumerate(self._kept):
                if kept is population and (of_week, of_weeks) == (week, weeks):
                    self._kept.insert(0, self._kept.pop(place))
                    return window
            window = make_window(population, week=week, weeks=weeks)
            self._kept = [(population, week, weeks, window), *self._kept][: self._keep]
        return window

    def choices(self, population: Population) -> Choices:
        """What the population's feedback can be filtered by."""
        with self._lock:
            self._forget_others(population)
            for kept, choices in self._choices:
                if kept is population:
                    return choices
            choices = make_choices(population)
            self._choices = [(population, choices), *self._choices][: self._keep]
        return choices

    def _forget_others(self, population: Population) -> None:
        """Let go of what was laid out before anything changed: it holds a ledger of its own."""
        ledger = _ledger(population)
        self._kept = [one for one in self._kept if _ledger(one[0]) is ledger]
        self._choices = [one for one in self._choices if _ledger(one[0]) is ledger]


def _ledger(population: Population) -> object:
    return population.ledger if isinstance(population, Part) else None


def make_choices(population: Population) -> Choices:
    """All weeks and all attribute values, sorted; `MISSING` is no value to choose."""
    held = sorted(population.values_held().items())
    return Choices(
        weeks=population.week_names(),
        segments=tuple((name, tuple(sorted(values))) for name, values in held if len(values) > 1),
    )


def make_window(population: Population, *, week: str, weeks: int) -> Window:
    """The last `weeks` weeks up to `week`, with their columns."""
    first = shift(week, 1 - weeks)
    part = restrict(population, population.in_weeks(first, week))
    return Window(part, segment_columns(part))
