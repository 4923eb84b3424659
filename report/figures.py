"""How numbers of the document are written: the filters that HTML, Markdown and pages share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from nlp.standing import TIES_NAMED
from report import sentences, wording
from report.document import Figure, FrictionLine, Intake, KnownCustomers, WeekReport


def value(figure: Figure) -> str:
    """The number itself: "1,204", "61.5"."""
    return f"{figure.value:,.{figure.decimals}f}"


def change(figure: Figure) -> str:
    """The change in words: "12 more than the week before (46)"."""
    if figure.before is None or figure.change is None:
        return "no week before to compare with"
    before = f"{figure.before:,.{figure.decimals}f}"
    size = f"{abs(figure.change):,.{figure.decimals}f}"
    if float(size.replace(",", "")) == 0:
        return f"the same as the week before ({before})"
    # A score is higher or lower; people and messages are more or fewer.
    up, down = ("higher", "lower") if figure.decimals else ("more", "fewer")
    return f"{size} {up if figure.change > 0 else down} than the week before ({before})"


def impact(line: FrictionLine) -> str:
    """A friction point's impact with its interval: "0.21 (0.12 to 0.30)"."""
    if line.impact is None:
        return "not measured"
    text = short(line.impact)
    if line.impact_low is None or line.impact_high is None:
        return text
    return f"{text} ({short(line.impact_low)} to {short(line.impact_high)})"


def short(number: float) -> str:
    """Two decimals below ten, one below a hundred, none above; thousands with a comma."""
    size = abs(number)
    decimals = 2 if size < 9.995 else 1 if size < 99.95 else 0
    return f"{number:,.{decimals}f}"


def share(part: float | None) -> str:
    """A share as a percentage, or that there is none."""
    return "no statements" if part is None else wording.percent(part)


def sentence(text: str) -> str:
    """The text with a capital letter and a full stop, for standing alone."""
    start = text[:1].upper() + text[1:]
    return start if start.endswith((".", "!", "?", "…")) else f"{start}."


def day(iso: str) -> str:
    """An ISO date as "6 October 2026"."""
    return wording.day(dt.date.fromisoformat(iso))


def tied(labels: Sequence[str]) -> str:
    """The tied themes by name, the first three; the others counted."""
    named = [wording.name(label, limit=60) for label in labels[:3]]
    if len(labels) > 3:
        more = " or more" if len(labels) >= TIES_NAMED else ""
        named.append(wording.count(len(labels) - 3, "other") + more)
    return wording.listing(named)


def brief(text: str) -> str:
    """A text for a table's cell: about two lines of it."""
    return wording.shorten(text, limit=110)


def known_customers(base: KnownCustomers) -> str:
    """How much of the customer table was heard: "46 of the 1,200 customers known (4%) ..."."""
    text = (
        f"{base.heard:,} of the {wording.count(base.known, 'customer')} in the customer table "
        f"({wording.percent(base.heard / base.known)}) {_were(base.heard)} "
        "heard this week"
    )
    if base.others:
        more = wording.count(base.others, "customer heard", "customers heard")
        text += f"; {more} {_are(base.others)} not in it"
    return text


def sum_of_rows(intake: Intake) -> str:
    """The outcomes of all rows added up, against the rows read."""
    parts = (intake.accepted, intake.updated, intake.unchanged, intake.quarantined)
    total = sum(parts)
    sums = " + ".join(f"{part:,}" for part in parts)
    if total == intake.rows_read:
        return f"The sum: {sums} = {total:,}, every row that was read."
    return (
        f"The sum does not come out: {sums} = {total:,}, but "
        f"{wording.count(intake.rows_read, 'row')} {_were(intake.rows_read)} read."
    )


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def no_themes(report: WeekReport) -> str:
    """Why a report has no themes."""
    return sentences.no_themes(report.distinct_statements, report.least_statements)


FILTERS: dict[str, Callable[..., Any]] = {
    "value": value,
    "change": change,
    "impact": impact,
    "short": short,
    "share": share,
    "share_change": wording.share_change,
    "sentence": sentence,
    "day": day,
    "tied": tied,
    "brief": brief,
    "known_customers": known_customers,
    "sum_of_rows": sum_of_rows,
    "count": wording.count,
    "no_themes": no_themes,
}
