"""A report as a letter: what mail, chat and plain text draw, whatever it is a report of.

Every document that travels (a week, an owner's part of it, a month's outcome) becomes one of these;
each of the renderers then escapes in one place. All text here is plain: one line, readable
characters only, and no longer than a reader reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from report import wording
from report.document import Point
from report.invisible import visible

_LABEL, _LINE, _QUOTE = 120, 600, 240


@dataclass(frozen=True, slots=True)
class Lead:
    """A sentence on top; `path` leads to its numbers on the server."""

    text: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A headline number: its name, itself, and how it changed or what it means."""

    name: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Said:
    """A customer's own words, and where they stand: "survey, 2026-W46"."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a section.

    mark: what stands before the title, as a rank; `tags` stand behind it. `facts`: (name, value)
    pairs on one line. `lines`: sentences about it. `series`: its trend, drawn where images can be
    and told elsewhere.
    """

    title: str
    path: str = ""
    mark: str = ""
    tags: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    quotes: tuple[Said, ...] = ()
    series: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the letter. `more`: what it leaves out ("and 5 others"); `path`: where it is."""

    title: str
    intro: str = ""
    items: tuple[Item, ...] = ()
    more: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole letter; `path` is that of the same on the server, and `foot` how sure all this is."""

    title: str
    subtitle: str
    path: str
    leads: tuple[Lead, ...]
    numbers: tuple[Number, ...]
    series: tuple[Point, ...]
    sections: tuple[Section, ...]
    foot: str


def plain(text: str, *, limit: int = _LINE) -> str:
    """Somebody's text on one line: no invisible or turning characters, cut at a word."""
    return wording.shorten(visible(text), limit=limit)


def label(text: str) -> str:
    """A theme's name; a place without one says so."""
    return plain(text, limit=_LABEL) or "(no name)"


def quote(text: str) -> str:
    """A customer's words."""
    return plain(text, limit=_QUOTE)


def pairs(facts: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Facts that have a value, as text of one line each."""
    return tuple((name, plain(value)) for name, value in facts if value)


def address(server: str, path: str) -> str:
    """The address of a page on the server; "" where no server is known, or there is no page."""
    return f"{server.rstrip('/')}{path}" if server and path else ""
