from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from api.scope import Populations
from api.searcher import Searcher
from nlp.records import DatedEvent
from store.database import open_database, read_scope, session_scope
from store.events import upsert_events
from store.feedback import load_feedback, upsert_feedback

LAST = "2026-W47"


def test_the_index_is_laid_out_anew_only_when_it_would_differ(late_home: Path) -> None:
    engine = open_database(f"sqlite:///{late_home / 'groundswell.sqlite'}")
    searcher, populations = Searcher(late_home / "no model"), Populations()
    with read_scope(engine) as session:
        first = searcher.index(session, populations, LAST)
        assert searcher.index(session, populations, LAST) is first
    with session_scope(engine) as session:
        upsert_events(session, [DatedEvent(dt.date(2026, 11, 2), "release", "4.2")])
    with read_scope(engine) as session:
        assert searcher.index(session, populations, LAST) is first
    with session_scope(engine) as session:
        upsert_feedback(session, [replace(load_feedback(session)[0], id="new", text="new")])
    with read_scope(engine) as session:
        assert searcher.index(session, populations, LAST) is not first
        earlier = searcher.index(session, populations, "2026-W46")
        assert len(earlier.ids) < len(first.ids)
    engine.dispose()
