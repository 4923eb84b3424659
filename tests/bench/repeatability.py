"""The same input gives the same themes: rows shuffled, another process, other threads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.engine import Subject, answer
from tests.bench.row import Figure, Row
from tests.bench.scale import fingerprint, run_apart

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_WAYS = (("1", "1"), ("2", "2"))  # threads, seed of the shuffling and of Python's hashes


def measure(subjects: Sequence[Subject], *, cache: Path, limit: float) -> Row:
    """Share of runs that give the very ids, labels, thresholds and assignments of the first.

    Two more processes a corpus: rows in another order, other hash seed, one thread and two.
    """
    details: dict[str, list[dict[str, Any]]] = {}
    same = total = 0
    for subject in subjects:
        expected = fingerprint(answer(subject), len(subject.corpus.texts))
        for threads, seed in _WAYS:
            found = run_apart(
                subject,
                {"task": "cold", "seed": int(seed)},
                cache=cache,
                limit=limit,
                environment={**dict.fromkeys(_THREADS, threads), "PYTHONHASHSEED": seed},
            )
            equal = found.get("fingerprint") == expected
            details.setdefault(subject.corpus.name, []).append(
                {"threads": threads, "identical": equal, **found}
            )
            same += equal
            total += 1
    return Row(
        "repeatability",
        (Figure("identical runs", same / total if total else None, 1.0),),
        details,
        ", ".join(
            name for name, runs in details.items() if not all(one["identical"] for one in runs)
        ),
    )
