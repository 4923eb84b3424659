"""Evidence of different kinds for one and the same cause, under an id that lasts over weeks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from nlp.population import Population
from nlp.records import Cause, RootCause, Verdict


def join_causes(
    population: Population,
    causes: Sequence[Cause],
    *,
    week: str,
    known: Sequence[RootCause] = (),
    verdicts: Mapping[str, Verdict] | None = None,
) -> tuple[RootCause, ...]:
    """Root causes of all themes, sorted by theme and id.

    Args:
        population: the feedback on which the pieces were found.
        causes: pieces of evidence.
        week: the week that is analysed.
        known: root causes of the week before, whose ids are kept for the same cause.
        verdicts: root cause id -> what a person decided.
    """
    first = {one.id: one.first_week for one in known}
    decided = verdicts or {}
    found = []
    for piece in causes:
        told = hashlib.sha256(f"root\0{piece.id}".encode()).hexdigest()
        name = f"R-{told[:10]}"
        verdict = decided.get(name)
        found.append(
            RootCause(
                id=name,
                theme_id=piece.theme_id,
                statement=piece.statement,
                state=verdict.state if verdict else "observed",
                kinds=(piece.kind,),
                evidence=(piece.id,),
                customers=piece.customers,
                statements=piece.statements,
                share_of_theme=piece.share_of_theme,
                evidence_ids=piece.evidence_ids,
                first_week=first.get(name, week),
                exploratory=piece.exploratory,
                decided_by=verdict.who if verdict else "",
                decision_note=verdict.note if verdict else "",
            )
        )
    return tuple(sorted(found, key=lambda one: (one.theme_id, one.id)))
