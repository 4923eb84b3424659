"""Weeks of statements with directions for meanings, and a burst of alike ones in the last week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.population import Population, build_population
from nlp.records import Assignment, Feedback, Statement
from nlp.weeks import week_of

START = dt.date(2026, 1, 5)  # a Monday
TOPICS, WIDTH = 12, 32


@dataclass(frozen=True)
class World:
    """A population, its statements and their vectors."""

    population: Population
    statements: dict[str, Statement]
    rows: dict[str, NDArray[np.float32]]
    week: str

    def vectors(self, shas: Sequence[str]) -> NDArray[np.float32]:
        """The unit rows of these texts."""
        return np.array([self.rows[sha] for sha in shas], dtype=np.float32).reshape(-1, WIDTH)


def burst_world(
    *,
    seed: int = 0,
    weeks: int = 10,
    a_week: int = 60,
    burst: int = 0,
    earlier: int = 0,
    one_customer: bool = False,
    next_week: int = 0,
    shuffled: int | None = None,
    themed: bool = True,
) -> World:
    """Sixty messages a week, each on one of twelve topics (cosine of two of a topic about .5).

    burst: messages of the last week that say much the same (cosine about .8) within topic 0;
    earlier: as many in the weeks before. next_week: a further week holds so many of them again.
    """
    random = np.random.default_rng(seed)
    topics = _unit(random.normal(size=(TOPICS, WIDTH)))
    middle = _unit(topics[0] + 0.9 * _unit(random.normal(size=WIDTH)))
    feedback: list[Feedback] = []
    statements: list[Statement] = []
    rows: dict[str, NDArray[np.float32]] = {}
    placed: dict[str, Assignment] = {}

    def add(week: int, vector: NDArray[np.float64], topic: int, customer: str | None) -> None:
        at = len(feedback)
        date = START + dt.timedelta(days=7 * week + at % 7)
        item = Feedback(
            id=f"{at:05d}",
            source="plant",
            kind="ticket",
            text=f"text {at}",
            created_at=dt.datetime.combine(date, dt.time(12), dt.UTC),
            week=week_of(date),
            day=date,
            customer_id=customer or f"c{at:05d}",
        )
        alike = "blocked by avast" if topic < 0 else f"topic {topic}"
        said = Statement(feedback_key=item.key, no=0, text=f"{alike} said as number {at}")
        feedback.append(item)
        statements.append(said)
        rows[said.sha] = vector.astype(np.float32)
        theme = f"T-{max(topic, 0):02d}" if themed else None
        state = "leaf" if themed else "unthemed"
        placed[said.id] = Assignment(said.id, theme, None, state, 1.0, "test")  # type: ignore[arg-type]

    def alike(week: int, count: int) -> None:
        for _ in range(count):
            vector = _unit(middle + 0.5 * _unit(random.normal(size=WIDTH)))
            add(week, vector, -1, "loud" if one_customer else None)

    for week in range(weeks):
        for _ in range(a_week):
            topic = int(random.integers(TOPICS))
            add(week, _unit(topics[topic] + _unit(random.normal(size=WIDTH))), topic, None)
    for number in range(earlier):
        alike(number % (weeks - 1), 1)
    alike(weeks - 1, burst)
    last = weeks - 1
    if next_week:
        last = weeks
        for _ in range(a_week):
            topic = int(random.integers(TOPICS))
            add(last, _unit(topics[topic] + _unit(random.normal(size=WIDTH))), topic, None)
        alike(last, next_week)
    if shuffled is not None:
        order = np.random.default_rng(shuffled).permutation(len(feedback))
        feedback = [feedback[i] for i in order]
        statements = [statements[i] for i in order]
    return World(
        build_population(feedback, statements, placed),
        {item.id: item for item in statements},
        rows,
        week_of(START + dt.timedelta(days=7 * last)),
    )


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True))
