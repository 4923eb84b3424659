"""A week's report from the store, as text."""

from __future__ import annotations

from typing import Literal

from report.document import WeekReport, from_json, to_json
from report.render_html import render_html
from report.render_markdown import render_markdown
from service.exporting import published_week
from store.database import Engine, read_scope
from store.snapshots import load_report, published_weeks

ReportFormat = Literal["html", "md", "json"]


class OtherVersionError(ValueError):
    """The report was stored by a version whose reports this one does not read."""


def week_report(engine: Engine, *, week: str | None, format: ReportFormat) -> tuple[str, str]:
    """The week (None: the last published one) and its report, rendered.

    Raises:
        NothingPublishedError: the week was not run, or nothing was.
        OtherVersionError: another version made the report.
    """
    with read_scope(engine) as session:
        published = published_weeks(session)
        found = published_week(published, week)
        text = load_report(session, found)
    assert text is not None, f"{found} is published without a report"
    try:
        document = from_json(text)
    except ValueError as error:
        raise OtherVersionError(
            f"the report of {found} was made by another version of groundswell; "
            f"make it anew: groundswell run --from {found} --to {published[-1]}"
        ) from error
    return found, _rendered(document, format)


def _rendered(document: WeekReport, format: ReportFormat) -> str:
    if format == "html":
        return render_html(document)
    return render_markdown(document) if format == "md" else to_json(document)
