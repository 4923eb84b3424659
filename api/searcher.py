"""The search index of the last published week, laid out anew when what it holds has changed."""

from __future__ import annotations

import hashlib
import logging
import threading
from pathlib import Path

from api.scope import Populations
from service.query_encoder import QueryEncoder
from service.searching import SearchIndex, build_index
from store.database import Engine, Session, read_scope
from store.feedback import feedback_digest
from store.revision import revision
from store.snapshots import load_report, published_weeks

_LOG = logging.getLogger("groundswell.api")


class Searcher:
    """The encoder of queries and the index they are looked up in."""

    def __init__(self, model: Path | None = None) -> None:
        self.encoder = QueryEncoder(model)
        self._revision: int | None = None
        self._key: tuple[str, str, str] | None = None
        self._index: SearchIndex | None = None
        self._lock = threading.Lock()

    def index(self, session: Session, populations: Populations, week: str) -> SearchIndex:
        """The index of `week`; two requests at once build it once.

        A change that leaves the week's report and feedback as they were (a decision, say) leaves
        the index as it is.
        """
        now = revision(session)
        with self._lock:
            kept = self._index
            if kept is not None and self._revision == now and kept.week == week:
                return kept
            report = load_report(session, week) or ""
            key = (
                week,
                hashlib.sha256(report.encode("utf-8")).hexdigest(),
                feedback_digest(session, until_week=week),
            )
            if kept is None or key != self._key:
                population = populations.of(session, week)
                model = self.encoder.digest()
                kept = build_index(session, population, week=week, model=model)
            self._revision, self._key, self._index = now, key, kept
            return kept


def start_warming(engine: Engine, searcher: Searcher, populations: Populations) -> None:
    """Load the encoder and lay out the index beside the first requests: both take seconds."""

    def warm() -> None:
        try:
            with read_scope(engine) as session:
                published = published_weeks(session)
                if published:
                    searcher.index(session, populations, published[-1])
                    searcher.encoder.vector("")
        except Exception:  # noqa: BLE001 - a thread has nobody else to tell
            # The server is of use without a search, which says by itself what is wrong.
            _LOG.exception("search could not be prepared; the first one will try again")

    threading.Thread(target=warm, name="warm the search", daemon=True).start()
