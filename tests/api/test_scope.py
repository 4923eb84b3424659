from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from api.scope import Populations
from store.database import open_database, read_scope, session_scope
from store.feedback import load_feedback, upsert_feedback
from store.snapshots import load_report

LAST = "2026-W47"


def test_feedback_that_comes_after_publication_is_counted(late_home: Path) -> None:
    engine = open_database(f"sqlite:///{late_home / 'groundswell.sqlite'}")
    kept = Populations()
    with read_scope(engine) as session:
        before = kept.of(session, LAST)
        published = load_report(session, LAST)
        assert kept.of(session, LAST) is before
    with session_scope(engine) as session:
        late = replace(load_feedback(session)[0], id="late", week=LAST)
        upsert_feedback(session, [late, replace(late, id="next", week="2026-W48")])
    with read_scope(engine) as session:
        assert load_report(session, LAST) == published
        after = kept.of(session, LAST)
        assert len(after) == len(before) + 1
        assert kept.of(session, LAST) is after
    engine.dispose()
