"""Plain language for numbers: what a support lead would say, never a bare statistic."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from nlp.causes.telling import as_near, beside_of, dates_of, place_of
from nlp.duplicates import Copies
from nlp.records import Cause, Trend
from nlp.spoken_dates import spoken_day
from nlp.standing import TIES_NAMED
from report.document import JourneyStage

# Unicode's marks for text direction: embeddings, overrides and isolates.
TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
STATE_NAMES = {
    "leaf": "in a theme",
    "parent": "in a broad theme only",
    "unthemed": "not in any theme yet",
    "noise": "no content (greetings, “n/a”)",
}
REDACTION_NAMES = {
    "CARD": "card numbers",
    "COLUMN": "columns about a person, dropped",
    "CREDENTIALS": "user names and passwords in URLs",
    "CVV": "card security codes",
    "EMAIL": "e-mail addresses",
    "IBAN": "bank account numbers (IBAN)",
    "IP": "IP addresses",
    "NATIONAL_ID": "national ids",
    "PERSON": "names of people",
    "PHONE": "phone numbers",
    "TOKEN": "tokens and keys",
}
# A ratio whose interval reaches ten times as far up says no more than its lower end.
_WIDE = 10
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BURST = re.compile(r': "(.*)"(?:; words that tell it: .*)?$', re.DOTALL)
_SAID = re.compile(r'Customers say: "(.*?)"( \([^()"]*\))?', re.DOTALL)

# What a sentence on top calls the section that holds its numbers.
SECTION_NAMES = {
    "numbers": "the numbers",
    "found": "the themes found",
    "changes": "what changed",
    "new": "what is new",
    "rising": "what is rising",
    "falling": "what is falling",
    "friction": "the friction points",
}
KIND_NAMES = {"said": "Customers say", "where": "Where it happens", "when": "When it began"}
SOURCE_NAMES = {
    "ticket": "ticket",
    "survey": "survey",
    "call_note": "call note",
    "review": "review",
}

MEAN_SCORE_NOTE = (
    "They run from 0 (worst mark) to 100 (best mark): NPS, CSAT and CES answers are put on that "
    "one scale by their lowest and highest mark. The same customers may answer one of them "
    "higher than another, so stages where different ones are asked are hard to compare."
)


def count(number: float, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 customer", "1,200 customers"."""
    return f"{number:,.0f} {one if round(number) == 1 else many or one + 's'}"


def tied_others(number: int) -> str:
    """How many are tied with one: "3 others"; of many only the nearest are known by name."""
    return count(number, "other") + (" or more" if number >= TIES_NAMED else "")


def day(date: dt.date) -> str:
    """A date as "6 October 2026", the same on every machine, whatever its locale."""
    return spoken_day(date)


def times(ratio: float) -> str:
    """A ratio as "2.8 times"; one digit after the point, none from ten on."""
    return f"{ratio:.1f} times" if ratio < 9.95 else f"{ratio:.0f} times"


def percent(share: float) -> str:
    """A share as "38%"; "under 1%" instead of a zero that is none."""
    return "under 1%" if 0 < share < 0.005 else f"{share * 100:.0f}%"


def share_change(stage: JourneyStage) -> str:
    """How a stage's share differs from the week before: "within chance"."""
    return "more than chance explains" if stage.share_apart else "within chance"


def usual(trend: Trend) -> float | None:
    """Customers expected this week, from the rate ratio; None where no ratio was told.

    `customers / rate_ratio`: the ratio is of rates (exposure-corrected), so the expectation already
    allows for a busier or calmer week.
    """
    if trend.rate_ratio is None or trend.rate_ratio <= 0:
        return None
    return trend.customers / trend.rate_ratio


def against_usual(trend: Trend) -> str:
    """The week's change in customers, with the cautious end of its interval.

    "12 more customers than usual (23 instead of about 11); 95% sure it is at least 5 more".
    """
    expected = usual(trend)
    if expected is None:
        return ""
    more = trend.customers - expected
    if round(abs(more)) == 0:
        return f"{count(trend.customers, 'customer')}, about as many as usual"
    direction = "more" if more > 0 else "fewer"
    size = count(abs(more), "customer").replace(" customer", f" {direction} customer")
    text = f"{size} than usual ({trend.customers:,} instead of about {expected:,.0f})"
    # The cautious end is the bound nearer to "no change".
    bound = trend.ratio_low if more > 0 else trend.ratio_high
    if bound is None or bound <= 0 or (bound <= 1) == (more > 0):
        return text
    least = abs(trend.customers - trend.customers / bound)
    if round(least) < 1 or trend.customers == 0:
        return text
    return f"{text}; 95% sure it is at least {least:,.0f} {direction}"


def theme_note(trend: Trend, *, weeks_rising: int = 0) -> str:
    """What to say beside a theme in the week's lists."""
    if trend.status == "new":
        return said_this_week(trend.customers, trend.statements)
    if trend.status == "not enough data":
        return (
            f"{count(trend.customers, 'customer')} this week; too few weeks or mentions "
            "to tell a change from chance"
        )
    if trend.status == "steady":
        return (
            f"{count(trend.customers, 'customer')} this week, "
            "no more or fewer than chance would explain"
        )
    text = against_usual(trend) or count(trend.customers, "customer")
    if weeks_rising > 1:
        text += f"; rising for {weeks_rising} weeks now"
    return text


def said_this_week(customers: int, statements: int) -> str:
    """How many customers said it this week, and how often; nothing is compared."""
    return f"{count(customers, 'customer')} in {_statements(statements)} this week"


def copies_note(copies: Copies | None, *, weeks: int = 1) -> str:
    """That many mentions are one text, so that nobody takes a mass mail for many voices; or ""."""
    if copies is None:
        return ""
    where = "this week" if weeks == 1 else f"of the last {count(weeks, 'week')}"
    what = "are copies of one text" if copies.long else "are the same few words"
    who = count(copies.customers, "customer")
    return (
        f"{copies.mentions:,} of {count(copies.all_mentions, 'mention')} {where} {what}, "
        f"sent by {who}: “{shorten(copies.text, limit=120)}”"
    )


def _statements(number: int) -> str:
    return count(number, "statement")


def cause_text(cause: Cause) -> str:
    """The cause itself, to stand after its kind's name; how strong it is stands elsewhere.

    "“since the update to 4.2”", "plan Pro, version 4.2", "from 6 October 2026 to 22 October 2026".
    """
    if cause.kind == "said":
        quoted = _SAID.fullmatch(cause.statement)
        if quoted:
            return name(quoted[1], limit=240) + (quoted[2] or "")
        return name(cause.statement, limit=240)
    if cause.kind == "where" and cause.conditions:
        return ", ".join(f"{_spaced(column)} {value}" for column, value in cause.conditions)
    if cause.centre:
        quoted = _BURST.search(cause.statement)
        since = f"since {day(cause.onset)}" if cause.onset else "suddenly"
        say = "customer says" if cause.customers == 1 else "customers say"
        quote = name(quoted[1], limit=240) if quoted else ""
        return f"{since}, {cause.customers:,} {say} much the same: {quote}"
    if cause.kind != "when":
        return cause.statement
    dates = _ISO_DAY.sub(lambda found: day(dt.date.fromisoformat(found[0])), dates_of(cause))
    return dates + place_of(cause)


def cause_strength(cause: Cause) -> str:
    """How strong a cause's evidence is, in words. Customer-stated or correlated, never proven."""
    who = count(cause.customers, "customer")
    if cause.kind == "said":
        give = "gives" if cause.customers == 1 else "give"
        return (
            f"{who} {give} this reason or one like it, {percent(cause.share_of_theme)} of the theme"
        )
    if cause.kind == "where":
        text = f"{who}, {percent(cause.share_of_theme)} of the theme"
        return text + _ratio(cause, "common here as elsewhere")
    text = who
    near = as_near(cause)
    if near:
        text += f", at the time of {' or '.join(f'“{beside_of(one)}”' for one in near)}"
    others = [pair for pair in cause.events if pair[0] not in near]
    if others:
        told = [f"“{beside_of(one)}” ({day(dt.date.fromisoformat(at))})" for one, at in others]
        text += f"; also about: {listing(told)}"
    if cause.centre:
        at_least = f"; 95% sure it was at least {times(cause.lift_low or 0.0)} as many as usual"
        return text + at_least
    return text + _ratio(cause, "frequent as on other days")


def _ratio(cause: Cause, compared: str) -> str:
    """The lift with the lower end of its interval; that end alone where the interval is too wide.

    "; 2.8 times as common here as elsewhere, 95% sure it is at least 1.5 times".
    """
    if cause.lift is None:
        return ""
    low, high = cause.lift_low, cause.lift_high
    if low is not None and high is not None and high > _WIDE * cause.lift:
        return f"; 95% sure it is at least {times(low)} as {compared}"
    text = f"; {times(cause.lift)} as {compared}"
    # "At least 1.0 times" would be an assurance that says nothing.
    if low is not None and low >= 1.05:
        return f"{text}, 95% sure it is at least {times(low)}"
    return f"{text}, give or take a good deal" if low is not None else text


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def shorten(text: str, *, limit: int = 240) -> str:
    """One line of at most `limit` characters, cut at a word, with an ellipsis where cut.

    Whitespace runs become one blank. A single word longer than the limit is cut hard.
    """
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    cut = head.rfind(" ")
    return (head[:cut] if cut >= limit // 2 else head).rstrip() + "…"


def name(label: str, *, limit: int = 90) -> str:
    """A label inside a sentence: quoted, shortened, without marks that turn the text around it.

    Labels stand in an isolating element elsewhere; inside a running sentence there is none.
    """
    return f"“{shorten(TURNING.sub('', label), limit=limit)}”"


def listing(names: Sequence[str]) -> str:
    """Names in a row: "a", "a and b", "a, b and c"."""
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
