"""A letter as plain text and as Markdown for chats, cut between sections where space is short."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from report.charts import describe
from report.letter import Item, Letter, Section, address
from report.render_markdown import escape_markdown

# Words that ring everybody in a room where they follow an @; a blank between keeps them words.
_RINGING = re.compile(r"@(?=everyone|here|channel|all\b|room\b)", re.IGNORECASE)
_CUT = "Cut here: this service takes no longer messages."


def render_text(letter: Letter, *, server: str = "", limit: int | None = None) -> str:
    """The letter as text, for readers and services without any markup.

    Args:
        letter: what it says.
        server: see `render_mail`.
        limit: most characters; what does not fit is cut between sections, and the place of the
            whole named.
    """
    return _fitted(_parts(letter, server, _TEXT), letter, server, limit, _TEXT)


def render_chat_markdown(letter: Letter, *, server: str = "", limit: int | None = None) -> str:
    """The letter as short Markdown, its customers' words escaped; arguments as of `render_text`."""
    return _fitted(_parts(letter, server, _MARKDOWN), letter, server, limit, _MARKDOWN)


@dataclass(frozen=True, slots=True)
class _Style:
    """How one kind of text writes words, headings and links; `under`: before what an item says."""

    words: Callable[[str], str]
    heading: Callable[[str, int], str]
    link: Callable[[str, str], str]
    strong: Callable[[str], str]
    quoted: str
    under: str


def _quiet(text: str) -> str:
    return _RINGING.sub("@ ", text)


def _underlined(text: str, level: int) -> str:
    return f"{text}\n{('=' if level == 1 else '-') * min(len(text), 72)}"


_TEXT = _Style(
    words=_quiet,
    heading=_underlined,
    link=lambda text, href: f"{text}: {href}" if href else text,
    strong=lambda text: text,
    quoted='"',
    under="  ",
)
_MARKDOWN = _Style(
    words=lambda text: escape_markdown(_quiet(text)),
    heading=lambda text, level: f"{'#' * level} {text}",
    link=lambda text, href: f"[{text}]({href})" if href else text,
    strong=lambda text: f"**{text}**",
    quoted="",
    under="  - ",
)


def _parts(letter: Letter, server: str, style: _Style) -> list[str]:
    """The head, then each section: what may be cut apart."""
    say = style.words
    head = [style.heading(say(letter.title), 1), say(letter.subtitle), ""]
    head += [f"- {say(lead.text)}" for lead in letter.leads]
    if letter.numbers:
        head.append("")
        head += [
            f"- {say(one.name)}: {style.strong(say(one.value))} ({say(one.note)})"
            for one in letter.numbers
        ]
    if letter.series:
        head += ["", f"Trend: {describe(letter.series)}"]
    return ["\n".join(head), *(_section(one, server, style) for one in letter.sections)]


def _section(section: Section, server: str, style: _Style) -> str:
    lines = [style.heading(style.words(section.title), 2)]
    if section.intro:
        lines.append(style.words(section.intro))
    for item in section.items:
        lines += ["", *_item(item, server, style)]
    if section.more:
        href = address(server, section.path)
        lines += ["", style.link(style.words(section.more), href)]
    return "\n".join(lines)


def _item(item: Item, server: str, style: _Style) -> list[str]:
    say = style.words
    mark = f"{item.mark}. " if item.mark else ""
    tags = f" ({', '.join(map(say, item.tags))})" if item.tags else ""
    title = style.strong(say(item.title))
    href = address(server, item.path)
    lines = [f"- {mark}{style.link(title, href)}{tags}"]
    if item.facts:
        facts = "; ".join(f"{say(name)}: {say(value)}" for name, value in item.facts)
        lines.append(f"{style.under}{facts}")
    lines += [f"{style.under}{say(line)}" for line in item.lines]
    if item.series:
        lines.append(f"{style.under}Trend: {describe(item.series)}")
    for quote in item.quotes:
        words = f"{style.quoted}{say(quote.text)}{style.quoted}"
        lines.append(f"  > {words} ({say(quote.source)})")
    return lines


def _fitted(parts: list[str], letter: Letter, server: str, limit: int | None, style: _Style) -> str:
    href = address(server, letter.path)
    foot = [style.words(letter.foot), *([style.link("On the server", href)] if href else [])]
    whole = "\n\n".join([*parts, *foot]) + "\n"
    if limit is None or len(whole) <= limit:
        return whole
    end = style.link("The whole report", href) if href else _CUT
    kept: list[str] = []
    for part in parts:
        if len("\n\n".join([*kept, part, end])) + 1 > limit:
            break
        kept.append(part)
    if not kept:  # not even the head fits: its first lines do
        room = max(0, limit - len(end) - 3)
        lines: list[str] = []
        for line in parts[0].split("\n"):
            if len("\n".join([*lines, line])) > room:
                break
            lines.append(line)
        kept = ["\n".join(lines).rstrip() or letter.title[:room]]
    return "\n\n".join([*kept, end]) + "\n"
