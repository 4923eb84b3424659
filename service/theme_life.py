"""A theme's life, as the command line and its page tell it: what became of it, by whose will."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nlp.records import Theme, ThemeEvent, Trend
from report.life import Moment, Origin, life
from store.assignments import arrivals
from store.database import Session
from store.feedback import feedback_by_key
from store.statements import statements_by_id
from store.themes import theme_events


def theme_moments(
    session: Session,
    theme: Theme,
    *,
    themes: Iterable[Theme],
    published: Sequence[Trend],
    until_week: str | None = None,
    known: tuple[Sequence[ThemeEvent], Origin | None] | None = None,
) -> tuple[Moment, ...]:
    """What happened to a theme, the earliest first.

    Args:
        themes: all of them, for their names.
        published: the theme's own trends.
        until_week: nothing later is told; None tells all.
        known: the events in which it took part, and its origin, where they were read before.
    """
    events, origin = known or (
        theme_events(session, until_week=until_week),
        theme_origin(session, theme),
    )
    return life(
        theme,
        events,
        labels={one.id: one.label for one in themes},
        origin=origin,
        published=published,
    )


def theme_origin(session: Session, theme: Theme) -> Origin | None:
    """What a theme was born of: the statements that came to stand in it in its first week."""
    if theme.level != "leaf" or theme.seeded_by is not None:
        return None
    said = statements_by_id(session, arrivals(session, theme.id, theme.born_week)).values()
    messages = feedback_by_key(session, {item.feedback_key for item in said})
    if not messages:
        return None
    return Origin(
        texts=len({item.sha for item in said}),
        mentions=len(messages),
        customers=len({message.customer for message in messages.values()}),
    )
