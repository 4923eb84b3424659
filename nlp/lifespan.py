"""A theme falls silent and is heard again: retirement and revival, by stated rules.

Silence means something only where speech was to be expected. A theme that makes one message in a
thousand says nothing by missing from the next hundred; so a theme retires only when, at the rate at
which it was heard before, `least_expected` mentions should have come and none did. Nor does a stray
mention now and then, which may be a misplaced text, keep a theme alive that was often spoken of:
what would not bring it back is a silence, too, if so few mentions were as unlikely.

A dormant theme goes on attracting texts, so that nobody else is born of them; they stay unthemed
until there are enough of them, from enough customers, to say that the theme is back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scipy.special import pdtr

from nlp.records import Assignment, Feedback, Statement, Theme, ThemeEvent
from nlp.weeks import shift


@dataclass(frozen=True, slots=True)
class LifespanConfig:
    """When silence ends a theme, and what wakes it."""

    silent_weeks: int = 12  # weeks with feedback: a quarter, so a monthly rhythm is no silence
    # Mentions to be expected in that time, had nothing changed, where none came. Of themes still
    # spoken of at that rate e^-5, fewer than one in a hundred, would be silent by chance (Poisson).
    # It takes 7.1 where one came, and 8.9 where two did, for as small a chance of so few.
    least_expected: float = 5.0
    # More strays are a silence only up to this share of what was expected: half the mentions of a
    # small theme may be as unlikely, but are a decline.
    most_strays: float = 0.1
    revival_weeks: int = 4  # one voice a quarter is an echo, a few in a month are a return
    revival_mentions: int = 3
    revival_customers: int = 2  # one customer alone may be writing of the old case


def is_dormant(theme: Theme) -> bool:
    """Whether a theme has retired for silence, and so may be heard again."""
    return theme.ended == "quiet"


def awake(themes: Iterable[Theme]) -> tuple[Theme, ...]:
    """The themes, with dormant leaves as if they lived: they still attract texts."""
    return tuple(
        replace(theme, ended="", retired_week=None)
        if is_dormant(theme) and theme.level == "leaf"
        else theme
        for theme in themes
    )


def retire(
    week: str,
    state: Mapping[str, Theme],
    *,
    statements: Sequence[Statement],
    assigned: Callable[[str], Assignment | None],
    feedback: Mapping[str, Feedback],
    kept: Collection[str] = (),
    config: LifespanConfig,
) -> tuple[list[Theme], list[ThemeEvent]]:
    """The themes that end in `week` because hardly anybody mentions them, and their events.

    Neither seeded nor pinned themes end, nor those of `kept`; and none that has not been alive in
    all the weeks of the silence. A parent ends with the last of its leaves.

    Args:
        week: the ISO week that is run.
        state: all themes by id.
        statements: all statements up to the week.
        assigned: statement id -> where it stands after the week.
        feedback: feedback key -> message; every week it holds counts, so a week in which nobody
            said anything is no silence.
        kept: further themes that may not end.
    """
    weeks = sorted({item.week for item in feedback.values()})
    if len(weeks) <= config.silent_weeks:
        return [], []
    since = weeks[-config.silent_weeks]
    candidates = {
        theme.id
        for theme in state.values()
        if theme.level == "leaf"
        and theme.retired_week is None
        and theme.seeded_by is None
        and not theme.pinned
        and theme.id not in kept
        and theme.born_week < since
    }
    if not candidates:
        return [], []
    recent = [item for item in statements if feedback[item.feedback_key].week >= since]
    late = _heard(candidates, recent, assigned, feedback)
    candidates = {name for name in candidates if not _would_wake(late.get(name, {}), config)}
    if not candidates:
        return [], []
    heard = _heard(candidates, statements, assigned, feedback)
    volume = Counter(item.week for item in feedback.values())
    coming = sum(count for name, count in volume.items() if name >= since)
    ended: list[Theme] = []
    events: list[ThemeEvent] = []
    for theme_id in sorted(heard):
        spoken = {name: count for name, count in heard[theme_id].items() if name < since}
        if not spoken:
            continue
        first, last = min(spoken), max(spoken)
        before = sum(count for name, count in volume.items() if first <= name <= last)
        expected = sum(spoken.values()) / before * coming
        strays = sum(late.get(theme_id, {}).values())
        if strays > max(config.revival_mentions - 1, config.most_strays * expected):
            continue
        if chance_of(strays, expected) <= chance_of(0, config.least_expected):
            ended.append(replace(state[theme_id], ended="quiet", retired_week=week))
            detail = (
                f"last mentioned in {last}; since then {config.silent_weeks} weeks with feedback "
                f"passed, in which {expected:.0f} mentions were to be expected"
            )
            if strays:
                detail = (
                    f"in the last {config.silent_weeks} weeks with feedback "
                    f"{strays} of {expected:.0f} mentions came that were to be expected; "
                    f"before, it was last mentioned in {last}"
                )
            events.append(ThemeEvent(week, theme_id, "retired", detail))
    gone = {theme.id for theme in ended}
    for parent in _childless(state, gone):
        ended.append(replace(parent, ended="quiet", retired_week=week))
        events.append(ThemeEvent(week, parent.id, "retired", "none of its themes is alive"))
    return ended, events


def chance_of(mentions: int, expected: float) -> float:
    """The chance of no more than so many mentions where `expected` are to come (Poisson).

    >>> round(chance_of(0, 5.0), 4)
    0.0067
    """
    return float(pdtr(mentions, expected))


def revive(
    week: str,
    state: Mapping[str, Theme],
    attracted: Mapping[str, Sequence[Statement]],
    feedback: Mapping[str, Feedback],
    *,
    config: LifespanConfig,
) -> tuple[list[Theme], list[ThemeEvent]]:
    """The dormant themes that are heard again in `week`, their parents with them.

    Args:
        week: the ISO week that is run.
        state: all themes by id.
        attracted: dormant leaf -> the statements without a leaf that it would take.
        feedback: feedback key -> message.
    """
    since = shift(week, 1 - config.revival_weeks)
    woken: dict[str, Theme] = {}
    events: list[ThemeEvent] = []
    for theme_id in sorted(attracted):
        messages = {
            item.feedback_key: feedback[item.feedback_key].customer
            for item in attracted[theme_id]
            if since <= feedback[item.feedback_key].week <= week
        }
        customers = len(set(messages.values()))
        if len(messages) < config.revival_mentions or customers < config.revival_customers:
            continue
        woken[theme_id] = replace(state[theme_id], ended="", retired_week=None)
        detail = (
            f"{len(messages)} mentions of {customers} customers within {config.revival_weeks} "
            f"weeks; it had been quiet since {state[theme_id].retired_week}"
        )
        events.append(ThemeEvent(week, theme_id, "revived", detail))
    for theme_id in sorted(woken):
        parent = state.get(woken[theme_id].parent_id or "")
        if parent is not None and is_dormant(parent) and parent.id not in woken:
            woken[parent.id] = replace(parent, ended="", retired_week=None)
            events.append(ThemeEvent(week, parent.id, "revived", "one of its themes is back"))
    return list(woken.values()), events


def _leaves(place: Assignment | None) -> set[str]:
    """The leaves a statement speaks for: where it stands, and where the engine would have it."""
    if place is None:
        return set()
    return {name for name in (place.theme_id, place.found_theme_id) if name is not None}


def _heard(
    themes: Collection[str],
    statements: Sequence[Statement],
    assigned: Callable[[str], Assignment | None],
    feedback: Mapping[str, Feedback],
) -> dict[str, Counter[str]]:
    """Theme -> week -> messages that mention it."""
    seen: dict[str, set[str]] = {}
    for item in statements:
        for name in _leaves(assigned(item.id)):
            if name in themes:
                seen.setdefault(name, set()).add(item.feedback_key)
    return {name: Counter(feedback[key].week for key in keys) for name, keys in seen.items()}


def _would_wake(mentions: Mapping[str, int], config: LifespanConfig) -> bool:
    """Whether as many mentions by week would wake a dormant theme."""
    return any(
        sum(
            count
            for name, count in mentions.items()
            if shift(week, 1 - config.revival_weeks) <= name <= week
        )
        >= config.revival_mentions
        for week in mentions
    )


def _childless(state: Mapping[str, Theme], gone: Collection[str]) -> list[Theme]:
    """The living parents that lose their last living leaf when `gone` go."""
    left = {
        theme.parent_id
        for theme in state.values()
        if theme.retired_week is None and theme.id not in gone
    }
    losing = sorted({state[name].parent_id or "" for name in gone} - {""})
    parents = [state[name] for name in losing if name in state and name not in left]
    return [one for one in parents if one.retired_week is None and not one.pinned]
