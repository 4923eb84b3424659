"""The outcome pack's sentences: what was counted, never that something worked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from nlp.before_after import BeforeAfter
from report import figures, wording
from report.document import Headline, Sentence
from report.outcome import Decided, Driver

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


def month_name(month: str) -> str:
    """The month "2026-10" as "October 2026"."""
    year, number = month.split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


def compared_text(found: BeforeAfter) -> str:
    """Before and after in one sentence that claims no cause.

    "Customers who mention it went from 12.0 to 5.0 a week (8 weeks before, 5 after); of all who
    wrote, 0.42 times as many (95% interval 0.26 to 0.64). Other causes may be at work."
    """
    sides = f"{wording.count(found.weeks_before, 'week')} before, {found.weeks_after:,} after"
    if found.ratio is None or found.ratio_low is None or found.ratio_high is None:
        counted = f"{found.customers_before:,} before, {found.customers_after:,} after"
        return f"{found.note[:1].upper()}{found.note[1:]} ({sides}; mentions: {counted})."
    rates = [
        customers / weeks
        for customers, weeks in (
            (found.customers_before, found.weeks_before),
            (found.customers_after, found.weeks_after),
        )
    ]
    interval = f"{figures.short(found.ratio_low)} to {figures.short(found.ratio_high)}"
    text = (
        f"Customers who mention it went from {rates[0]:,.1f} to {rates[1]:,.1f} a week ({sides}); "
        f"of all who wrote, {figures.short(found.ratio)} times as many (95% interval {interval})"
    )
    if found.ratio_low <= 1 <= found.ratio_high:
        return f"{text}: no more than chance would explain."
    return f"{text}; other causes may be at work."


def standing_text(
    state: str, *, undone: dt.date | None, by: str, why: str, later: int | None
) -> str:
    """Whether a decision counts, in words."""
    if undone is not None:
        who = f" by {by}" if by else ""
        return f"undone on {wording.day(undone)}{who}{f': {why}' if why else ''}"
    if later is not None:
        return f"replaced by decision {later}"
    return state.replace("-", " ")


def outcome_sentences(
    month: str,
    headline: Headline,
    drivers: Sequence[Driver],
    decided: Sequence[Decided],
    earlier: Sequence[Decided],
    *,
    month_before: str,
) -> tuple[Sentence, ...]:
    """Three sentences on top: how much, what drives it, what became of the decisions."""
    figure, messages = headline.figures
    volume = (
        f"{wording.count(figure.value, 'customer')} sent "
        f"{wording.count(messages.value, 'message')} in {month_name(month)}"
    )
    if figure.before is not None:
        volume += (
            f"; in {month_name(month_before)} it was {wording.count(figure.before, 'customer')}"
        )
    if drivers:
        top = drivers[0]
        drive = f"Costliest: {wording.name(top.label)}, owner {top.owner or 'not yet known'}"
        if top.cause:
            drive += f"; main cause: {wording.shorten(top.cause, limit=120)}"
    else:
        drive = "There is not enough data yet to rank friction points"
    return (
        Sentence(f"{volume}.", "numbers"),
        Sentence(f"{drive}.", "drivers"),
        Sentence(_decided_sentence(decided, earlier, month_before), "decided"),
    )


def _decided_sentence(
    decided: Sequence[Decided], earlier: Sequence[Decided], month_before: str
) -> str:
    if not decided and not earlier:
        return "Nothing was decided in this month or the one before."
    tally = {"fewer": 0, "more": 0, "chance": 0, "thin": 0}
    for one in earlier:
        if one.compared and one.state == "in-force":
            tally[_direction(one.compared[0].numbers)] += 1
    text = f"{wording.count(len(decided), 'decision was', 'decisions were')} made this month"
    if not earlier:
        return f"{text}; none in {month_name(month_before)}."
    text += f", {len(earlier):,} in {month_name(month_before)}"
    told = [
        f"{number} {words}"
        for number, words in (
            (tally["fewer"], "with fewer mentions since"),
            (tally["more"], "with more"),
            (tally["chance"], "with no clear change"),
            (tally["thin"], "with not enough data"),
        )
        if number
    ]
    return f"{text}: {wording.listing(told)}." if told else f"{text}."


def _direction(found: BeforeAfter) -> str:
    if found.ratio is None or found.ratio_low is None or found.ratio_high is None:
        return "thin"
    if found.ratio_high < 1:
        return "fewer"
    return "more" if found.ratio_low > 1 else "chance"
