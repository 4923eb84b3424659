"""The report as one self-contained HTML page: inline style, inline SVG, no script, no link out."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from report import figures, wording
from report.charts import bars
from report.charts_week import problem_bar, rank_range, score_bar, score_range
from report.document import WeekReport

TEMPLATES = Path(__file__).parent / "templates"
STYLE_SHEET = TEMPLATES / "report.css"


def no_page(_id: str) -> str:
    """There is no page to link to: what a file that travels says to every id."""
    return ""


def week_globals(
    *,
    theme_href: Callable[[str], str] = no_page,
    owner_href: Callable[[str], str] = no_page,
    cause_href: Callable[[str], str] = no_page,
    effort_link: Callable[[str], str] = no_page,
    unfolded: bool = True,
) -> dict[str, object]:
    """What `_week.html` needs beside `report`, wherever it is included.

    `effort_link`: what leads to the form that sets a theme's effort, beside it.
    `unfolded`: details stand open, for paper and for readers that cannot open them.
    """
    return {
        "unfolded": unfolded,
        "bars": bars,
        "rank_range": rank_range,
        "problem_bar": problem_bar,
        "score_bar": score_bar,
        "score_range": score_range,
        "theme_href": theme_href,
        "owner_href": owner_href,
        "cause_href": cause_href,
        "effort_link": effort_link,
        "kind_names": wording.KIND_NAMES,
        "mean_score_note": wording.MEAN_SCORE_NOTE,
        "redaction_names": wording.REDACTION_NAMES,
        "section_names": wording.SECTION_NAMES,
        "source_names": wording.SOURCE_NAMES,
        "state_names": wording.STATE_NAMES,
    }


def render_html(report: WeekReport) -> str:
    """The report as an HTML5 document; every text from customers is escaped."""
    css = Markup(STYLE_SHEET.read_text(encoding="utf-8"))  # noqa: S704  (our own file, no input)
    return _environment().get_template("report.html").render(report=report, css=css) + "\n"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    environment.filters.update(figures.FILTERS)
    environment.globals.update(week_globals())
    return environment
