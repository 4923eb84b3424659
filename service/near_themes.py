"""Which themes mean about the same as one: those it is likeliest to be merged with."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.records import Theme
from store.database import Session
from store.runs import last_run
from store.snapshots import published_weeks
from store.vectors import load_vectors, missing_vectors

_TYPICAL = 5  # exemplars of each, the most typical first: enough to tell what is near


Meanings = Mapping[str, NDArray[np.float32]]


def meanings(session: Session, themes: Sequence[Theme]) -> Meanings:
    """Theme id to the mean vector of its typical texts.

    Themes without a stored vector (and all, before the first run) are left out.
    """
    weeks = published_weeks(session)
    run = last_run(session, week=weeks[-1], status="done") if weeks else None
    if run is None:
        return {}
    model = json.loads(run.model_digests).get("encoder", "")
    texts = {one.id: one.exemplars[:_TYPICAL] for one in themes}
    shas = {sha for found in texts.values() for sha in found}
    wanted = sorted(shas - missing_vectors(session, model, shas))
    if not wanted:
        return {}
    rows = dict(zip(wanted, load_vectors(session, model, wanted).astype(np.float32), strict=True))
    return {
        name: np.mean([rows[sha] for sha in found if sha in rows], axis=0)
        for name, found in texts.items()
        if any(sha in rows for sha in found)
    }


def nearest_themes(means: Meanings, theme_id: str, others: Collection[str], *, k: int) -> list[str]:
    """Ids of the k themes among others that are nearest by cosine, the nearest first."""
    own = means.get(theme_id)
    if own is None:
        return []

    def likeness(name: str) -> float:
        size = float(np.linalg.norm(means[name]) * np.linalg.norm(own))
        return round(float(means[name] @ own) / size, 6) if size else 0.0

    near = sorted(
        (means.keys() & set(others)) - {theme_id}, key=lambda name: (-likeness(name), name)
    )
    return near[:k]
