from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from pathlib import Path

import pytest

from api.scope import Populations, _settled
from api.windows import Windows
from nlp.ledger import build_ledger
from nlp.part import Part
from nlp.population import restrict
from store.database import open_database, read_scope, session_scope
from store.feedback import load_feedback, upsert_feedback
from store.revision import mark_changed
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


def test_what_was_laid_out_before_a_change_goes_with_it(late_home: Path) -> None:
    """A ledger is hundreds of megabytes: none may stay because something still leads to it."""
    engine = open_database(f"sqlite:///{late_home / 'groundswell.sqlite'}")
    populations, windows = Populations(), Windows()
    ledgers: list[weakref.ref[object]] = []
    gc.disable()  # what goes must go by itself, without the collector
    try:
        for _ in range(5):
            with session_scope(engine) as session:
                mark_changed(session, "said")
            with read_scope(engine) as session:
                part = populations.of(session, LAST)
                theme = next(iter(part.members))
                row = int(part.members[theme][0])
                assert part.statements[theme, row]
                assert part.attributes["kind"]
                assert windows.choices(part).weeks
                window = windows.of(part, week=LAST, weeks=2).population
                assert isinstance(window, Part)
                assert restrict(part, part.holding("kind", "ticket")).attributes["kind"]
                ledgers.append(weakref.ref(part.ledger.feedback))
                del part, window
        assert [ledger() is not None for ledger in ledgers] == [False] * 4 + [True]
    finally:
        gc.enable()
        engine.dispose()


class _Circle:
    """Something only the search for garbage can end."""

    def __init__(self) -> None:
        self.self = self


def test_what_was_alive_when_a_ledger_was_laid_out_can_still_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.scope._LARGE", 0)
    circle = _Circle()
    seen = weakref.ref(circle)
    ledger = build_ledger([], [], [])
    try:
        assert _settled(ledger) is ledger
        del circle
        _settled(ledger)
    finally:
        gc.unfreeze()
    assert seen() is None
