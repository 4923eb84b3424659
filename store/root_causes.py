"""One root cause with all its evidence, from the week that told it last."""

from __future__ import annotations

from dataclasses import dataclass

from nlp.records import Cause, Feedback, Friction, RootCause, Statement, Verdict
from store.database import Session
from store.feedback import feedback_by_key
from store.snapshots import load_causes, load_friction, told_root_cause
from store.statements import statements_by_id
from store.themes import themes_as_of
from store.verdicts import active_verdicts


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece and its statements, each with its message; the latest first."""

    piece: Cause
    statements: tuple[tuple[Statement, Feedback], ...]


@dataclass(frozen=True, slots=True)
class RootCauseFile:
    """A root cause as a week told it. `friction`: its theme's place in the backlog that week.

    `last`: the cause as it was told last, in `last_week`. `verdict`: what people say of it now; the
    next run publishes it.
    """

    week: str
    cause: RootCause
    theme_label: str
    evidence: tuple[Evidence, ...]
    friction: Friction | None
    last: RootCause
    last_week: str
    verdict: Verdict | None


def root_cause_file(
    session: Session, cause_id: str, *, week: str | None = None
) -> RootCauseFile | None:
    """A root cause as a week told it (None: the last that did); None when none did."""
    last = told_root_cause(session, cause_id)
    found = last if week is None else told_root_cause(session, cause_id, week=week)
    if last is None or found is None:
        return None
    week, cause = found
    pieces = {piece.id: piece for _, piece in load_causes(session, week=week, ids=cause.evidence)}
    themes = {theme.id: theme for theme in themes_as_of(session, week, theme_id=cause.theme_id)}
    points = load_friction(session, week=week, theme_id=cause.theme_id)
    return RootCauseFile(
        week=week,
        cause=cause,
        theme_label=themes[cause.theme_id].label if cause.theme_id in themes else "",
        evidence=evidence_of(session, [pieces[name] for name in cause.evidence if name in pieces]),
        friction=points[0][1] if points else None,
        last=last[1],
        last_week=last[0],
        verdict=active_verdicts(session).get(cause_id),
    )


def evidence_of(session: Session, pieces: list[Cause]) -> tuple[Evidence, ...]:
    """The pieces in the order given with their statements; those that are gone are left out."""
    said = statements_by_id(session, {name for one in pieces for name in one.evidence_ids})
    messages = feedback_by_key(session, {item.feedback_key for item in said.values()})

    def order(pair: tuple[Statement, Feedback]) -> tuple[int, str]:
        return (-pair[1].day.toordinal(), pair[0].id)

    return tuple(
        Evidence(
            one,
            tuple(
                sorted(
                    (
                        (said[name], messages[said[name].feedback_key])
                        for name in one.evidence_ids
                        if name in said and said[name].feedback_key in messages
                    ),
                    key=order,
                )
            ),
        )
        for one in pieces
    )
