"""A labelled corpus dealt into twelve weeks: statements should stay where they are put."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tests.bench.engine import Subject, Week, leaves_of, weekly
from tests.bench.measures import accuracy, coverage, nmi
from tests.bench.row import Figure, Row, mean, say

WEEKS = 12
_LEAST_TEXTS = 600  # fewer make no themes in the first weeks, so that nothing can move


def measure(subjects: Sequence[Subject]) -> Row:
    """Share of statements that ever leave their leaf (for another or none) without a logged event.

    A move is logged when that week has an event of the leaf it left, or of the leaf it went to
    that names the old one. Going from unthemed to a leaf is no move; its share stands beside. The
    mean over corpora.
    """
    details = {
        subject.corpus.name: _replay(subject)
        for subject in subjects
        if subject.corpus.kind == "intents" and len(subject.corpus.texts) >= _LEAST_TEXTS
    }

    def over(key: str) -> float | None:
        return mean([one[key] for one in details.values()])

    return Row(
        "replay",
        (
            Figure("moved without an event", over("moved"), 0.01, 0.002, at_most=True),
            Figure("moved with an event", over("moved_logged")),
            Figure("themed later than they came", over("themed_later")),
            Figure("ACC after twelve weeks", over("acc")),
            Figure("leaf coverage after twelve weeks", over("coverage")),
        ),
        details,
        ", ".join(f"{name} {one['moved']:.4f}" for name, one in details.items()),
    )


def deal(count: int, weeks: int, *, seed: int) -> list[list[int]]:
    """Rows dealt into weeks of equal size, at random."""
    order = np.random.default_rng(seed).permutation(count)
    return [sorted(part.tolist()) for part in np.array_split(order, weeks)]


def moves(before: Week, after: Week) -> dict[int, bool]:
    """Rows that left their leaf between two weeks -> whether an event says so."""
    named: Mapping[str, set[str]] = {
        event.theme_id: {
            other
            for found in after.events
            if found.theme_id == event.theme_id
            for other in found.related
        }
        for event in after.events
        if event.kind not in _NO_MOVE
    }
    left: dict[int, bool] = {}
    for row, leaf in before.leaf.items():
        now = after.leaf.get(row)
        if leaf is not None and now != leaf:
            left[row] = leaf in named or (now is not None and leaf in named.get(now, set()))
    return left


# What happens to a theme without taking statements from it.
_NO_MOVE = frozenset({"born", "seeded", "adopted", "family", "renamed", "described anew"})


def _replay(subject: Subject) -> dict[str, Any]:
    count = len(subject.corpus.texts)
    arrivals = deal(count, WEEKS, seed=12)
    silent: set[int] = set()
    logged: set[int] = set()
    later: set[int] = set()
    before: Week | None = None
    seconds: list[float] = []
    for week in weekly(
        subject.corpus.texts,
        arrivals,
        vectors_in=lambda _: subject.vectors,
        encode=subject.encode,
    ):
        if before is not None:
            for row, told in moves(before, week).items():
                (logged if told else silent).add(row)
            later.update(
                row for row, leaf in before.leaf.items() if leaf is None and week.leaf[row]
            )
        before = week
        seconds.append(week.seconds)
        say(f"{subject.corpus.name}: week {week.number + 1}, {len(week.leaves)} leaf themes")
    assert before is not None
    leaves = leaves_of(before, count)
    return {
        "moved": len(silent) / count,
        "moved_logged": len(logged) / count,
        "themed_later": len(later) / count,
        "acc": accuracy(leaves, subject.corpus.labels),
        "nmi": nmi(leaves, subject.corpus.labels),
        "coverage": coverage(leaves),
        "leaves": len(before.leaves),
        "seconds": seconds,
    }
