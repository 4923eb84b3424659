"""A cause in one short sentence, without numbers that change from week to week: to be read aloud.

Every page, report, mail and answer leads with it. What it leaves out stands beside it. It is also
what a verdict keeps, so that a cause that reads differently later can be told apart.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.causes.telling import MAY_BE_TIME, beside, dates_of, place_of, quote_of
from nlp.records import Cause, CauseKind
from nlp.spoken_dates import month_day, spoken_day
from nlp.weeks import monday

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# Unicode's marks for text direction, which would turn the text around a quotation.
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WEEK = re.compile(r"week (\d{4}-W\d{2})")


@dataclass(frozen=True, slots=True)
class HeadlineConfig:
    """How long the parts of a headline may be, in characters.

    A sentence of 25 words is hard to follow when heard; 140 characters are about as many.
    """

    # Beside a day or a segment a quotation adds something only where it stands whole, and says more
    # than when it began.
    quote_beside: int = 60
    quote_alone: int = 100
    event: int = 60
    whole: int = 140


DEFAULT = HeadlineConfig()


def headline(pieces: Sequence[Cause], *, config: HeadlineConfig = DEFAULT) -> str:
    """When, where and what customers say, each by its leading piece; "" without a piece.

    "From 29 September to 20 October 2026 (Release 4.2), mostly for device ios and version 4.2".
    The order of the pieces does not matter. Customers' words are cut where they stand alone,
    and left out where they would not fit beside the rest.
    """
    when, where = _leading(pieces, "when"), _leading(pieces, "where")
    parts: list[str] = []
    if when is not None:
        parts.append(_when(when, config))
    if where is not None and (when is None or when.conditions != where.conditions):
        parts.append(f"mostly for {_segment(where)}")
    told = ", ".join(parts)
    quoted = _beside(pieces, told, config) if parts else _alone(pieces, config)
    said = [f"customers say “{quoted}”"] if quoted else []
    text = " ".join(_TURNING.sub("", ", ".join([*parts, *said])).split())
    text = _cut(text, config.whole)
    return text[:1].upper() + text[1:]


def _when(piece: Cause, config: HeadlineConfig) -> str:
    event = _cut(beside(piece), config.event)
    how = "only" if place_of(piece).startswith(", only ") else "above all"
    place = f", {how} for {_segment(piece)}" if piece.conditions else ""
    return f"{_span(piece)}{f' ({event})' if event else ', without a known event'}{place}"


def _span(piece: Cause) -> str:
    """The dates as people write them; a year that both days share stands once."""
    written = dates_of(piece)
    week = _WEEK.search(written)
    if week:
        first = monday(week[1])
        written = written.replace(week[0], first.isoformat())
    days = [dt.date.fromisoformat(day) for day in _ISO_DAY.findall(written)]
    if not days:
        return "suddenly"
    lead = "the week of " if week else ""
    if len(days) == 1:
        return f"since {lead}{spoken_day(days[0])}"
    first, last = days[0], days[-1]
    begun = month_day(first) if first.year == last.year else spoken_day(first)
    if (first.year, first.month) == (last.year, last.month):
        begun = str(first.day)
    return f"from {lead}{begun} to {spoken_day(last)}"


def _segment(piece: Cause) -> str:
    named = [f"{name.replace('_', ' ')} {value}" for name, value in piece.conditions]
    return " and ".join(part for part in (", ".join(named[:-1]), named[-1]) if part)


def _alone(pieces: Sequence[Cause], config: HeadlineConfig) -> str:
    """The words of the widest reason; a reason for sure before one that may only be a time."""
    said = sorted((one for one in pieces if one.kind == "said"), key=_surely)
    return _cut(_words(said[0]), config.quote_alone) if said else ""


def _beside(pieces: Sequence[Cause], told: str, config: HeadlineConfig) -> str:
    """The words of the widest reason that can stand whole beside what is told; or of a burst.

    A burst is nothing but what is said alike: without it, its day says little.
    """
    room = min(config.quote_beside, config.whole - len(told) - len(", customers say “”"))
    for piece in sorted((one for one in pieces if one.kind == "said"), key=_surely):
        if len(_words(piece)) <= room and MAY_BE_TIME not in piece.statement:
            return _words(piece)
    first = _leading(pieces, "when")
    return _cut(_words(first), room) if first is not None and first.centre and room > 0 else ""


def _words(piece: Cause) -> str:
    words = quote_of(piece) or (piece.statement if piece.kind == "said" else "")
    return " ".join(_TURNING.sub("", words).split())


def _surely(piece: Cause) -> tuple[bool, int, float, str]:
    return (MAY_BE_TIME in piece.statement, *_order(piece))


def _leading(pieces: Sequence[Cause], kind: CauseKind) -> Cause | None:
    of_kind = [one for one in pieces if one.kind == kind and (kind != "where" or one.conditions)]
    return min(of_kind, key=_order, default=None)


def _order(piece: Cause) -> tuple[int, float, str]:
    return (-piece.customers, -(piece.lift or 0.0), piece.id)


def _cut(text: str, limit: int) -> str:
    """At most so many characters, cut at a word, with an ellipsis and closed quotation marks."""
    if len(text) <= limit:
        return text
    head = text[: limit - 2]
    at = head.rfind(" ")
    cut = (head[:at] if at >= limit // 2 else head).rstrip(" ,;:") + "…"
    return cut + "”" * (cut.count("“") - cut.count("”"))
