"""One measured run in a process of its own: `python -m tests.bench.worker FOLDER`.

The folder holds job.json (task, texts, cache, and the task's own settings) and vectors.npy. The
last line of the output is JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from flows.quiet import quiet_environment
from nlp.encoding import Encode, FloatArray
from nlp.overlap import KnownText
from nlp.partition import evenly, partition
from nlp.rebuild import compare
from nlp.records import Theme, text_sha
from tests.bench.engine import FIRST_WEEK, cold_start, defaults, weekly
from tests.bench.row import say
from tests.bench.scale import fingerprint, replicated
from tests.bench.vectors import cached_encoder

_THEMES = 80  # as Banking77 comes to


def cold(job: dict[str, Any], vectors: FloatArray, encode: Encode) -> dict[str, Any]:
    """A cold start with the rows shuffled."""
    order = np.random.default_rng(job["seed"]).permutation(len(vectors))
    texts = [job["texts"][at] for at in order]
    done = cold_start(texts, vectors[order], encode)
    return {"fingerprint": fingerprint(done, len(texts)), "leaves": len(done.leaves)}


def rebuild(job: dict[str, Any], vectors: FloatArray, _encode: Encode) -> dict[str, Any]:
    """What `groundswell themes rebuild` does on `count` statements, timed, with the peak of memory.

    Copies, partition and comparison with a register of themes, which is a rough one: the texts
    nearest to each of some of them. Reading the store is not timed.
    """
    from flows.rebuilding import rebuild_config, voters  # brings the encoder, which must be quiet

    texts, rows = replicated(job["texts"], vectors, job["count"], seed=3)
    shas = [text_sha(text) for text in texts]
    order = sorted(range(len(shas)), key=shas.__getitem__)
    rows = rows[order]
    leaves = (rows @ rows[evenly(len(rows), _THEMES)].T).argmax(axis=1).tolist()
    themes = [
        Theme(f"T{n:03d}", "leaf", None, f"theme {n}", "", (), (), 0.5, FIRST_WEEK)
        for n in range(_THEMES)
    ]
    known = [
        KnownText(shas[row], texts[row], f"T{leaf:03d}", 1, frozenset({shas[row]}))
        for row, leaf in zip(order, leaves, strict=True)
    ]
    row_of = {shas[row]: at for at, row in enumerate(order)}
    before, memory = _peak_mb(), defaults()
    clock = time.perf_counter()
    known = voters(known, config=memory.copies)
    say(f"{len(known)} texts of {len(texts)} after {time.perf_counter() - clock:.1f} s")
    cut = partition(rows[[row_of[one.sha] for one in known]], config=memory.births.cut, tell=say)
    proposals = compare(themes, known, cut.labels, config=rebuild_config(memory))
    return {
        "count": job["count"],
        "seconds": time.perf_counter() - clock,
        "peak_mb": _peak_mb(),
        "before_mb": before,
        "texts": len(known),
        "groups": cut.count,
        "proposals": len(proposals),
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
