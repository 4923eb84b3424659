"""Sentence boundaries in customers' prose, by punctuation.

Feedback has abbreviations, version numbers, missing capitals and missing spaces, where a parser
trained on newswire cuts in odd places; punctuation is steadier. Run-on sentences without any
punctuation are left to the parser (see `nlp.segment`).
"""

from __future__ import annotations

import re

_END = re.compile(
    r"(?P<mark>[.!?…]+[\"'”’)\]]*)(?=\s)"  # the usual end
    r"|(?P<tight>(?<=[a-z]{2})[.!?])(?=[A-Z][a-z']*[ ,])"  # "it froze.Then"
    r"|(?P<wide>[。！？]+[」』”]*)"
)
_SHORT = {
    *("mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "no", "nr", "approx", "inc", "ltd"),
    *("co", "dept", "est", "ext", "fig", "max", "min", "tel", "v", "ver", "e.g", "i.e", "eg", "ie"),
    *("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"),
}
_MAYBE_SHORT = {"etc", "a.m", "p.m", "am", "pm", "al", "u.s", "u.k"}
_LAST_WORD = re.compile(r"[\w.]+$")


def sentences(text: str) -> tuple[str, ...]:
    """Cut text into sentences; no character but white space is lost, and the order stays."""
    parts: list[str] = []
    start = 0
    for found in _END.finditer(text):
        if found["mark"] and not _ends_here(text, start, found):
            continue
        parts.append(text[start : found.end()].strip())
        start = found.end()
    parts.append(text[start:].strip())
    return tuple(part for part in parts if part)


def _ends_here(text: str, start: int, found: re.Match[str]) -> bool:
    mark = found["mark"]
    following = text[found.end() :].lstrip()
    if not following:
        return True
    if mark[0] in "!?":
        return not following[0].islower() or len(text[start : found.start()].split()) > 1
    if mark.startswith(("..", "…")):
        return not following[0].islower()
    if len(mark) > 1:
        return True  # a closing quote or bracket
    word = _LAST_WORD.search(text[start : found.start()])
    last = word[0].lower() if word else ""
    if last in _SHORT or (len(last) == 1 and last.isalpha() and last != "i"):
        return False
    return last not in _MAYBE_SHORT or not following[0].islower()


def chop(sentence: str, *, max_words: int, max_chars: int) -> tuple[str, ...]:
    """Cut an over-long sentence at its last comma, semicolon or dash within the limits.

    Where there is none in the second half of the limit, it is cut between words, and text without
    spaces between characters. The parts, joined by one space, give the sentence (text without
    spaces: joined by nothing).
    """
    parts: list[str] = []
    rest = sentence
    while len(rest) > max_chars or len(rest.split()) > max_words:
        limit = _limit(rest, max_words, max_chars)
        at = max((found.end() for found in re.finditer(r"[,;:–—](?=\s)", rest[:limit])), default=0)
        if at < limit // 2:
            at = rest.rfind(" ", 0, limit + 1)
        if at <= 0:
            at = limit
        parts.append(rest[:at].strip())
        rest = rest[at:].strip()
    return (*parts, rest) if rest else tuple(parts)


def _limit(text: str, max_words: int, max_chars: int) -> int:
    ends = [found.end() for found in re.finditer(r"\S+", text)]
    by_words = ends[max_words - 1] if len(ends) > max_words else len(text)
    return min(by_words, max_chars)
