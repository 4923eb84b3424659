"""The recent weeks of a population, and its attributes as columns, kept for the next question."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from nlp.causes.attributes import Column
from nlp.population import Population, restrict
from nlp.theme_segments import segment_columns
from nlp.weeks import shift


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the feedback and its attributes as columns."""

    population: Population
    columns: tuple[Column, ...]


class Windows:
    """Windows of the populations asked for last, told apart by identity: those are kept, too."""

    def __init__(self, *, keep: int = 2) -> None:
        self._keep = keep
        self._kept: list[tuple[Population, str, int, Window]] = []
        self._lock = threading.Lock()

    def of(self, population: Population, *, week: str, weeks: int) -> Window:
        """The last `weeks` weeks up to `week`."""
        with self._lock:
            for kept, of_week, of_weeks, window in self._kept:
                if kept is population and (of_week, of_weeks) == (week, weeks):
                    return window
            window = make_window(population, week=week, weeks=weeks)
            self._kept = [(population, week, weeks, window), *self._kept][: self._keep]
        return window


def make_window(population: Population, *, week: str, weeks: int) -> Window:
    """The last `weeks` weeks up to `week`, with their columns."""
    first = shift(week, 1 - weeks)
    part = restrict(
        population, np.array([first <= name <= week for name in population.weeks], dtype=np.bool_)
    )
    return Window(part, segment_columns(part))
