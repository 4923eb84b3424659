"""Pages from templates: everything is escaped, and an unknown name in a template is an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from api.marks import CALLER_MARK, FOR_ALL_AGAIN, FOR_CORRECTORS, MARK
from api.problems import Problem
from report import charts, figures, render_html, trend_chart

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_HERE = Path(__file__).parent
STATIC_FILES = {
    "report.css": render_html.STYLE_SHEET,
    "pages.css": _HERE / "static" / "pages.css",
    "pages.js": _HERE / "static" / "pages.js",
    "icon.svg": _HERE / "static" / "icon.svg",
}

# Where the main navigation leads: (section, address, title).
MAIN_NAV = (
    ("week", "/", "This week"),
    ("themes", "/themes", "Themes"),
    ("causes", "/causes", "Root causes"),
    ("owners", "/owners", "Owners"),
    ("search", "/search", "Search"),
    ("health", "/health", "Health"),
    ("definitions", "/definitions", "Definitions"),
    ("corrections", "/corrections", "Corrections"),
)

# What happened to a theme, for people; other kinds of events are named as they are.
_LIFE_NAMES = {
    "adopted": "placed under the broad theme",
    "born": "first found, named",
    "family": "found as a broad theme",
    "seeded": "begun from the labels",
}


def theme_href(theme_id: str) -> str:
    """Address of a theme's page."""
    return f"/themes/{quote(theme_id, safe='')}"


def cause_href(cause_id: str) -> str:
    """Address of a root cause's page."""
    return f"/causes/{quote(cause_id, safe='')}"


def owner_href(owner_id: str) -> str:
    """Address of an owner's page; empty for no owner."""
    return f"/owners/{quote(owner_id, safe='')}" if owner_id else ""


def effort_link(theme_id: str) -> Markup:
    """What leads to the form that sets a theme's effort; who may not correct does not see it."""
    link = Markup(
        '{} <a class="small" href="{}/correct#effort" aria-label="set its effort">set</a>{}'
    )
    return link.format(FOR_CORRECTORS, theme_href(theme_id), FOR_ALL_AGAIN)


def render_page(template: str, context: DataclassInstance, *, status: int = 200) -> HTMLResponse:
    """The page a context dataclass describes; its fields are the template's only variables."""
    values = {item.name: getattr(context, item.name) for item in fields(context)}
    return HTMLResponse(
        _environment().get_template(template).render(values),
        status_code=status,
        # A page shows the last run; a browser may keep it, but has to ask.
        headers={"cache-control": "no-cache"},
    )


def error_page(problem: Problem, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """A problem as a page for people."""
    text = _environment().get_template("error.html").render(problem=problem, section="")
    return HTMLResponse(text, status_code=problem.status, headers=dict(headers or {}))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [FileSystemLoader(_HERE / "templates"), FileSystemLoader(render_html.TEMPLATES)]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        # Whoever edits a template starts anew: the files are looked at for each part of a page.
        auto_reload=False,
    )
    filters: dict[str, Any] = dict(figures.FILTERS)
    environment.filters.update(filters)
    environment.globals.update(
        render_html.week_globals(
            theme_href=theme_href,
            owner_href=owner_href,
            cause_href=cause_href,
            effort_link=effort_link,
            unfolded=False,
        )
    )
    environment.globals["main_nav"] = MAIN_NAV
    environment.globals["life_names"] = _LIFE_NAMES
    environment.globals["trend_chart"] = trend_chart.trend_chart
    environment.globals["count_bar"] = charts.count_bar
    environment.globals["rate"] = trend_chart.percent
    environment.globals["csrf_mark"] = MARK
    environment.globals["caller_mark"] = CALLER_MARK
    environment.globals["for_correctors"] = FOR_CORRECTORS
    environment.globals["for_all_again"] = FOR_ALL_AGAIN
    return environment
