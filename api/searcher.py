"""The search index of the last published week, laid out anew beside the answers when it changes."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from api.scope import Populations, Shelf
from api.windows import Choices, make_choices
from nlp.population import Population
from service.query_encoder import QueryEncoder
from service.searching import SearchIndex, build_index
from store.database import Engine, Session, read_scope
from store.feedback import feedback_digest
from store.snapshots import load_report, published_weeks

_LOG = logging.getLogger("groundswell.api")
_JOIN_SECONDS = 10.0  # the longest step that cannot be broken off, at 300,000 statements
_RETRY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Searchable:
    """An index, and what it was laid out from: its rows are rows of this population.

    mark: the week, and how often what was said had changed. key: digests of report and feedback.
    choices: what the population can be filtered by. current: nothing newer is waiting.
    """

    index: SearchIndex
    population: Population
    choices: Choices
    mark: tuple[str, int]
    key: tuple[str, str, str]
    current: bool = True


class _StopError(Exception):
    """The server ends: what is being laid out is of no use any more."""


class Searcher:
    """The encoder of queries and the index they are looked up in.

    The first index is waited for. From then on nobody waits: when something else was said, the
    index there is goes on answering, as not current, until a thread has laid out the next one.
    """

    def __init__(self, model: Path | None = None) -> None:
        self.encoder = QueryEncoder(model)
        self._kept: Searchable | None = None
        self._first = threading.Lock()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._not_before = 0.0
        self._stop = threading.Event()

    def searchable(self, session: Session, populations: Populations, week: str) -> Searchable:
        """What can be searched now: the index of `week`, or the last one while that is laid out.

        A change that leaves the week's report and feedback as they were (a decision, say) leaves
        the index as it is.
        """
        mark = (week, Shelf.revision(session, "said"))
        kept = self._kept
        if kept is None:
            with self._first:
                kept = self._kept
                if kept is None:
                    kept = self._kept = self._laid_out(session, populations, mark, None)
        # A session that began before the index there is sees less than it: nothing is waiting.
        if kept.mark == mark or mark[1] < kept.mark[1]:
            return kept
        self._start(session.get_bind().engine, populations)
        return replace(kept, current=False)

    def wait(self, seconds: float) -> bool:
        """Wait for what is being laid out; whether it is done."""
        with self._lock:
            threads = list(self._threads)
        end = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def close(self) -> None:
        """Break off what is being laid out, and wait for its thread to end."""
        self._stop.set()
        if not self.wait(_JOIN_SECONDS):
            _LOG.warning("the search index is still being laid out; its work is left unfinished")

    def warm(self, engine: Engine, populations: Populations) -> None:
        """Load the encoder and lay out the index beside the first requests: both take seconds."""

        def work() -> None:
            with read_scope(engine) as session:
                published = published_weeks(session)
                if published:
                    self.searchable(session, populations, published[-1])
                    self.encoder.vector("")

        self._run("warm the search", work)

    def _start(self, engine: Engine, populations: Populations) -> None:
        """Lay out the next index in a thread, unless one does, or has only just done so."""

        def work() -> None:
            began = time.monotonic()
            self._not_before = began + _RETRY_SECONDS
            with read_scope(engine) as session:
                published = published_weeks(session)
                if published:
                    mark = (published[-1], Shelf.revision(session, "said"))
                    self._kept = self._laid_out(session, populations, mark, self._kept)
            # Where feedback comes in all the time, the other half of the time is for requests.
            self._not_before = 2 * time.monotonic() - began

        if time.monotonic() >= self._not_before:
            self._run("lay out the search index", work)

    def _run(self, name: str, work: Callable[[], None]) -> None:
        """Do something in a thread, one at a time."""

        def run() -> None:
            try:
                work()
            except _StopError:
                _LOG.debug("%s: broken off, as the server ends", name)
            except Exception:  # noqa: BLE001 - a thread has nobody else to tell
                # The server is of use without; who searches next has it tried again.
                _LOG.exception("%s: it failed, and will be tried again", name)

        with self._lock:
            if self._stop.is_set() or any(thread.is_alive() for thread in self._threads):
                return
            thread = threading.Thread(target=run, name=name, daemon=True)
            self._threads = [thread]
            thread.start()

    def _laid_out(
        self,
        session: Session,
        populations: Populations,
        mark: tuple[str, int],
        before: Searchable | None,
    ) -> Searchable:
        week = mark[0]
        report = load_report(session, week) or ""
        key = (
            week,
            hashlib.sha256(report.encode("utf-8")).hexdigest(),
            feedback_digest(session, until_week=week),
        )
        self._check()
        population = populations.of(session, week)
        choices = make_choices(population)
        self._check()
        if before is not None and key == before.key:  # attributes of customers may have changed
            return Searchable(before.index, population, choices, mark, key)
        index = build_index(
            session, population, week=week, model=self.encoder.digest(), check=self._check
        )
        return Searchable(index, population, choices, mark, key)

    def _check(self) -> None:
        if self._stop.is_set():
            raise _StopError
