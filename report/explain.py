"""The sum that made a score, and what would change the rank, as text."""

from __future__ import annotations

from textwrap import shorten

from nlp.explain import Explanation, Line
from nlp.what_if import Change

# A cause's statement may be as long as its customers' sentences; JSON has it whole.
_WHY = 120


def render_explanation(told: Explanation) -> str:
    """Plain text, one line a number; the factors multiply up to the score as printed."""
    head = f"{told.id}  {told.title}"
    of = f" of {told.theme_id} “{told.theme}”" if told.kind == "root cause" else ""
    state = f", {told.state}" if told.state else ""
    lines = [head, f"{told.kind}{of}, {told.week}{state}", ""]
    lines += _standing(told)
    lines += [f"  {note}" for note in told.notes]
    lines += ["", "The sum", *map(_line, told.lines)]
    if told.changes:
        lines += ["", "What would change the rank"]
        lines += [f"  {change_text(change, told.rank)}" for change in told.changes]
    return "\n".join(lines) + "\n"


def _standing(told: Explanation) -> list[str]:
    if told.rank is None:
        return ["No rank."]
    interval = f"90% interval: {told.rank_low} to {told.rank_high}"
    chance = f"among the first five in {told.top5_probability or 0.0:.0%} of the resamples"
    lines = [f"Rank {told.rank} of {told.ranked} ({interval}), {chance}."]
    if told.tied_with:
        lines.append(f"Not told apart from {', '.join(told.tied_with)}.")
    return lines


def _line(line: Line) -> str:
    """The number first, so that the factors stand below each other."""
    interval = ""
    if line.low is not None and line.high is not None:
        interval = f"({_number(line.low)} to {_number(line.high)})"
    name = f"    {line.name}" if line.of else line.name
    start = f"  {line.sign:1} {name:<20} {_number(line.value):>9}  {interval:<20}"
    return f"{start} {shorten(line.why, _WHY, placeholder=' ...')}".rstrip()


def change_text(change: Change, rank: int | None) -> str:
    """What something else would make of an item that has this rank now (None: none)."""
    if change.rank is None:
        outcome = "no rank" if rank is not None else ""
    elif change.rank == rank:
        outcome = f"still rank {change.rank}"
    else:
        outcome = f"rank {change.rank}"
    score = f" (score {_number(change.score)})" if change.score is not None else ""
    return f"{change.what}: {outcome}{score}" if outcome else change.what


def _number(value: float | None) -> str:
    """Four digits that count; whole numbers as they are."""
    if value is None:
        return "unknown"
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"
