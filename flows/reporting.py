"""A week's report from the store, as text."""

from __future__ import annotations

from typing import Literal

from report.document import WeekReport, to_json
from report.render_html import render_html
from report.render_markdown import render_markdown
from service.stored_report import stored_report
from store.database import Engine, read_scope

ReportFormat = Literal["html", "md", "json"]


def week_report(engine: Engine, *, week: str | None, format: ReportFormat) -> tuple[str, str]:
    """The week (None: the last published one) and its report, rendered.

    Raises:
        NothingPublishedError: the week was not run, or nothing was.
        OtherVersionError: another version made the report.
    """
    with read_scope(engine) as session:
        document = stored_report(session, week)
    return document.week, _rendered(document, format)


def _rendered(document: WeekReport, format: ReportFormat) -> str:
    if format == "html":
        return render_html(document)
    return render_markdown(document) if format == "md" else to_json(document)
