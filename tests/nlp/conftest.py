"""Populations with planted truth, built the way the pipeline builds them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.population import Population, build_population
from nlp.records import Assignment, Feedback, Statement
from nlp.weeks import week_of

if TYPE_CHECKING:
    from nlp.language import Language

START = dt.date(2026, 1, 5)  # a Monday


def plant(
    days: Sequence[int],
    themes: Mapping[str, Sequence[int]],
    *,
    customers: Sequence[int] | None = None,
    attributes: Mapping[str, Sequence[str | None]] | None = None,
    scores: Sequence[float] | None = None,
    shuffled: int | None = None,
) -> Population:
    """One survey per entry of `days` (days after START); themes map to the rows that mention them.

    A customer per row unless `customers` says who; a NaN score is no score; `shuffled` is the seed
    with which the input is put into another order.
    """
    feedback, statements, placed = [], [], {}
    mentioned: dict[int, list[str]] = {}
    for theme in sorted(themes):
        for row in themes[theme]:
            mentioned.setdefault(int(row), []).append(theme)
    for row, day in enumerate(days):
        date = START + dt.timedelta(days=int(day))
        score = None if scores is None or np.isnan(scores[row]) else float(scores[row])
        item = Feedback(
            id=f"{row:06d}",
            source="plant",
            kind="survey",
            text=f"text {row}",
            created_at=dt.datetime.combine(date, dt.time(12), dt.UTC),
            week=week_of(date),
            day=date,
            customer_id=f"c{row if customers is None else int(customers[row]):06d}",
            score=score,
            score_kind=None if score is None else "nps",
            attributes=tuple(
                (name, value)
                for name in sorted(attributes or {})
                if (value := (attributes or {})[name][row]) is not None
            ),
        )
        feedback.append(item)
        for no, theme in enumerate(mentioned.get(row, ())):
            statement = Statement(feedback_key=item.key, no=no, text=f"text {row} {theme}")
            statements.append(statement)
            placed[statement.id] = Assignment(statement.id, theme, None, "leaf", 1.0, "test")
    if shuffled is not None:
        random = np.random.default_rng(shuffled)
        feedback = [feedback[i] for i in random.permutation(len(feedback))]
        statements = [statements[i] for i in random.permutation(len(statements))]
    return build_population(feedback, statements, placed)


def gaussian(
    sizes: Sequence[int], *, seed: int, spread: float = 0.6, dimensions: int = 48
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Unit rows around random directions, shuffled, and the direction each came from.

    Two rows of one direction have a cosine of about 1 / (1 + spread^2), others about 0.
    """
    random = np.random.default_rng(seed)
    centres = random.normal(size=(len(sizes), dimensions)) / np.sqrt(dimensions)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    truth = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    noise = random.normal(size=(len(truth), dimensions)) * spread / np.sqrt(dimensions)
    rows = centres[truth] + noise
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), truth.astype(np.int64)


@pytest.fixture(name="gaussian", scope="session")
def gaussian_fixture() -> Callable[..., tuple[NDArray[np.float32], NDArray[np.int64]]]:
    return gaussian


@pytest.fixture(name="plant", scope="session")
def plant_fixture() -> Callable[..., Population]:
    return plant


@pytest.fixture(scope="session")
def language() -> Language:
    """The English parser, loaded once for all tests that need it."""
    from nlp.language import load_language

    return load_language()
