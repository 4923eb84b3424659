"""Rankings in a process of their own: a tenth of a second of arithmetic that nobody else waits for.

Threads of one process take turns, and whoever asks for a page would wait for every ranking that is
being worked out.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from nlp.columns import Columns
from nlp.rank import Known, rank_parts
from nlp.records import Friction
from nlp.score import ScoringConfig

_LOG = logging.getLogger("groundswell.api")


class Ranker:
    """Works out rankings, in another process if it may; without one in the thread that asks."""

    def __init__(self, *, apart: bool) -> None:
        self._apart = apart
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def rank(
        self, reach: Columns, cost: Columns, *, known: Mapping[str, Known], scoring: ScoringConfig
    ) -> tuple[Friction, ...]:
        """See `nlp.rank.rank_parts`; the same wherever it is worked out."""
        pool = self._started()
        if pool is not None:
            try:
                return pool.submit(rank_parts, reach, cost, known=known, scoring=scoring).result()
            except BrokenProcessPool:
                _LOG.warning("the process of the rankings ended; this one is worked out here")
                self._forget(pool)
            except CancelledError:
                _LOG.info("the server ends; this ranking is worked out here")
        return rank_parts(reach, cost, known=known, scoring=scoring)

    def start(self) -> None:
        """Start the process now: its imports take a second."""
        pool = self._started()
        if pool is not None:
            pool.submit(_ready)

    def close(self) -> None:
        """End the process; what is asked for afterwards is worked out where it is asked for."""
        with self._lock:
            pool, self._pool, self._apart = self._pool, None, False
        if pool is not None:
            pool.shutdown(cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor | None:
        with self._lock:
            if self._apart and self._pool is None:
                self._pool = ProcessPoolExecutor(
                    max_workers=1,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_begin,
                )
            return self._pool

    def _forget(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
        pool.shutdown(wait=False)


def _begin() -> None:
    """What the process does first: leave Ctrl-C to the server, and end when that is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None, "a process of a pool has a parent"

    def follow() -> None:
        parent.join()
        os._exit(0)

    threading.Thread(target=follow, name="follow the server", daemon=True).start()


def _ready() -> None:
    """Nothing; whoever waits for it knows that the process has started."""
