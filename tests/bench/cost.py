"""What a weekly update and a rebuild cost, and how the rebuild grows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.bench.engine import Subject
from tests.bench.measures import growth_exponent
from tests.bench.row import Figure, Row
from tests.bench.scale import run_apart


def measure_update(
    subjects: Sequence[Subject], *, cache: Path, limit: float, old: int, new: int
) -> Row:
    """`new` cached statements on `old`: time of that week over the time of the full build."""
    subject = _largest(subjects)
    found = run_apart(subject, {"task": "update", "old": old, "new": new}, cache=cache, limit=limit)
    share = found["update"] / found["full"] if "full" in found else None
    return Row(
        "update",
        (
            Figure(f"{new} on {old}: update / full", share, 1 / 20, 1 / 100, at_most=True),
            Figure("update, s", found.get("update")),
            Figure("full, s", found.get("full")),
        ),
        found,
        str(found.get("failed", f"replicated from {subject.corpus.name}")),
    )


def measure_rebuild(
    subjects: Sequence[Subject], *, cache: Path, limit: float, sizes: Sequence[int]
) -> Row:
    """Time and peak memory of a whole rebuild at each size; exponent of time = a x size^b."""
    subject = _largest(subjects)
    runs = [
        run_apart(subject, {"task": "rebuild", "count": size}, cache=cache, limit=limit)
        for size in sizes
    ]
    done = [one for one in runs if "seconds" in one]
    exponent = None
    if len(done) > 1:
        exponent = growth_exponent([one["count"] for one in done], [one["seconds"] for one in done])
    figures = [Figure("growth exponent of time", exponent, 1.2, at_most=True)]
    for size, one in zip(sizes, runs, strict=True):
        figures.append(Figure(f"{size}: s", one.get("seconds")))
        figures.append(Figure(f"{size}: peak MB", one.get("peak_mb")))
    failed = [
        f"{size}: {one['failed']}" for size, one in zip(sizes, runs, strict=True) if "failed" in one
    ]
    return Row("rebuild", tuple(figures), {"runs": runs}, "; ".join(failed))


def _largest(subjects: Sequence[Subject]) -> Subject:
    return max(subjects, key=lambda one: (len(one.corpus.texts), one.corpus.name))
