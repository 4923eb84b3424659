"""A week's report from the store."""

from __future__ import annotations

from report.document import WeekReport, from_json
from service.exporting import published_week
from store.database import Session
from store.snapshots import load_report, published_weeks


class OtherVersionError(ValueError):
    """The report was stored by a version whose reports this one does not read."""


def stored_report(session: Session, week: str | None) -> WeekReport:
    """The report of a week as it was published; None: of the last one.

    Raises:
        NothingPublishedError: the week was not run, or nothing was.
        OtherVersionError: another version made the report.
    """
    published = published_weeks(session)
    found = published_week(published, week)
    text = load_report(session, found)
    assert text is not None, f"{found} is published without a report"
    try:
        return from_json(text)
    except ValueError as error:
        raise OtherVersionError(
            f"the report of {found} was made by another version of groundswell; "
            f"make it anew: groundswell run --from {found} --to {published[-1]}"
        ) from error
