"""Which weeks a run is about."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from zoneinfo import ZoneInfo

from nlp.weeks import monday, shift, week_of, weeks_between
from store.database import Session
from store.feedback import feedback_weeks
from store.runs import RunRecord, last_run, save_run
from store.snapshots import published_weeks


class WeekChoiceError(ValueError):
    """The weeks asked for do not go together; the message says what does."""


def weeks_to_run(
    session: Session,
    *,
    today: dt.date,
    zone: ZoneInfo,
    week: str | None = None,
    first: str | None = None,
    last: str | None = None,
) -> tuple[str, ...]:
    """The weeks asked for, without gaps; by default from the first that waits to the last.

    A week waits when it has feedback, is over on `today`, and was not run since it was over. It may
    be earlier than published ones (its feedback came late, or it was run before its Sunday ended):
    the weeks after it, which see it, are then among those to run.

    Args:
        session: reads feedback, runs and what was published.
        today: the day in `zone`; weeks that it does not lie after are run only when asked for.
        zone: the one in which weeks end.
        week: this one alone.
        first: with `last`, a range, both included.
        last: see `first`.

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
    over = last_complete_week(today)
    published = published_weeks(session)
    spoken = [name for name in feedback_weeks(session) if name <= over]
    waiting = set(spoken) - {name for name in published if _is_settled(session, name, zone)}
    # Weeks published ahead of time, by hand, stand on the ones before them: they go along.
    return weeks_between(min(waiting), max(*spoken, *published, "")) if waiting else ()


def unfinished_weeks(session: Session, *, today: dt.date) -> list[str]:
    """The weeks with feedback that are not over on `today` and were not published, in order."""
    published, over = set(published_weeks(session)), last_complete_week(today)
    return [name for name in feedback_weeks(session) if name > over and name not in published]


def confirm_week(session: Session, week: str, *, now: dt.datetime, zone: ZoneInfo) -> None:
    """Record, once a week is over, that the run it had before its end found all there was.

    For a week that was looked at again and whose input had not changed; it would wait forever.
    """
    run = last_run(session, week=week, status="done")
    if run is not None and _ran_early(run, zone):
        again = replace(run, id=uuid.uuid4().hex, started_at=now, finished_at=now, timings="{}")
        if not _ran_early(again, zone):
            save_run(session, again)


def last_complete_week(today: dt.date) -> str:
    """The ISO week before the one that `today` is in."""
    return shift(week_of(today), -1)


def _is_settled(session: Session, week: str, zone: ZoneInfo) -> bool:
    """Whether a published week needs no other run, unless somebody asks for one."""
    run = last_run(session, week=week, status="done")
    # A run that was rewound since has no digest left.
    return run is None or (run.input_digest != "" and not _ran_early(run, zone))


def _ran_early(run: RunRecord, zone: ZoneInfo) -> bool:
    """Whether a run began before its week's Sunday had ended, and so may have missed feedback."""
    assert run.week is not None
    return run.started_at.astimezone(zone).date() < monday(shift(run.week, 1))
