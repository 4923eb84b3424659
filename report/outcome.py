"""The monthly outcome pack as data: what was said, what drives it, what became of decisions.

It is told from the last published week of the month, and never says that a decision worked: it
holds what was counted before and after, and how sure that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from nlp.before_after import BeforeAfter
from report.document import Headline, Point, Quote, Sentence

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Voice:
    """A theme in the month: who spoke of it, and some of their words, all of that month.

    customers: different ones in the month. a_week: different ones in a week, on average; _before:
    the same of the month before, None where not all of its weeks are known.
    """

    theme_id: str
    label: str
    owner_id: str
    owner: str
    customers: int
    statements: int
    a_week: float
    a_week_before: float | None
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Driver:
    """A friction point as the month's last week ranked it.

    rank_before: its rank in the last published week of the month before; None: it had none.
    """

    rank: int
    rank_before: int | None
    theme_id: str
    label: str
    owner_id: str
    owner: str
    reach: int
    score: float | None
    cause_id: str
    cause: str
    strength: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What was counted before and after a decision, of a theme or of a root cause.

    text: the same in one sentence.
    """

    subject: Literal["theme", "cause"]
    id: str
    label: str
    numbers: BeforeAfter
    text: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, as it stood when the pack's month ended, and what became of it.

    day: ISO date. state: whether it counts; `standing` says so in words, with who undid it.
    happened: what the weeks since told of it, as one that could not be applied.
    compared: of a decision meant to mend something, made in the month before; each theme and each
    cause stands with the first decision on it. note: why something is not counted; or "".
    """

    number: int
    kind: str
    text: str
    who: str
    day: str
    why: str
    state: str
    standing: str
    theme_id: str
    label: str
    cause_id: str
    owner: str
    happened: tuple[str, ...]
    compared: tuple[Compared, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A month's pack.

    month: "2026-10"; weeks: those of its weeks that are published (a week is of the month that its
    Thursday lies in); whole: all are. through: the last of them, which all is told from: from what
    its run saw, so that a pack stays what it is until one of its weeks is run again.
    left_out: messages that this run saw and that were replaced since.
    weeks_before: weeks of the month before that have feedback; compared with only if all have.
    decided: in the month itself; earlier: in the month before (`month_before`), with this month to
    show an effect.
    """

    format: int
    month: str
    first_day: str
    last_day: str
    weeks: tuple[str, ...]
    whole: bool
    through: str
    left_out: int
    month_before: str
    weeks_before: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    headline: Headline
    volume: tuple[Point, ...]
    voices: tuple[Voice, ...]
    themes_spoken_of: int
    drivers: tuple[Driver, ...]
    ranked: int
    decided: tuple[Decided, ...]
    earlier: tuple[Decided, ...]
    input_digest: str
    code_version: str


_ADAPTER = TypeAdapter(Outcome)


def outcome_to_json(outcome: Outcome) -> str:
    """The pack as indented JSON text, UTF-8 kept as it is; ends with a newline."""
    return _ADAPTER.dump_json(outcome, indent=2).decode("utf-8") + "\n"
