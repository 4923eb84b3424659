"""Decisions go into a store, out to a file, and into another store."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flows.correction_file import from_yaml, import_wishes, to_wish, to_yaml
from nlp.corrections import Correction, Corrections
from store.corrections import active_corrections
from store.database import Session, migrate, open_database, session_scope
from store.deciding import Wish, decide
from store.decisions import active_decisions
from store.feedback import upsert_feedback
from store.statements import save_statements
from store.themes import save_themes
from tests.bench.engine import Week


def exchange(week: Week, decisions: Sequence[Correction]) -> Corrections:
    """What a second store holds after it imported, twice, what the first one exported.

    Raises:
        AssertionError: the second import changed something.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        text = _exported(Path(folder) / "one.sqlite", week, decisions)
        engine = open_database(f"sqlite:///{Path(folder) / 'two.sqlite'}")
        migrate(engine)
        with session_scope(engine) as session:
            _fill(session, week)
        for taken in (len(decisions), 0):
            with session_scope(engine) as session:
                done = import_wishes(session, from_yaml(text, name="exported"), name="exported")
                assert done.accepted == taken, done
        with session_scope(engine) as session:
            found = active_corrections(session)
        engine.dispose()
        return found


def _exported(file: Path, week: Week, decisions: Sequence[Correction]) -> str:
    engine = open_database(f"sqlite:///{file}")
    migrate(engine)
    with session_scope(engine) as session:
        _fill(session, week)
    start = dt.datetime(2026, 1, 20, tzinfo=dt.UTC)
    with session_scope(engine) as session:
        for number, one in enumerate(decisions):
            moment = start + dt.timedelta(minutes=number)
            decide(session, Wish(one.kind, one.theme_id, value(one), "bench", "measured", moment))
    with session_scope(engine) as session:
        text = to_yaml(map(to_wish, active_decisions(session)))
    engine.dispose()
    return text


def value(one: Correction) -> dict[str, Any]:
    """What a decision of this kind holds in the store.

    Raises:
        KeyError: no decision of this kind is made here.
    """
    values: dict[str, dict[str, Any]] = {
        "rename": {"label": one.label},
        "pin": {},
        "dismiss": {},
        "merge": {"into": one.into},
        "move": {"sha": one.texts[0] if one.texts else ""},
        "must-link": {"shas": list(one.texts)},
        "cannot-link": {"shas": list(one.texts)},
        "split": {
            "parts": [{"label": part.label, "texts": list(part.texts)} for part in one.parts]
        },
    }
    return values[one.kind]


def _fill(session: Session, week: Week) -> None:
    upsert_feedback(session, list(week.feedback.values()))
    save_statements(session, week.statements, version="bench", feedback_keys=list(week.feedback))
    save_themes(session, week.name, week.themes)
