"""What decisions would change, seen on the week run last: nothing is kept, no model is loaded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlp.corrected import born_by_people, corrected
from nlp.corrections import KINDS, Corrections, plan
from nlp.found_view import found_view
from nlp.memory import MemoryConfig
from nlp.naming import Name
from nlp.neighbours import FloatArray
from nlp.records import Assignment
from store.assignments import assignments_as_of
from store.corrections import active_corrections, as_correction
from store.database import Session
from store.deciding import Wish
from store.runs import last_run
from store.snapshots import published_weeks
from store.statements import load_statements
from store.themes import themes_as_of
from store.vectors import load_vectors, missing_vectors


@dataclass(frozen=True, slots=True)
class Change:
    """A theme and its statements before and after; the id "" is for those that have none."""

    theme_id: str
    label: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Themes whose number of statements would change, and what would have no effect."""

    changes: tuple[Change, ...]
    not_applied: tuple[str, ...]


def preview(
    session: Session,
    wishes: Sequence[tuple[Wish, dict[str, Any]]],
    *,
    memory: MemoryConfig,
) -> Preview:
    """Apply the decisions in force and `wishes` (with their checked values) to what stands.

    Args:
        memory: the theme engine's settings, as the weekly run has them.
    """
    weeks = published_weeks(session)
    run = last_run(session, week=weeks[-1], status="done") if weeks else None
    if run is None:
        return Preview((), ())
    week = weeks[-1]
    model = json.loads(run.model_digests).get("encoder", "")
    themes, stood = themes_as_of(session, week), assignments_as_of(session, week)
    statements = sorted(load_statements(session, until_week=week), key=lambda item: item.id)
    known = {item.sha for item in statements if item.noise is None}
    wanted = tuple(
        as_correction(one.kind, one.theme_id, value, one.why)
        for one, value in wishes
        if one.kind in KINDS
    )
    made = Corrections((*active_corrections(session).made, *wanted))
    decided = plan(made, themes, known.__contains__)
    found, placed = found_view(themes, stood, decided)
    # What has lost its theme is placed anew by a run only.
    lost = {
        name: Assignment(name, None, None, "unthemed", 0.0, "none")
        for name in stood.keys() - placed.keys()
    }

    def vectors(wanted: Sequence[str]) -> FloatArray:
        rows: FloatArray = load_vectors(session, model, list(wanted)).astype(np.float32)
        return rows

    def unnamed(_shas: Sequence[str], _rows: FloatArray) -> Name:
        return Name("(to be named)", "", ())

    born = born_by_people(
        week,
        decided,
        existing={theme.id for theme in found},
        vectors=vectors,
        name=unnamed,
        config=memory.exemplars,
    )
    found = (*found, *born)
    shas = {sha for theme in found for sha in theme.exemplars}
    shas -= missing_vectors(session, model, shas)
    exemplars = sorted(shas)
    after = corrected(
        week,
        decided,
        themes=found,
        placed=placed | lost,
        before=themes,
        stood=stood,
        statements=statements,
        exemplars=dict(zip(exemplars, vectors(exemplars), strict=True)),
        vectors=vectors,
        name=unnamed,
        memory=memory.exemplars,
        teaching=memory.teaching,
    )
    was = Counter(row.theme_id or "" for row in stood.values())
    now = Counter(row.theme_id or "" for row in after.assigned.values())
    labels = {theme.id: theme.label for theme in after.themes} | {"": "(no theme)"}
    return Preview(
        tuple(
            Change(name, labels.get(name, ""), was[name], now[name])
            for name in sorted(was.keys() | now.keys())
            if was[name] != now[name]
        ),
        tuple(
            f"{one.correction.kind} {one.correction.theme_id}: {one.reason}"
            for one in decided.not_applied
        ),
    )
