"""What corrections changed since the week before, as events of the themes' lives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from nlp.corrections import BORN, Plan, made_by_person
from nlp.found_view import BY_PERSON, reason_of
from nlp.records import Assignment, Theme, ThemeEvent

_BY_TEXT = frozenset({"moved", "like a moved one", "linked"})
_TOLD = _BY_TEXT | {"removed"}


def correction_events(
    week: str,
    plan: Plan,
    *,
    found: Mapping[str, Theme],
    themes: Mapping[str, Theme],
    before: Mapping[str, Theme],
    placed: Mapping[str, Assignment],
    assigned: Mapping[str, Assignment],
    stood: Mapping[str, Assignment],
) -> tuple[ThemeEvent, ...]:
    """Ends and returns of themes, parts, names, pins, and statements moved from theme to theme.

    A correction that cannot be applied, and that will not be by itself, is among them every week;
    `untold` leaves out what readers know.

    Args:
        found, placed: what the engine has; themes, assigned: what stands; before, stood: what did.
    """
    taken: Counter[str] = Counter()
    pairs: dict[tuple[str | None, str | None], Counter[str]] = {}
    for name, row in assigned.items():
        old = stood.get(name, placed[name])
        if old.theme_id == row.theme_id:
            continue
        if old.theme_id is not None:
            taken[old.theme_id] += 1
        told = {reason_of(row), reason_of(old)}
        # What its theme's end did is told with that; what is placed once more since is not.
        reasons = told if told == {"removed"} else told & _BY_TEXT
        # What is new and merely follows is how the theme grows, as other new statements are.
        if reasons and (name in stood or reason_of(row) != "like a moved one"):
            pairs.setdefault((old.theme_id, row.theme_id), Counter())[reason_of(row)] += 1
    events = [_moved(week, pair, pairs[pair], themes) for pair in sorted(pairs, key=str)]
    origins = {child: name for name, end in plan.ends.items() for child in end.successors}
    for name in sorted(themes):
        was, now = before.get(name), themes[name]
        events.extend(
            _life(week, plan, was, now, taken=taken[name], origins=origins, themes=themes)
        )
        events.extend(_name_and_pin(week, plan, was, now, found.get(name)))
    events.extend(
        ThemeEvent(
            week,
            one.correction.theme_id,
            "not applied",
            f"{one.correction.kind}: {one.reason}",
            tuple(filter(None, [one.correction.into])),
        )
        for one in plan.not_applied
        if not one.waits and one.correction.theme_id in themes
    )
    return tuple(events)


def untold(events: Sequence[ThemeEvent], told: Iterable[ThemeEvent]) -> tuple[ThemeEvent, ...]:
    """The events without corrections that still cannot be applied for the reason told last.

    Args:
        events: those of one week.
        told: those of the weeks before.
    """
    last: dict[tuple[str, str, tuple[str, ...]], tuple[str, set[str]]] = {}
    for one in sorted(told, key=lambda event: event.week):
        if one.kind == "not applied":
            week, details = last.get(_subject(one), ("", set()))
            last[_subject(one)] = (
                one.week,
                {one.detail} | (details if week == one.week else set()),
            )
    return tuple(
        one
        for one in events
        if one.kind != "not applied" or one.detail not in last.get(_subject(one), ("", set()))[1]
    )


def _subject(event: ThemeEvent) -> tuple[str, str, tuple[str, ...]]:
    """What a correction that was not applied was about: theme, kind of correction, other themes."""
    return event.theme_id, event.detail.partition(":")[0], event.related


def _life(
    week: str,
    plan: Plan,
    was: Theme | None,
    now: Theme,
    *,
    taken: int,
    origins: Mapping[str, str],
    themes: Mapping[str, Theme],
) -> list[ThemeEvent]:
    ended = was.ended if was else ""
    if made_by_person(now.id) and not now.ended and (was is None or ended == "removed"):
        if now.id.startswith(BORN):
            why = _why(plan.births[now.id].why)
            return [ThemeEvent(week, now.id, "born", f"{now.label}: {why}")]
        origin = origins[now.id]
        why = _why(plan.ends[origin].why)
        detail = f"{now.label}, out of {themes[origin].label}: {why}"
        return [ThemeEvent(week, now.id, "born by split", detail, (origin,))]
    if now.ended in BY_PERSON and (ended, was.successors if was else ()) != (
        now.ended,
        now.successors,
    ):
        end = plan.ends.get(now.id)
        if end is None and made_by_person(now.id):
            detail = "the decision that made it was taken back"
        elif end is None:
            detail = "none of its themes is left"
        else:
            into = " and ".join(themes[name].label for name in now.successors)
            detail = f"{f'into {into}, ' if into else ''}{_count(taken)}, {_why(end.why)}"
        return [ThemeEvent(week, now.id, now.ended, detail, now.successors)]
    if ended in BY_PERSON and now.ended not in BY_PERSON:
        detail = f"it had been {ended}; that was taken back"
        return [ThemeEvent(week, now.id, "restored", detail, was.successors if was else ())]
    if ended == "quiet" and not now.ended and now.id in plan.kept and now.id not in plan.pins:
        return [ThemeEvent(week, now.id, "revived", "people send statements to it")]
    return []


def _name_and_pin(
    week: str, plan: Plan, was: Theme | None, now: Theme, found: Theme | None
) -> list[ThemeEvent]:
    events: list[ThemeEvent] = []
    label = was.label if was else found.label if found else now.found_label or now.label
    if label != now.label and now.id in plan.renames:
        events.append(ThemeEvent(week, now.id, "renamed", f"{now.label} (by a person)"))
    elif label != now.label and was is not None and was.found_label:
        detail = f"{now.label} (as found; the name a person gave was taken back)"
        events.append(ThemeEvent(week, now.id, "renamed", detail))
    if now.pinned and not (was and was.pinned):
        events.append(ThemeEvent(week, now.id, "pinned", _why(plan.pins[now.id])))
    elif was and was.pinned and not now.pinned and not now.ended:
        events.append(ThemeEvent(week, now.id, "unpinned", "the pin was taken back"))
    return events


def _moved(
    week: str,
    pair: tuple[str | None, str | None],
    reasons: Counter[str],
    themes: Mapping[str, Theme],
) -> ThemeEvent:
    """Told of the theme that takes them; of the one that loses them, when no theme does."""
    source, target = pair
    subject, other = (target, source) if target is not None else (source, None)
    assert subject is not None
    told = [
        (reasons["moved"], "moved by a person"),
        (reasons["like a moved one"], "like those"),
        (reasons["linked"], "linked by a person"),
        (reasons["removed"], "placed anew, as their own theme was removed"),
        (sum(reasons[key] for key in reasons if key not in _TOLD), "by a change of decisions"),
    ]
    came = f"from {themes[source].label}" if source is not None else "that stood in no theme"
    where = came if target is not None else "that stand in no theme now"
    how = ", ".join(f"{count} {words}" for count, words in told if count)
    detail = f"{_count(sum(reasons.values()))} {where}: {how}"
    return ThemeEvent(week, subject, "moved", detail, (other,) if other is not None else ())


def _count(number: int) -> str:
    return f"{number} statement{'' if number == 1 else 's'}"


def _why(why: str) -> str:
    return f"by a person: {why}" if why else "by a person"
