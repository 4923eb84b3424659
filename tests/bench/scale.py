"""Many statements out of few: a corpus replicated with noise, and what a run over it costs."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nlp.encoding import FloatArray
from tests.bench.engine import Subject, Week
from tests.bench.row import say

ROOT = Path(__file__).parents[2]
_NOISE = 0.35  # length of the noise beside a unit vector: a copy is .94 like its original


def replicated(
    texts: Sequence[str], vectors: FloatArray, count: int, *, seed: int
) -> tuple[list[str], FloatArray]:
    """`count` distinct texts and unit rows, each vector moved a little.

    Replicas are numbered and their words put in another order, or they would be copies, which have
    one vote and cost next to nothing.
    """
    generator = np.random.default_rng(seed)
    out = np.empty((count, vectors.shape[1]), dtype=np.float32)
    for start in range(0, count, len(vectors)):
        part = out[start : start + len(vectors)]
        noise = generator.standard_normal(part.shape, dtype=np.float32)
        part[:] = vectors[: len(part)] + _NOISE * noise / np.sqrt(vectors.shape[1])
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    named: list[str] = []
    for at in range(count):
        words = texts[at % len(texts)].split()
        if at >= len(texts):
            words = [words[place] for place in generator.permutation(len(words))]
        named.append(f"{' '.join(words)} ({at // len(texts)})")
    return named, out


def fingerprint(week: Week, count: int) -> str:
    """Digest of all themes (ids, labels, exemplars, thresholds) and of where each row stands.

    Rows are taken by their ids, so that the order in which they were given does not count.
    """
    digest = hashlib.sha256()
    for theme in week.themes:
        digest.update(repr(theme).encode())
    for key in sorted(week.assigned):
        digest.update(repr(week.assigned[key]).encode())
    digest.update(str(count).encode())
    return digest.hexdigest()


def run_apart(
    subject: Subject,
    job: Mapping[str, Any],
    *,
    cache: Path,
    limit: float,
    environment: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A job of `tests.bench.worker` on the subject, in a process of its own.

    Returns:
        What the worker found; or {"failed": why} when it died or took longer than `limit` seconds.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        place = Path(folder)
        np.save(place / "vectors.npy", subject.vectors)
        (place / "job.json").write_text(
            json.dumps({**job, "texts": subject.corpus.texts, "cache": str(cache)}),
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "tests.bench.worker", folder]
        clock = time.perf_counter()
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                stdout=subprocess.PIPE,
                text=True,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"failed": f"not within {limit:.0f} s"}
        say(f"{job['task']}: {time.perf_counter() - clock:.1f} s with loading")
        if done.returncode:
            return {"failed": f"ended with {done.returncode} (-9: out of memory)"}
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found
