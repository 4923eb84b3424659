"""The three sentences on top: how much, what changed, what to fix first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from report import wording
from report.document import FrictionLine, Headline, Sentence, ThemeLine
from report.quiet import quiet_text


def sentences(
    headline: Headline,
    lists: Mapping[str, tuple[ThemeLine, ...]],
    friction: Sequence[FrictionLine],
    *,
    cold_start: bool,
    history_weeks: int,
    leaves: int,
    distinct: int,
    least: int,
    friction_weeks: int,
) -> tuple[Sentence, ...]:
    """Three sentences, each with the section that holds its numbers; two while there are no themes.

    Args:
        headline: the week's numbers.
        lists: "new", "rising" and "falling" themes, strongest first.
        friction: ranked friction points, first first.
        cold_start: the registry was built this week, so nothing can be new or rising.
        history_weeks: weeks with feedback the themes were found on.
        leaves: number of living themes.
        distinct: different statements so far.
        least: different statements needed before themes are looked for.
        friction_weeks: weeks that friction points are counted on.
    """
    if not leaves:
        return (_volume_sentence(headline), Sentence(no_themes(distinct, least), "changes"))
    change = (
        Sentence(
            f"The first {'theme was' if leaves == 1 else f'{leaves:,} themes were'} found this "
            f"week, on "
            f"{wording.count(history_weeks, 'week')} of feedback; results are exploratory until "
            "later weeks confirm them.",
            "found",
        )
        if cold_start
        else _change_sentence(lists)
    )
    return (_volume_sentence(headline), change, _friction_sentence(friction, friction_weeks))


def no_themes(distinct: int, least: int) -> str:
    """Why there are no themes yet."""
    if distinct < least:
        be = "is" if distinct == 1 else "are"
        return (
            f"There are no themes yet: {wording.count(least, 'distinct statement')} are needed to "
            f"tell them apart; there {be} {distinct:,} so far."
        )
    return (
        f"There are no themes yet: {wording.count(distinct, 'distinct statement')} so far. The "
        "first themes wait for more statements or more weeks, since those founded on few stay "
        "mixed; or no group is large and close enough to be one."
    )


def _volume_sentence(headline: Headline) -> Sentence:
    customers, messages = headline.figures[0], headline.figures[1]
    text = (
        f"{wording.count(customers.value, 'customer')} sent "
        f"{wording.count(messages.value, 'message')} this week"
    )
    change = customers.change
    if change is None:
        text += "; there is no week before to compare with."
    elif change == 0:
        text += ", as many customers as the week before."
    else:
        direction = "more" if change > 0 else "fewer"
        text += f", {abs(change):,.0f} {direction} customers than the week before."
    return Sentence(text, "numbers")


def _change_sentence(lists: Mapping[str, tuple[ThemeLine, ...]]) -> Sentence:
    """The strongest change: something new before something rising before something falling."""
    for status, lead in (("new", "New"), ("rising", "Rising"), ("falling", "Falling")):
        lines = lists[status]
        if not lines:
            continue
        top = lines[0]
        note = top.note.split(";")[0]
        text = f"{lead}: {wording.name(top.label)}, {note}"
        left = {name: len(lists[name]) - (name == status) for name in ("new", "rising", "falling")}
        others = [
            f"{number:,} {'more ' if name == status else ''}{name}"
            for name, number in left.items()
            if number > 0
        ]
        if others:
            text += f". Also: {wording.listing(others)}"
        return Sentence(f"{text}.", status)
    return Sentence(
        "No theme changed by more than chance would explain: nothing new, rising or falling.",
        "changes",
    )


def _friction_sentence(friction: Sequence[FrictionLine], weeks: int) -> Sentence:
    if not friction:
        return Sentence(
            "There is not enough data yet to rank friction points; a few more weeks or scored "
            "answers will do.",
            "friction",
        )
    top = friction[0]
    text = f"Fix first: {wording.name(top.label)} ({wording.count(top.reach, 'customer')} in "
    text += (
        f"{wording.count(weeks, 'week')}, owner {top.owner})"
        if top.owner
        else f"{wording.count(weeks, 'week')}, no owner yet)"
    )
    quiet = quiet_text(top.series)
    if quiet:
        text += f"; it {quiet}"
    if top.causes:
        text += f"; main cause: {inside(top.causes[0].lead)}"
    if top.tied_with:
        text += f". Its rank cannot be told apart from {wording.tied_others(len(top.tied_with))}"
    return Sentence(text if text.endswith("…") else f"{text}.", "friction")


def inside(lead: str) -> str:
    """A cause's headline inside a sentence; it begins with a word of ours."""
    return lead[:1].lower() + lead[1:]
