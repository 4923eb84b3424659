"""A theme's life in plain sentences: what became of it, week by week, and who decided what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlp.records import Theme, ThemeEvent, Trend
from report.wording import count, listing, name

_WITHIN_A_WEEK = (  # causes before their consequences
    *("seeded", "described anew", "family", "born", "born by split", "revived", "restored"),
    *("adopted", "renamed", "pinned", "unpinned", "moved", "merged", "split", "dismissed"),
    *("removed", "retired", "not applied"),
)
_INTO = re.compile(r"^into .*?, (?=\d+ statement)")  # the sentence names them itself
_SENTENCES = {
    "seeded": "It is there because people described it ({detail})",
    "described anew": "People described it anew; it is called {label}",
    "family": "It was founded as the family of {others}",
    "adopted": "It came under {others}",
    "renamed": "It was renamed: {detail}",
    "retired": "It retired: {detail}",
    "revived": "It was heard again: {detail}",
    "restored": "It came back: {detail}",
    "moved": "Statements changed places: {detail}",
    "pinned": "It was pinned {detail}",
    "unpinned": "It may change again: {detail}",
    "not applied": "A decision about it has no effect: {detail}",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """What a theme was born of: distinct texts, messages and customers."""

    texts: int
    mentions: int
    customers: int


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened to a theme. `related`: the other themes that took part."""

    week: str
    kind: str
    sentence: str
    related: tuple[str, ...] = ()


def life(
    theme: Theme,
    events: Sequence[ThemeEvent],
    *,
    labels: Mapping[str, str],
    origin: Origin | None,
    published: Sequence[Trend],
) -> tuple[Moment, ...]:
    """A theme's life, the earliest first.

    Args:
        theme: as it stands now.
        events: of all themes; those of others count where this one took part.
        labels: theme id -> name, for the themes named.
        origin: what it was born of, if that is known.
        published: its trend in each published week, which stays when it ends.
    """
    moments = [
        _own(event, labels, origin, published) for event in events if event.theme_id == theme.id
    ]
    moments += [
        moment
        for event in events
        if event.theme_id != theme.id and theme.id in event.related
        if (moment := _others(event, labels)) is not None
    ]
    return tuple(sorted(moments, key=_order))


def standing(theme: Theme) -> str:
    """A theme's state in a few words: "alive", "quiet since 2026-W30", "merged in 2026-W12"."""
    if not theme.ended and theme.retired_week is None:
        return "alive, pinned" if theme.pinned else "alive"
    how = theme.ended or "retired"
    return f"{how} {'since' if how == 'quiet' else 'in'} {theme.retired_week}"


def _own(
    event: ThemeEvent,
    labels: Mapping[str, str],
    origin: Origin | None,
    published: Sequence[Trend],
) -> Moment:
    others = listing([_named(one, labels) for one in event.related])
    detail = event.detail
    if event.kind == "born":
        of = f" of {_origin(origin)}" if origin else ""
        sentence = f"It was born{of}; {_because(detail)}"
    elif event.kind == "born by split":
        sentence = f"It was made out of {others}, {detail.partition(': ')[2] or detail}"
    elif event.kind in {"merged", "split", "dismissed", "removed"}:
        into = f" into {others}" if others and event.kind in {"merged", "split"} else ""
        before = _before([trend for trend in published if trend.week < event.week])
        told = _INTO.sub("", detail) if into else detail
        sentence = f"It was {event.kind}{into} ({told}); {before}"
    else:
        words = _SENTENCES.get(event.kind, "{kind}: {detail}")
        sentence = words.format(
            kind=event.kind.capitalize(),
            detail=detail,
            others=others or name(detail),
            label=name(detail),
        )
    return Moment(event.week, event.kind, f"{sentence}.", event.related)


def _others(event: ThemeEvent, labels: Mapping[str, str]) -> Moment | None:
    """What happened to another theme, as this one saw it."""
    other = _named(event.theme_id, labels)
    match event.kind:
        case "merged":
            kind, sentence = "took in", f"It took in {other} ({_INTO.sub('', event.detail)})"
        case "adopted":
            kind, sentence = "adopts", f"{other} came under it"
        case "moved":
            kind, sentence = "gave", f"{other} took statements of it: {event.detail}"
        case "restored":
            kind, sentence = "gave back", f"{other} came back out of it: {event.detail}"
        case _:
            return None  # it has an event of its own about that
    return Moment(event.week, kind, f"{sentence}.", (event.theme_id,))


def _origin(origin: Origin) -> str:
    return (
        f"{count(origin.texts, 'text')} in {count(origin.mentions, 'message')} "
        f"of {count(origin.customers, 'customer')}"
    )


def _because(detail: str) -> str:
    """Births say "label: why that label"."""
    label, _, why = detail.partition(": ")
    return f"the name {name(label)}: {why}" if why else f"the name {name(label)}"


def _before(published: Sequence[Trend]) -> str:
    if not published:
        return "no week had been published with it"
    mentions = [trend.statements for trend in published]
    weeks = sorted(trend.week for trend in published)
    total = count(sum(mentions), "statement")
    return (
        f"before that, {weeks[0]} to {weeks[-1]} were published with {total} of it, "
        f"at most {max(mentions)} a week"
    )


def _named(theme_id: str, labels: Mapping[str, str]) -> str:
    return f"{name(labels[theme_id])} ({theme_id})" if theme_id in labels else theme_id


def _order(moment: Moment) -> tuple[str, int, str, str]:
    known = moment.kind in _WITHIN_A_WEEK
    rank = _WITHIN_A_WEEK.index(moment.kind) if known else _WITHIN_A_WEEK.index("moved")
    return (moment.week, rank, moment.kind, moment.sentence)
