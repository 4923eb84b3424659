"""One plain sentence for pieces of evidence that belong together. It says what was counted."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from nlp.records import Cause, CauseKind

# Beside a reason that customers mostly give with "since" or "after".
MAY_BE_TIME = "may only be when, not why"

_DAY = r"\d{4}-\d{2}-\d{2}"
_FIRST = rf"(?:week \d{{4}}-W\d{{2}}|{_DAY})"
_DATES = re.compile(rf"since {_FIRST}|from {_FIRST} to {_DAY}")
_PLACES = (", only in ", ", above all in ")
_QUOTED = re.compile(r'"(.*)"', re.DOTALL)
_MOST = 2  # pieces of one kind in a sentence; the page of the cause has them all
NAMED = "joined because the words name it; the customers do not overlap more than chance"
_WHAT = {"said": "what is said is", "where": "the segment is", "when": "the onset is"}
REPEATED = (
    "the segment does not stand out within single days, so the two count as one kind of evidence"
)


def tell(
    pieces: Sequence[Cause], *, repeated: bool = False, named: Sequence[CauseKind] = ()
) -> str:
    """The sentence: when, where, said; a single piece's own.

    `repeated`: segment and onset are one finding told twice, which the sentence then says; as it
    says which kinds the words alone join (`named`; all of them: no two are independent).
    """
    if len(pieces) == 1:
        return pieces[0].statement
    parts = [
        *(_when(piece) for piece in _first(pieces, "when")),
        *(_where(piece) for piece in _first(pieces, "where")),
        *(_said(piece) for piece in _first(pieces, "said")),
    ]
    shown = sum(len(_first(pieces, kind)) for kind in ("when", "where", "said"))
    rest = len(pieces) - shown
    more = f" (and {rest} more {'piece' if rest == 1 else 'pieces'} of evidence)" if rest else ""
    notes = [REPEATED] if repeated else []
    if named:
        rest_of = {piece.kind for piece in pieces} - set(named)
        notes.append(
            " and ".join(_WHAT[kind] for kind in named) + f" {NAMED}" if rest_of else NAMED
        )
    return f"{', '.join(parts)}{more}{''.join(f' ({note})' for note in notes)}"


def _first(pieces: Sequence[Cause], kind: str) -> list[Cause]:
    """The leading pieces of a kind: most customers first; of equals the strongest, then by id."""
    of_kind = [piece for piece in pieces if piece.kind == kind]
    return sorted(of_kind, key=lambda one: (-one.customers, -(one.lift or 0.0), one.id))[:_MOST]


def _when(piece: Cause) -> str:
    span, place = dates_of(piece), place_of(piece)
    event = beside(piece) or "unexplained onset"
    if piece.centre:
        alike = f'{piece.customers:,} say much the same: "{quote_of(piece)}"'
        return f"{span} ({event}) {alike}"
    return f"{span}{place} ({event}{_times(piece)})"


def dates_of(piece: Cause) -> str:
    """From when to when: "since 2026-10-03", "from week 2026-W40 to 2026-10-22".

    As the statement begins; else by the onset, or where there is none the statement itself.
    """
    dates = _DATES.match(piece.statement)
    if dates:
        return dates[0]
    return f"since {piece.onset}" if piece.onset else piece.statement


def place_of(piece: Cause) -> str:
    """Where an onset is: ", only in plan pro"; empty for one of the whole theme.

    The segment is read from the conditions, so that no sign in a value cuts it short.
    """
    if not piece.conditions:
        return ""
    dates = _DATES.match(piece.statement)
    rest = piece.statement[dates.end() :] if dates else ""
    told = next((place for place in _PLACES if rest.startswith(place)), " in ")
    return f"{told}{_segment(piece)}"


def beside(piece: Cause) -> str:
    """The event beside an onset, or those equally near: "release 4.2 or incident X"; or ""."""
    return " or ".join(beside_of(name) for name in as_near(piece))


def as_near(piece: Cause) -> tuple[str, ...]:
    """The event named and those of its others that are as near to the onset; `Cause.event`s."""
    if not piece.event:
        return ()
    days = [
        (name, abs((dt.date.fromisoformat(day) - piece.onset).days))
        for name, day in piece.events
        if piece.onset is not None
    ]
    return (piece.event, *(name for name, away in days[1:] if away == days[0][1]))


def quote_of(piece: Cause) -> str:
    """The customers' words in a piece's statement; "" where it has none."""
    quoted = _QUOTED.search(piece.statement)
    return quoted[1] if quoted else ""


def beside_of(event: str | None) -> str:
    """A dated event in words: "release 4.2"; a name that says its kind stands alone."""
    kind, _, title = (event or "").partition(":")
    kind, title = kind.replace("_", " ").strip(), title.strip()
    return title if kind.casefold() in title.casefold() else f"{kind} {title}".strip()


def _where(piece: Cause) -> str:
    times = _times(piece).removeprefix(", ")
    return f"mostly {_segment(piece)}{f' ({times})' if times else ''}"


def _said(piece: Cause) -> str:
    who = "1 customer says" if piece.customers == 1 else f"{piece.customers:,} customers say"
    return f'{who} "{quote_of(piece) or piece.statement}"'


def _segment(piece: Cause) -> str:
    return ", ".join(f"{name} {value}" for name, value in piece.conditions)


def _times(piece: Cause) -> str:
    """The lift; its lower end where the interval reaches so far up that the middle says little."""
    if piece.lift is None:
        return ""
    low, high = piece.lift_low, piece.lift_high
    if low is not None and high is not None and high > 10 * piece.lift:
        return f", at least {low:.1f} times as frequent"
    return f", {piece.lift:.1f} times as frequent"
