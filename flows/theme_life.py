"""What the store knows of one theme: as it stands, and how it came to that."""

from __future__ import annotations

import difflib
import json
from dataclasses import asdict, dataclass
from typing import Any

from flows.settings import Settings
from labels.schema import load
from nlp.duplicates import Copies, distinct
from nlp.records import Friction, OwnerMatch, StageMatch, Theme, Trend, text_sha
from report.life import Moment, standing
from service.theme_life import theme_moments
from store.copies import theme_copies
from store.corrections import correction
from store.database import Session
from store.decisions import Decision, all_decisions
from store.snapshots import load_friction, load_owners, load_stages, load_trends, published_weeks
from store.statements import texts_by_sha
from store.themes import themes_as_of
from store.verdicts import JUDGING

COPY_WEEKS = 12  # a quarter, as in the report
_TYPICAL = 5  # statements that are shown; a theme remembers some thirty, the most typical first


class UnknownThemeError(LookupError):
    """There is no theme of this id; the message says which there are."""


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One theme in a list; mentions and customers are those of the week published last."""

    id: str
    level: str
    label: str
    state: str
    parent_id: str | None
    mentions: int
    customers: int
    owner: str


@dataclass(frozen=True, slots=True)
class ThemePage:
    """One theme as it stands. `children`: (id, name) of the leaves of a parent.

    `copies`: the text with most copies in the last `COPY_WEEKS` weeks, where there are many.
    """

    theme: Theme
    state: str
    parent: str
    children: tuple[tuple[str, str], ...]
    typical: tuple[str, ...]
    owner: OwnerMatch | None
    stage: StageMatch | None
    trend: Trend | None
    friction: Friction | None
    copies: Copies | None


@dataclass(frozen=True, slots=True)
class ThemeHistory:
    """One theme's life, the decisions about it (undone ones too), and its published weeks."""

    theme: Theme
    state: str
    moments: tuple[Moment, ...]
    decisions: tuple[Decision, ...]
    published: tuple[Trend, ...]

    def plain(self) -> dict[str, Any]:
        """For JSON: what people read, and every number behind it."""
        return {
            "id": self.theme.id,
            "label": self.theme.label,
            "level": self.theme.level,
            "state": self.state,
            "born_week": self.theme.born_week,
            "retired_week": self.theme.retired_week,
            "successors": list(self.theme.successors),
            "life": [asdict(moment) for moment in self.moments],
            "decisions": [asdict(one) | {"value": json.loads(one.value)} for one in self.decisions],
            "published": [
                {"week": one.week, "statements": one.statements, "customers": one.customers}
                for one in self.published
            ],
        }


def list_themes(session: Session, *, ended: bool) -> list[ThemeRow]:
    """Themes by level, customers of the week published last (most first) and id."""
    published = published_weeks(session)
    week = published[-1] if published else ""
    trends = {trend.theme_id: trend for trend in load_trends(session, week=week)}
    owners = load_owners(session, week)
    rows = [
        ThemeRow(
            theme.id,
            theme.level,
            theme.label,
            standing(theme),
            theme.parent_id,
            trends[theme.id].statements if theme.id in trends else 0,
            trends[theme.id].customers if theme.id in trends else 0,
            owners[theme.id].owner_name if theme.id in owners else "",
        )
        for theme in themes_as_of(session)
        if ended or theme.retired_week is None
    ]
    return sorted(rows, key=lambda row: (row.level, -row.customers, row.id))


def theme_page(session: Session, settings: Settings, theme_id: str) -> ThemePage:
    """One theme as it stands after the week run last.

    Raises:
        UnknownThemeError: there is none of this id.
    """
    themes, theme = _find(session, theme_id)
    published = published_weeks(session)
    week = published[-1] if published else ""
    trends = [one for one in load_trends(session, week=week) if one.theme_id == theme_id]
    points = [one for _, one in load_friction(session, week=week) if one.theme_id == theme_id]
    texts = texts_by_sha(session, theme.exemplars)
    if theme.seeded_by is not None:
        intent = load(settings.labels_dir).intent(theme.seeded_by)
        texts |= {text_sha(text): text for text in (intent.examples if intent else ())}
    parent = themes.get(theme.parent_id or "")
    return ThemePage(
        theme=theme,
        state=standing(theme),
        parent=parent.label if parent else "",
        children=tuple(
            (one.id, one.label)
            for one in themes.values()
            if one.parent_id == theme_id and one.retired_week is None
        ),
        typical=distinct([texts[sha] for sha in theme.exemplars if sha in texts])[:_TYPICAL],
        owner=load_owners(session, week).get(theme_id),
        stage=load_stages(session, week).get(theme_id),
        trend=trends[0] if trends else None,
        friction=points[0] if points else None,
        copies=theme_copies(session, theme_id, week=week, weeks=COPY_WEEKS) if week else None,
    )


def theme_history(session: Session, theme_id: str) -> ThemeHistory:
    """One theme's life, from all weeks that were run.

    Raises:
        UnknownThemeError: there is none of this id.
    """
    themes, theme = _find(session, theme_id)
    published = tuple(sorted(load_trends(session, theme_id=theme_id), key=lambda one: one.week))
    moments = theme_moments(session, theme, themes=themes.values(), published=published)
    return ThemeHistory(
        theme=theme,
        state=standing(theme),
        moments=moments,
        decisions=tuple(one for one in all_decisions(session) if theme_id in _subjects(one)),
        published=published,
    )


def _find(session: Session, theme_id: str) -> tuple[dict[str, Theme], Theme]:
    themes = {theme.id: theme for theme in themes_as_of(session)}
    if theme_id in themes:
        return themes, themes[theme_id]
    if not themes:
        raise UnknownThemeError(
            f"there is no theme {theme_id}: there are none yet; they come with: groundswell run"
        )
    near = difflib.get_close_matches(theme_id, themes, n=1)
    hint = f"; did you mean {near[0]} ({themes[near[0]].label})?" if near else "."
    raise UnknownThemeError(
        f"there is no theme {theme_id}{hint} All ids: groundswell themes list --all"
    )


def _subjects(decision: Decision) -> set[str]:
    """The themes that a decision is about: named in it, or made by it."""
    if decision.kind in JUDGING:
        return {decision.theme_id} - {""}
    made = correction(decision)
    return {made.theme_id, made.into, *made.children} - {""}
