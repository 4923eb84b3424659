"""One measured run in a process of its own: `python -m tests.bench.worker FOLDER`.

The folder holds job.json (task, texts, cache, and the task's own settings) and vectors.npy. The
last line of the output is JSON.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

import numpy as np

from flows.quiet import quiet_environment
from nlp.encoding import Encode, FloatArray
from tests.bench.engine import cold_start, weekly
from tests.bench.row import say
from tests.bench.scale import fingerprint, replicated
from tests.bench.vectors import cached_encoder


def cold(job: dict[str, Any], vectors: FloatArray, encode: Encode) -> dict[str, Any]:
    """A cold start with the rows shuffled."""
    order = np.random.default_rng(job["seed"]).permutation(len(vectors))
    texts = [job["texts"][at] for at in order]
    done = cold_start(texts, vectors[order], encode)
    return {"fingerprint": fingerprint(done, len(texts)), "leaves": len(done.leaves)}


def rebuild(job: dict[str, Any], vectors: FloatArray, encode: Encode) -> dict[str, Any]:
    """A whole partition of `count` statements, timed, with the peak of memory."""
    texts, rows = replicated(job["texts"], vectors, job["count"], seed=3)
    encode(texts[:1])  # the model is in memory in every size
    before = _peak_mb()
    done = cold_start(texts, rows, encode)
    return {
        "count": job["count"],
        "seconds": done.seconds,
        "peak_mb": _peak_mb(),
        "before_mb": before,
        "leaves": len(done.leaves),
    }


def update(job: dict[str, Any], vectors: FloatArray, encode: Encode) -> dict[str, Any]:
    """A full build on `old` statements, then one week with `new` more."""
    texts, rows = replicated(job["texts"], vectors, job["old"] + job["new"], seed=4)
    arrivals = [list(range(job["old"])), list(range(job["old"], len(texts)))]
    first, second = weekly(texts, arrivals, vectors_in=lambda _: rows, encode=encode)
    say(f"full build {first.seconds:.1f} s, update {second.seconds:.1f} s")
    return {
        "full": first.seconds,
        "update": second.seconds,
        "leaves": len(first.leaves),
        "leaves_after": len(second.leaves),
        "peak_mb": _peak_mb(),
    }


def _peak_mb() -> float:
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def main(folder: Path) -> None:
    """Read the job, do it, print what was found."""
    quiet_environment(folder)
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    encode = cached_encoder(Path(job["cache"]))
    tasks = {"cold": cold, "rebuild": rebuild, "update": update}
    found = tasks[job["task"]](job, np.load(folder / "vectors.npy"), encode)
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
