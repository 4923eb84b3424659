"""A theme's life, from what the requests share: its events and what it was born of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from api.scope import SHELF, Shelf
from nlp.records import Theme, ThemeEvent, Trend
from report.life import Moment
from service.theme_life import theme_moments, theme_origin
from store.database import Session
from store.themes import theme_events

_Events = Mapping[str, tuple[ThemeEvent, ...]]


def theme_life(
    session: Session,
    theme: Theme,
    *,
    themes: Mapping[str, Theme],
    published: Sequence[Trend],
    week: str,
) -> tuple[Moment, ...]:
    """What happened to a theme up to a week, the earliest first.

    Args:
        themes: by id, for their names.
        published: the theme's own trends up to that week.
    """
    shelf = session.info.get(SHELF)
    if not isinstance(shelf, Shelf):
        return theme_moments(
            session, theme, themes=themes.values(), published=published, until_week=week
        )
    events = shelf.part(
        Shelf.revision(session, "all"), "", "events", lambda: _by_theme(theme_events(session))
    )
    said = Shelf.revision(session, "said")
    key = ("origin", said, theme.id, theme.level, theme.seeded_by, theme.born_week)
    origin = shelf.small(key, lambda: theme_origin(session, theme))
    return theme_moments(
        session,
        theme,
        themes=themes.values(),
        published=published,
        until_week=week,
        known=([one for one in events.get(theme.id, ()) if one.week <= week], origin),
    )


def _by_theme(events: Sequence[ThemeEvent]) -> _Events:
    """The events in which each theme took part, in their order."""
    found: dict[str, list[ThemeEvent]] = {}
    for event in events:
        for name in dict.fromkeys((event.theme_id, *event.related)):
            found.setdefault(name, []).append(event)
    return {name: tuple(own) for name, own in found.items()}
