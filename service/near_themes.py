"""Which themes mean about the same as one: those it is likeliest to be merged with."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from nlp.records import Theme
from store.database import Session
from store.runs import last_run
from store.snapshots import published_weeks
from store.vectors import load_vectors, missing_vectors

_TYPICAL = 5  # exemplars of each, the most typical first: enough to tell what is near


def nearest_themes(session: Session, theme: Theme, others: Sequence[Theme], *, k: int) -> list[str]:
    """Ids of the k themes whose typical texts are nearest by mean cosine, the nearest first.

    Themes without a stored vector (and all, before the first run) are left out.
    """
    weeks = published_weeks(session)
    run = last_run(session, week=weeks[-1], status="done") if weeks else None
    if run is None:
        return []
    model = json.loads(run.model_digests).get("encoder", "")
    texts = {one.id: one.exemplars[:_TYPICAL] for one in (theme, *others)}
    shas = {sha for found in texts.values() for sha in found}
    wanted = sorted(shas - missing_vectors(session, model, shas))
    if not wanted:
        return []
    rows = dict(zip(wanted, load_vectors(session, model, wanted).astype(np.float32), strict=True))
    means = {
        name: np.mean([rows[sha] for sha in found if sha in rows], axis=0)
        for name, found in texts.items()
        if any(sha in rows for sha in found)
    }
    own = means.get(theme.id)
    if own is None:
        return []

    def likeness(name: str) -> float:
        size = float(np.linalg.norm(means[name]) * np.linalg.norm(own))
        return round(float(means[name] @ own) / size, 6) if size else 0.0

    near = sorted(means.keys() - {theme.id}, key=lambda name: (-likeness(name), name))
    return near[:k]
