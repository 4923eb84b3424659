"""A letter as HTML that mail clients show: tables, inline styles, PNG charts, nothing fetched.

Charts come in one of three ways. Mail gets them as parts of the message that the HTML names by
Content-ID: Gmail and Outlook drop `data:` addresses, and show these without asking. A file has no
parts, so there the same images stand inside as `data:` addresses. Each has its numbers as text,
and where a mail cannot have parts that it names, the text stands in place of the image.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from report.charts import describe
from report.document import Point
from report.letter import Letter, address
from report.png_chart import bars_png
from report.render_html import TEMPLATES

Images = Literal["attached", "inside", "told"]


@dataclass(frozen=True, slots=True)
class Image:
    """A chart of a mail: its Content-ID, which is its file name, and the PNG."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter for mail: subject, HTML, and the images that the HTML names."""

    subject: str
    html: str
    images: tuple[Image, ...]


@dataclass(frozen=True, slots=True)
class _Chart:
    address: str
    text: str
    width: int
    height: int


class _Charts:
    """Draws charts as the template asks for them; equal charts are one image."""

    def __init__(self, images: Images) -> None:
        self._images = images
        self.drawn: dict[str, bytes] = {}

    def draw(self, series: tuple[Point, ...], width: int, height: int) -> _Chart:
        if self._images == "told":
            return _Chart("", describe(series), width, height)
        content = bars_png(series, width=width, height=height)
        name = f"chart-{hashlib.sha256(content).hexdigest()[:12]}.png"
        self.drawn[name] = content
        source = (
            f"cid:{name}"
            if self._images == "attached"
            else f"data:image/png;base64,{base64.b64encode(content).decode('ascii')}"
        )
        return _Chart(source, describe(series), width, height)


def render_mail(letter: Letter, *, server: str = "", images: Images = "attached") -> Mail:
    """The letter as mail.

    Args:
        letter: what it says; all of it is escaped.
        server: address of the server that links lead to; without one there are no links.
        images: charts as parts of the mail, inside the HTML, which then is a file of its own, or
            told as text in their place.
    """
    charts = _Charts(images)
    html = (
        _environment()
        .get_template("mail.html")
        .render(
            letter=letter,
            chart=charts.draw,
            link=lambda path: address(server, path),
        )
    )
    found = tuple(Image(*pair) for pair in sorted(charts.drawn.items()))
    return Mail(letter.title, html + "\n", found if images == "attached" else ())


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
