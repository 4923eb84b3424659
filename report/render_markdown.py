"""The report as Markdown (CommonMark with GitHub tables); hostile text stays text."""

from __future__ import annotations

import re
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from report import figures, wording
from report.charts import describe
from report.document import WeekReport
from report.render_html import TEMPLATES

# CommonMark lets every ASCII punctuation mark be escaped; these are the ones that can begin markup,
# a table cell, a formula, a mention or an automatic link. `<` and `&` become entities, because
# some renderers pass raw HTML through before they look at backslashes.
_SPECIAL = re.compile(r"([\\`*_\[\]{}#|~$@]|:(?=//))")
_AUTOLINK = re.compile(r"\b(www)\.", re.IGNORECASE)
_LIST_START = re.compile(r"^(\s*)(?:([-+=>])|(\d+)([.)])(?=\s|$))")
# Markdown has no isolation for text direction, so the marks that reorder what follows are dropped,
# as are control characters, which no reader shows.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u2069\ufeff]"
)


def escape_markdown(text: str) -> str:
    """Text that shows as itself in Markdown, on one line."""
    line = " ".join(_INVISIBLE.sub("", text).split())
    line = _SPECIAL.sub(r"\\\1", line)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = _AUTOLINK.sub(r"\1\\.", line)
    found = _LIST_START.match(line)
    if found is None:
        return line
    if found[2]:
        return f"{found[1]}\\{line[found.start(2) :]}"
    return f"{found[1]}{found[3]}\\{line[found.start(4) :]}"


def render_markdown(report: WeekReport) -> str:
    """The report as Markdown text; ends with one newline."""
    text = _environment().get_template("report.md").render(report=report)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _finalize(value: object) -> str:
    """Every value a template prints passes here, so that no one can forget to escape it."""
    return escape_markdown(str(value))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701  (this is Markdown: `finalize` escapes every value)
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(figures.FILTERS)
    environment.globals.update(
        describe=describe,
        kind_names=wording.KIND_NAMES,
        mean_score_note=wording.MEAN_SCORE_NOTE,
        redaction_names=wording.REDACTION_NAMES,
        source_names=wording.SOURCE_NAMES,
        state_names=wording.STATE_NAMES,
    )
    return environment
