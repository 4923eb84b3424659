"""Themes through time: a row for each week in which a theme changed, and the events of its life."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from nlp.records import Theme, ThemeEvent
from store.database import Session
from store.revision import mark_changed
from store.rows import insert, read, read_keyed, sha256, to_row
from store.tables import THEME_EVENT, THEME_VERSION


def save_themes(session: Session, week: str, themes: Sequence[Theme]) -> int:
    """Keep the state of themes from `week` on; only those that differ from the state before.

    Returns:
        How many themes were written.
    """
    before = {theme.id: theme for theme in themes_as_of(session, week)}
    changed = [theme for theme in themes if before.get(theme.id) != theme]
    rows = [to_row(theme, week=week) for theme in sorted(changed, key=lambda theme: theme.id)]
    if rows:
        mark_changed(session, "published")
    insert(session, THEME_VERSION, rows, on_conflict="update")
    return len(rows)


def themes_as_of(
    session: Session, week: str | None = None, *, theme_id: str | None = None
) -> tuple[Theme, ...]:
    """Each theme as its latest version up to `week` has it, sorted by id; retired ones included.

    With `theme_id` only that one.
    """
    where = [] if week is None else [THEME_VERSION.c.week <= week]
    if theme_id is not None:
        where.append(THEME_VERSION.c.id == theme_id)
    order = [THEME_VERSION.c.id, THEME_VERSION.c.week]
    versions = read(session, Theme, THEME_VERSION, *where, order=order)
    return tuple({theme.id: theme for theme in versions}.values())


def theme_versions(session: Session) -> list[tuple[str, Theme]]:
    """(week, theme) pairs: every state of every theme and since when, by theme and week."""
    found = read_keyed(session, Theme, THEME_VERSION, "week")
    return sorted(found, key=lambda pair: (pair[1].id, pair[0]))


def save_theme_events(session: Session, events: Sequence[ThemeEvent]) -> None:
    """Keep events; the same event twice is one."""
    rows = {
        sha256([event.week, event.theme_id, event.kind, event.detail, event.related]): event
        for event in events
    }
    insert(
        session,
        THEME_EVENT,
        [to_row(rows[digest], digest=digest) for digest in sorted(rows)],
        on_conflict="ignore",
    )


def theme_events(
    session: Session,
    *,
    theme_id: str | None = None,
    until_week: str | None = None,
    kind: str | None = None,
) -> list[ThemeEvent]:
    """Events of one theme or of all, up to a week, sorted by week, theme, kind and detail.

    With `kind` only those of it.
    """
    where: list[ColumnElement[bool]] = []
    if theme_id is not None:
        where.append(THEME_EVENT.c.theme_id == theme_id)
    if until_week is not None:
        where.append(THEME_EVENT.c.week <= until_week)
    if kind is not None:
        where.append(THEME_EVENT.c.kind == kind)
    found = read(session, ThemeEvent, THEME_EVENT, *where, order=[])
    return sorted(found, key=lambda e: (e.week, e.theme_id, e.kind, e.detail, e.related))
