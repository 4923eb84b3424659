from __future__ import annotations

from pathlib import Path

from nlp.part import Part
from service.said import SaidLazily
from store.assignments import assignments_as_of
from store.database import open_database, read_scope
from store.layout import load_ledger
from store.snapshots import published_weeks
from store.statements import load_statements


def test_what_is_read_a_theme_at_a_time_is_what_is_stored(stocked_home: Path) -> None:
    engine = open_database(f"sqlite:///{stocked_home / 'groundswell.sqlite'}")
    with read_scope(engine) as session:
        week = published_weeks(session)[0]
        part = Part(load_ledger(session), week)
        statements = {one.id: one for one in load_statements(session, until_week=week)}
        places = assignments_as_of(session, week)
        said = SaidLazily(session, part)
        assert {place.theme_id is None for place in places.values()} == {True, False}
        assert dict(said.assignments) == {name: places[name] for name in sorted(places)}
        assert dict(said.statements) == {name: statements[name] for name in sorted(places)}
        assert said.statements.get("none") is None
    engine.dispose()
