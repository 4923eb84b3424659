"""A theme keeps its name until another has been clearly better for several weeks.

Readers know a theme by its name, so a name that follows every week's words is worse than one that
lags behind them. What would be better waits as the theme's `rival` until it has proved itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nlp.encoding import Encode
from nlp.naming import Background, NamingConfig, Ranking, label_key, rank_names
from nlp.records import Assignment, Feedback, Statement, Theme, ThemeEvent, text_sha
from nlp.registry import Registry
from nlp.weeks import monday

BY_PERSON = "by a person"  # the reason for a label that its maker gave to a theme at its birth


@dataclass(frozen=True, slots=True)
class RelabelConfig:
    """When a theme is called otherwise."""

    # By how much the rival's score (in cosines) must exceed the label's. Of names found on one
    # half of an intent's texts, the best one of the other half exceeded none by more than .29;
    # the name of the nearest other intent was exceeded by .31 to 1.4, .7 in the middle (Banking77
    # and the sample's tickets).
    least_gain: float = 0.3
    weeks: int = 3  # with news, one after the other: no incident of a week renames a theme
    # A theme's turn comes every so many weeks, and while a rival waits: what it costs to look at
    # a name does not buy a better one every week.
    every: int = 4
    recent_weeks: int = 12  # whose texts tell how customers speak now; a quarter
    texts: int = 200  # of a theme that are read
    least_texts: int = 10  # fewer do not tell a habit from a turn of phrase


def relabel_week(
    week: str,
    state: dict[str, Theme],
    registry: Registry,
    *,
    statements: Sequence[Statement],
    assigned: Mapping[str, Assignment],
    now: Mapping[str, Assignment],
    feedback: Mapping[str, Feedback],
    background: Callable[[], Background],
    encode: Encode,
    taken: Collection[str],
    untold: Collection[str],
    pinned: Collection[str] = (),
    naming: NamingConfig,
    config: RelabelConfig,
) -> list[ThemeEvent]:
    """Look at the names whose turn it is; changes `state`. Costs nothing where no name is due.

    Args:
        statements: all statements up to the week.
        assigned: statement id -> where it stood before the week; `now`: what is new or changed.
        taken: names in use besides those of `state`.
        untold: see `relabel`, as for the others.
        pinned: see `due_for_relabel`.
    """
    heard = {
        row.theme_id
        for name, row in now.items()
        if row.theme_id and (name not in assigned or assigned[name].theme_id != row.theme_id)
    }
    due = due_for_relabel(week, tuple(state.values()), heard, pinned=pinned, config=config)
    if not due:
        return []
    texts = current_texts(
        week,
        [theme.id for theme in due],
        statements=statements,
        assigned=lambda name: now.get(name) or assigned.get(name),
        feedback=feedback,
        config=config,
    )
    changed, events = relabel(
        week,
        due,
        texts,
        registry,
        background=background,
        encode=encode,
        taken={theme.label for theme in state.values()} | set(taken),
        untold=untold,
        naming=naming,
        config=config,
    )
    state.update({theme.id: theme for theme in changed})
    return events


def due_for_relabel(
    week: str,
    themes: Sequence[Theme],
    heard: Collection[str],
    *,
    pinned: Collection[str] = (),
    config: RelabelConfig,
) -> tuple[Theme, ...]:
    """The living leaves whose name is looked at in `week`, by id.

    Neither seeded themes nor those that people named when they had them born; of the others those
    that took in statements (`heard`), when it is their turn or a rival waits. Not those that a
    person keeps as they are (`pinned`).
    """
    return tuple(
        theme
        for theme in sorted(themes, key=lambda one: one.id)
        if theme.level == "leaf"
        and theme.retired_week is None
        and theme.seeded_by is None
        and theme.label_reason != BY_PERSON
        and theme.id in heard
        and theme.id not in pinned
        and theme.born_week < week
        and (theme.rival or _turn(theme, week) % config.every == 0)
    )


def current_texts(
    week: str,
    themes: Collection[str],
    *,
    statements: Sequence[Statement],
    assigned: Callable[[str], Assignment | None],
    feedback: Mapping[str, Feedback],
    config: RelabelConfig,
) -> dict[str, list[str]]:
    """Leaf -> the distinct texts it took in lately, the first by digest where there are many.

    Args:
        week: no statement may be later.
        themes: ids of the leaves that are asked for.
        statements: all statements up to the week.
        assigned: statement id -> where it stands after the week.
        feedback: feedback key -> message.
    """
    known = {item.week for item in feedback.values() if item.week <= week}
    recent = frozenset(sorted(known)[-config.recent_weeks :])
    found: dict[str, set[str]] = {name: set() for name in themes}
    for item in statements:
        if feedback[item.feedback_key].week not in recent:
            continue
        place = assigned(item.id)
        if place is not None and place.theme_id in found:
            found[place.theme_id].add(item.text)
    return {
        name: sorted(texts, key=text_sha)[: config.texts] for name, texts in sorted(found.items())
    }


def relabel(
    week: str,
    due: Sequence[Theme],
    texts: Mapping[str, Sequence[str]],
    registry: Registry,
    *,
    background: Callable[[], Background],
    encode: Encode,
    taken: Collection[str],
    untold: Collection[str] = (),
    naming: NamingConfig,
    config: RelabelConfig,
) -> tuple[list[Theme], list[ThemeEvent]]:
    """Themes with another name, or another rival for it, and the events of the former.

    Args:
        due: of `due_for_relabel`.
        texts: of `current_texts`.
        registry: all living themes: a name must mean this one and none of the others.
        background: what is said everywhere; asked for only when a name is looked at.
        taken: all names in use, people's and those that the engine found.
        untold: themes that show a person's name, where the engine's is no news.
    """
    used = set(taken)
    changed: list[Theme] = []
    events: list[ThemeEvent] = []
    ids = [leaf.id for leaf in registry.leaves]
    centres = [registry.centroid(leaf) for leaf in registry.leaves] if due else []
    for theme in due:
        own = texts.get(theme.id, ())
        if len(own) < config.least_texts or theme.id not in ids:
            continue
        at = ids.index(theme.id)
        others = centres[:at] + centres[at + 1 :]
        ranking = rank_names(
            own,
            centres[at],
            background=background(),
            encode=encode,
            others=np.stack(others) if others else None,
            config=naming,
        )
        now = challenged(theme, ranking, taken=used - {theme.label}, config=config)
        if now == theme:
            continue
        changed.append(now)
        if now.label != theme.label:
            used.add(now.label)
            if theme.id not in untold:
                detail = (
                    f"{now.label}, before: {theme.label}; the new name was clearly better in "
                    f"{config.weeks} weeks with news, one after the other"
                )
                events.append(ThemeEvent(week, theme.id, "renamed", detail))
    return changed, events


def challenged(
    theme: Theme, ranking: Ranking, *, taken: Collection[str], config: RelabelConfig
) -> Theme:
    """The theme after a week's look at its name: as it was, with a rival, or renamed.

    A rival that is still clearly better stays the rival, even when yet another is better by a
    little: else two good names would keep each other from the third week.

    Args:
        ranking: today's names for the theme.
        taken: names of other themes.
    """
    least = round(ranking.score(theme.label) + config.least_gain, 6)
    used = {label_key(label) for label in taken}
    rival, weeks = theme.rival, theme.rival_weeks
    if not rival or label_key(rival) in used or ranking.score(rival) < least:
        best = ranking.best(taken)
        rival, weeks = best[1] if best and best[0] >= least else "", 0
        if label_key(rival) == label_key(theme.label):
            rival = ""
    if not rival:
        return replace(theme, rival="", rival_weeks=0)
    if weeks + 1 < config.weeks:
        return replace(theme, rival=rival, rival_weeks=weeks + 1)
    return replace(
        theme,
        label=rival,
        label_reason=ranking.reason(rival),
        terms=ranking.terms,
        rival="",
        rival_weeks=0,
    )


def _turn(theme: Theme, week: str) -> int:
    """A number that goes up by one a week, and does not come to the same for all themes."""
    digest = hashlib.sha256(theme.id.encode()).digest()
    return digest[0] + monday(week).toordinal() // 7
