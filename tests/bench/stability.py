"""Do two runs on mostly the same texts agree on the texts they share?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from tests.bench.engine import Subject, cold_start, leaves_of, subset
from tests.bench.measures import ari
from tests.bench.row import Figure, Row, mean, say

_RUNS = 3
_SHARE = 0.9


def measure(subjects: Sequence[Subject]) -> Row:
    """ARI between cold starts on 90% subsamples, over shared rows; mean of 3 pairs, of corpora.

    Unassigned texts are one class.
    """
    details: dict[str, list[float]] = {}
    for subject in subjects:
        if subject.corpus.kind == "intents":
            details[subject.corpus.name] = _pairs(subject)
    means = {name: sum(values) / len(values) for name, values in details.items()}
    return Row(
        "stability",
        (Figure("ARI of 90% subsamples", mean(list(means.values())), 0.90, 0.95),),
        details,
        ", ".join(f"{name} {value:.2f}" for name, value in means.items()),
    )


def _pairs(subject: Subject) -> list[float]:
    count = len(subject.corpus.texts)
    runs: list[dict[int, str | None]] = []
    for seed in range(_RUNS):
        order = np.random.default_rng(seed).permutation(count)
        rows = np.sort(order[: round(count * _SHARE)]).tolist()
        part = subset(subject, rows)
        done = cold_start(part.corpus.texts, part.vectors, part.encode)
        runs.append(dict(zip(rows, leaves_of(done, len(rows)), strict=True)))
        say(f"{subject.corpus.name}: subsample {seed + 1}, {len(done.leaves)} leaf themes")
    found: list[float] = []
    for one, other in combinations(runs, 2):
        shared = sorted(one.keys() & other.keys())
        found.append(ari([one[row] for row in shared], [other[row] for row in shared]))
    return found
