"""The outcome pack's sentences: what was counted, never that something worked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from nlp.before_after import BeforeAfter
from nlp.spoken_dates import spoken_month
from report import figures, wording
from report.document import Headline, Sentence
from report.outcome import Decided, Driver
from report.sentences import inside

DATED = (
    "the cause itself is not counted: its evidence was gathered by date, so that counting it "
    "before and after a date would tell nothing"
)
ELSEWHERE = "the theme is counted with an earlier decision above"


def compared_text(found: BeforeAfter) -> str:
    """Before and after in one sentence that claims no cause.

    "12.0 customers a week mentioned it in the 8 weeks before, 5.0 in the 5 weeks after. Measured
    against all who wrote that is 0.42 times as many (95% interval 0.26 to 0.64); other causes may
    be at work."
    """
    if found.ratio is None or found.ratio_low is None or found.ratio_high is None:
        sides = [
            f"{wording.count(customers, 'mention')} in {wording.count(weeks, 'week')}"
            for customers, weeks in (
                (found.customers_before, found.weeks_before),
                (found.customers_after, found.weeks_after),
            )
        ]
        return f"{found.note[:1].upper()}{found.note[1:]} ({sides[0]} before, {sides[1]} since)."
    before, after = (
        customers / weeks
        for customers, weeks in (
            (found.customers_before, found.weeks_before),
            (found.customers_after, found.weeks_after),
        )
    )
    interval = f"{figures.short(found.ratio_low)} to {figures.short(found.ratio_high)}"
    text = (
        f"{before:,.1f} customers a week mentioned it in the {found.weeks_before:,} weeks before, "
        f"{after:,.1f} in the {found.weeks_after:,} weeks after. Measured against all who wrote, "
        f"that is {figures.short(found.ratio)} times as many (95% interval {interval})"
    )
    if found.ratio_low <= 1 <= found.ratio_high:
        return f"{text}: no more than chance would explain."
    return f"{text}; other causes may be at work."


def together_text(comparisons: int) -> str:
    """That the intervals hold together; "" where there is but one."""
    if comparisons < 2:
        return ""
    return (
        f"The {comparisons:,} intervals are wide enough to hold all at once with 95%, so that "
        "chance alone seldom makes one of them look like a change."
    )


def standing_text(
    state: str, *, undone: dt.date | None, by: str, why: str, later: int | None
) -> str:
    """Whether a decision counts, in words."""
    if undone is not None:
        who = f" by {by}" if by else ""
        return f"undone on {wording.day(undone)}{who}{f': {why}' if why else ''}"
    if later is not None:
        return f"replaced by decision {later}"
    return state


def whole_clauses(text: str, *, limit: int) -> str:
    """As much of a cause's line as fits in whole clauses, so that no quotation is cut open."""
    parts = text.split(", ")
    for end in range(len(parts), 0, -1):
        head = ", ".join(parts[:end]) + ", …" * (end < len(parts))
        if len(head) <= limit and all(head.count(a) == head.count(b) for a, b in ("“”", "()")):
            return head
    return wording.shorten(text, limit=limit)


def outcome_sentences(
    month: str,
    headline: Headline,
    drivers: Sequence[Driver],
    decided: Sequence[Decided],
    earlier: Sequence[Decided],
    *,
    weeks: int | None,
    month_before: str,
    weeks_before: int,
) -> tuple[Sentence, ...]:
    """Three sentences on top: how much, what ranks first, what was decided.

    Args:
        weeks: how many of the month's weeks were run; None: all.
        weeks_before: how many of the month before have feedback.
    """
    if drivers:
        top = drivers[0]
        drive = f"Fix first: {wording.name(top.label)}, owner {top.owner or 'not yet known'}"
        if top.cause:
            drive += f"; main cause: {inside(whole_clauses(top.cause, limit=160))}"
    else:
        drive = "There is not enough data yet to rank friction points"
    return (
        Sentence(_volume_sentence(month, headline, weeks, month_before, weeks_before), "numbers"),
        Sentence(figures.sentence(drive), "drivers"),
        Sentence(_decided_sentence(len(decided), len(earlier), month_before), "decided"),
    )


def _volume_sentence(
    month: str, headline: Headline, weeks: int | None, month_before: str, weeks_before: int
) -> str:
    customers, messages, a_week = headline.figures
    when = spoken_month(month)
    if weeks is not None:
        when = f"{wording.count(weeks, 'week')} of {when}"
    text = (
        f"{wording.count(customers.value, 'customer')} wrote or were heard in {when}, in "
        f"{wording.count(messages.value, 'message')}; on average {figures.value(a_week)} different "
        "customers a week"
    )
    before = spoken_month(month_before)
    if a_week.before is not None:
        return f"{text}; in {before} it was {a_week.before:,.1f}."
    if weeks_before:
        known = f"{wording.count(weeks_before, 'week')} of {before}"
        return f"{text}. There is feedback of only {known}, so nothing is compared with it."
    return f"{text}."


def _decided_sentence(decided: int, earlier: int, month_before: str) -> str:
    """How much was decided; what became of it stands below, where its intervals are."""
    before = spoken_month(month_before)
    if not decided and not earlier:
        return f"No decisions this month, and none in {before}."
    now = (
        f"{wording.count(decided, 'decision')} this month" if decided else "No decisions this month"
    )
    return f"{now}; {wording.count(earlier, 'decision') if earlier else 'none'} in {before}."
