"""HTML and raw text to plain text, without executing or fetching anything.

Paragraph breaks and quoted lines ("> ...") survive, because the splitter needs them; an HTML
`<blockquote>` becomes quoted lines. Only real HTML element names count as tags, so "<3", "a < b"
and "<jane@example.com>" stay. Only entities with their semicolon are decoded, so that the "&copy="
of an address stays. An invisible character goes, unless a script or an emoji needs it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from html.entities import html5

# Markup nested in markup ("&amp;lt;b&amp;gt;") unwraps one layer a pass. Real mail has two or three
# layers; what is still wrapped after this many is an attack, and loses its markup characters.
_MAX_PASSES = 12

_PARAGRAPHS = "p h1 h2 h3 h4 h5 h6 blockquote table ul ol dl pre section article header footer hr"
_LINES = (
    "div br tr li dt dd address figure figcaption form fieldset caption thead tbody tfoot main nav"
)
_INLINE = (
    "a abbr acronym aside audio b base bdi bdo big body button canvas center cite code col "
    "colgroup data del details dfn dialog em embed font frame frameset head html i iframe img "
    "input ins kbd label legend link map mark meta meter noscript object o:p optgroup option "
    "output param picture progress q rp rt ruby s samp script select slot small source span "
    "strike strong style sub summary sup svg td template textarea th time title tt u var "
    "video wbr"
)
# What stands inside these is never the customer's words.
_HIDDEN = ("script", "style", "head", "title", "noscript", "template", "iframe", "object", "svg")

_PARAGRAPH_TAGS = frozenset(_PARAGRAPHS.split())
_LINE_TAGS = frozenset(_LINES.split())
_NAMES = sorted({*_PARAGRAPH_TAGS, *_LINE_TAGS, *_INLINE.split()}, key=lambda n: (-len(n), n))
# Attributes are limited to 4,000 characters: keeps an unclosed tag from costing quadratic time.
_TAG = re.compile(
    r"<(/?)(" + "|".join(map(re.escape, _NAMES)) + r")"
    r"""(?:[\s/](?:[^<>"']|"[^"<]*"|'[^'<]*'|["']){0,4000}+)?>""",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DECLARATION = re.compile(r"<!\[CDATA\[|\]\]>|<![a-zA-Z\[][^<>]{0,500}>|<\?xml[^<>]{0,500}>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP|#0{0,4}38|#[xX]0{0,4}26);)++")

_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_EDGES = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
# The joiners belong between letters of Arabic to Sinhala scripts; U+200D also between emoji.
_JOINERS = re.compile(
    "(?<![\u0600-\u0dff])\u200c|\u200c(?![\u0600-\u0dff])"
    "|(?<![\u0600-\u0dff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
    "|\u200d(?![\u0600-\u0dff\u2190-\u2bff\U0001f000-\U0001faff])"
)


def clean(text: str) -> str:
    """Plain text in NFC, one space between words, at most one blank line between paragraphs.

    Idempotent: `clean(clean(x)) == clean(x)`. Control characters, NUL and lone surrogates are taken
    out, so the result can always be encoded and stored.
    """
    for _ in range(_MAX_PASSES):
        before = text
        text = _one_pass(text)
        # Plain ASCII without markup is settled in one pass; anything else is looked at again.
        if text == before or (text.isascii() and "<" not in text and "&" not in text):
            return text
    text = text.replace("<", " ").replace("&", " ")
    while (shorter := _one_pass(text)) != text:
        text = shorter
    return text


def _one_pass(text: str) -> str:
    if "<" in text:
        text = _without_markup(text)
    if "&" in text:
        text = _ENTITY.sub(_decoded, _AMPERSANDS.sub("&", text))
    if not text.isascii():
        text = _JOINERS.sub("", unicodedata.normalize("NFC", _CONTROL.sub("", text)))
    elif not text.isprintable():
        text = _CONTROL.sub("", text)
    text = _NEWLINES.sub("\n", text)
    text = _EDGES.sub("\n", _SPACES.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", text).strip()


def _decoded(entity: re.Match[str]) -> str:
    name = entity[0][1:]
    if name.startswith("#"):
        return html.unescape(entity[0])
    return html5.get(name, entity[0])


def _without_markup(text: str) -> str:
    if "-->" in text:
        text = _COMMENT.sub("", text)
    text = _DECLARATION.sub("", text)
    if not _TAG.search(text):
        return text
    quoted: list[list[str]] = [[]]  # one list of pieces for each open blockquote
    position = 0
    while (tag := _TAG.search(text, position)) is not None:
        quoted[-1].append(text[position : tag.start()])
        position = tag.end()
        closing, name = bool(tag[1]), tag[2].lower()
        if name in _HIDDEN and not closing:
            position = _after_hidden(text, name, position)
        if name == "blockquote" and not closing:
            quoted.append([])
        elif name == "blockquote" and len(quoted) > 1:
            inner = quoted.pop()
            quoted[-1].append(_as_quote("".join(inner)))
        else:
            quoted[-1].append(_break_for(name, closing=closing))
    quoted[-1].append(text[position:])
    while len(quoted) > 1:
        inner = quoted.pop()
        quoted[-1].append(_as_quote("".join(inner)))
    return "".join(quoted[0])


def _after_hidden(text: str, name: str, position: int) -> int:
    """Where the text goes on after a hidden element; after its tag when that is never closed."""
    end = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, position)
    return position if end is None else end.end()


def _break_for(name: str, *, closing: bool) -> str:
    if name in _PARAGRAPH_TAGS:
        return "\n\n"
    if name == "li" and not closing:
        return "\n- "
    if name in _LINE_TAGS:
        return "\n"
    return " " if name in {"td", "th", "option"} else ""


def _as_quote(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines()]
    return "\n\n" + "\n".join(f"> {line}" if line else ">" for line in lines) + "\n\n"
