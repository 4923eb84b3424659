"""Which runs are under way, and which weeks wait for theirs: what is read meanwhile may be old."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from report.wording import listing
from store.database import Session
from store.runs import last_run, weeks_run_anew
from store.snapshots import published_weeks


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What runs are doing.

    run_of: the week of a run that began and has not ended; None for none. since: when it began.
    anew: published weeks that wait for their own run since an earlier one was run anew, sorted.
    latest: the last published week; None before the first.
    """

    run_of: str | None = None
    since: dt.datetime | None = None
    anew: tuple[str, ...] = ()
    latest: str | None = None

    @property
    def latest_is_anew(self) -> bool:
        """Whether the last published week is one of them: nothing can be told of it now."""
        return self.latest in self.anew

    def began(self) -> str:
        """The run in a clause; empty for none."""
        if self.since is None:
            return ""
        of = f" of {self.run_of}" if self.run_of else ""
        return f"a run{of} began on {self.since:%Y-%m-%d at %H:%M} UTC and has not ended"

    def notes(self) -> tuple[str, ...]:
        """What to know of a correction that is previewed now."""
        found: list[str] = []
        if self.latest_is_anew:
            found.append(
                f"{self.latest} is being run anew, since an earlier week has changed: what this "
                "would change can be told when its run is done; it can be kept all the same"
            )
        if self.since is not None:
            found.append(
                f"{self.began()}: it may have read the corrections already, and this one then "
                "counts with the run after it"
            )
        return tuple(found)


def under_way(session: Session) -> UnderWay:
    """What runs are doing as of now; one that was killed counts until the next one begins."""
    published = published_weeks(session)
    run = last_run(session, status="running")
    return UnderWay(
        run_of=run.week if run else None,
        since=run.started_at if run else None,
        anew=tuple(sorted(weeks_run_anew(session) & set(published))),
        latest=published[-1] if published else None,
    )


def weeks_told(weeks: tuple[str, ...]) -> str:
    """Some weeks and their verb: "2026-W46 and 2026-W47 are"."""
    return f"{listing(list(weeks))} {'is' if len(weeks) == 1 else 'are'}"
