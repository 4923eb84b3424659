"""What the explanation of a rank needs from the store, found by the id of anything ranked."""

from __future__ import annotations

from dataclasses import dataclass

from labels.schema import Labels
from nlp.explain import Explanation, Setting, explain_friction, explain_root_cause
from nlp.records import Cause, Friction, RootCause
from nlp.scoring import explaining_setting
from service.exporting import published_week
from store.database import Engine, Session, read_scope
from store.snapshots import (
    load_causes,
    load_friction,
    load_owners,
    load_root_causes,
    published_weeks,
)
from store.themes import themes_as_of
from store.verdicts import active_efforts


class UnknownSubjectError(LookupError):
    """Nothing that is ranked has this id in the week asked for; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation; `through` says what the id given was, when it was a piece of evidence."""

    explanation: Explanation
    through: str = ""


@dataclass(frozen=True, slots=True)
class _Week:
    week: str
    root_causes: tuple[RootCause, ...]
    pieces: dict[str, Cause]
    friction: dict[str, Friction]


def explain(engine: Engine, name: str, *, labels: Labels, week: str | None = None) -> Explained:
    """Why a root cause (R-...), a theme or the cause of a piece of evidence (C-...) stands there.

    Args:
        week: a published ISO week; None: the last one.

    Raises:
        NothingPublishedError: the week was not run, or nothing was.
        UnknownSubjectError: nothing ranked has the id.
    """
    with read_scope(engine) as session:
        found = published_week(published_weeks(session), week)
        told = _Week(
            week=found,
            root_causes=tuple(one for _, one in load_root_causes(session, week=found)),
            pieces={one.id: one for _, one in load_causes(session, week=found)},
            friction={one.theme_id: one for _, one in load_friction(session, week=found)},
        )
        through = ""
        if name in told.pieces:
            piece = told.pieces[name]
            holder = next((one for one in told.root_causes if name in one.evidence), None)
            if holder is None:
                raise UnknownSubjectError(
                    f"{name} is evidence that belongs to no root cause in {found}; make the week "
                    f"anew: groundswell run --from {found}"
                )
            through = f"{name} is evidence ({piece.kind}) of the root cause {holder.id}:"
            name = holder.id
        cause = next((one for one in told.root_causes if one.id == name), None)
        if cause is None and name not in told.friction:
            raise UnknownSubjectError(_unknown(session, name, found))
        theme_id = cause.theme_id if cause else name
        setting = _setting(session, theme_id, week=found, labels=labels)
    if cause is not None:
        made = explain_root_cause(
            cause,
            week=found,
            root_causes=told.root_causes,
            pieces=told.pieces,
            friction=told.friction.get(theme_id),
            setting=setting,
        )
    else:
        made = explain_friction(
            told.friction[name],
            week=found,
            friction=tuple(told.friction.values()),
            root_causes=told.root_causes,
            setting=setting,
        )
    return Explained(made, through)


def _setting(session: Session, theme_id: str, *, week: str, labels: Labels) -> Setting:
    owner = load_owners(session, week).get(theme_id)
    return explaining_setting(
        labels.scoring,
        theme_id=theme_id,
        owner_id=owner.owner_id if owner else "",
        decided=active_efforts(session),
    )


def _unknown(session: Session, name: str, week: str) -> str:
    weeks = [at for at, one in load_root_causes(session) if one.id == name]
    weeks += [at for at, one in load_friction(session) if one.theme_id == name]
    if weeks:
        last = max(weeks)
        return (
            f"{name} was not told in {week}; it was last in {last}: "
            f"groundswell explain {name} --week {last}"
        )
    theme = next((one for one in themes_as_of(session, week) if one.id == name), None)
    if theme is not None and theme.level == "parent":
        return f"{name} “{theme.label}” is a parent; its themes are ranked: groundswell themes list"
    if theme is not None:
        return f"nobody mentioned {name} “{theme.label}” in the weeks that {week} ranks"
    return (
        f"no root cause, theme or piece of evidence of {week} has the id {name}; "
        f"groundswell cause list --week {week} lists root causes, groundswell themes list themes"
    )
