"""A week's report from the store, as text."""

from __future__ import annotations

from typing import Literal

from flows.exporting import published_week
from report.document import WeekReport, from_json, to_json
from report.render_html import render_html
from report.render_markdown import render_markdown
from store.database import Engine, read_scope
from store.snapshots import load_report, published_weeks

ReportFormat = Literal["html", "md", "json"]


def week_report(engine: Engine, *, week: str | None, format: ReportFormat) -> tuple[str, str]:
    """The week (None: the last published one) and its report, rendered.

    Raises:
        NothingPublishedError: the week was not run, or nothing was.
    """
    with read_scope(engine) as session:
        found = published_week(published_weeks(session), week)
        text = load_report(session, found)
    assert text is not None, f"{found} is published without a report"
    return found, _rendered(from_json(text), format)


def _rendered(document: WeekReport, format: ReportFormat) -> str:
    if format == "html":
        return render_html(document)
    return render_markdown(document) if format == "md" else to_json(document)
