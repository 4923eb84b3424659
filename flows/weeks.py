"""Which weeks a run is about."""

from __future__ import annotations

import datetime as dt

from nlp.weeks import shift, week_of, weeks_between
from store.database import Session
from store.feedback import feedback_weeks
from store.snapshots import published_weeks


class WeekChoiceError(ValueError):
    """The weeks asked for do not go together; the message says what does."""


def weeks_to_run(
    session: Session,
    *,
    week: str | None = None,
    first: str | None = None,
    last: str | None = None,
) -> tuple[str, ...]:
    """The weeks asked for, without gaps; by default from the first that was not run to the last.

    A week that has feedback now but was not run may be earlier than published ones (its feedback
    came late): the weeks after it, which see it, are then among those to run.

    Raises:
        WeekChoiceError: --week together with a range, half a range, or a range the wrong way round.
        ValueError: what is written is no ISO week.
    """
    if week is not None:
        if first is not None or last is not None:
            raise WeekChoiceError("give --week, or --from and --to, not both")
        return weeks_between(week, week)
    if first is not None and last is not None:
        weeks = weeks_between(first, last)
        if not weeks:
            raise WeekChoiceError(f"--from {first} is after --to {last}; swap them")
        return weeks
    if first is not None or last is not None:
        raise WeekChoiceError("a range needs both --from and --to; or give --week")
    spoken, published = set(feedback_weeks(session)), set(published_weeks(session))
    waiting = spoken - published
    return weeks_between(min(waiting), max(spoken | published)) if waiting else ()


def last_complete_week(today: dt.date) -> str:
    """The ISO week before the one that `today` is in."""
    return shift(week_of(today), -1)
