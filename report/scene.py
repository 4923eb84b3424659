"""What the parts of the report look up: the week's records, indexed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nlp.duplicates import Said, most_copied
from nlp.population import IntArray, Population
from nlp.records import Assignment, OwnerMatch, StageMatch, Statement, Theme
from nlp.weeks import shift, weeks_between
from report.document import Point
from report.wording import copies_note


@dataclass(frozen=True, slots=True)
class ReportConfig:
    """How much the report shows.

    top: friction points in full; ten is what a weekly meeting gets through.
    listed: themes in each of the lists of changes.
    causes, quotes: per friction point; three causes, so that each kind can show once.
    series_weeks: length of the trend lines, a quarter.
    quote_length: characters; about two lines on paper.
    """

    top: int = 10
    listed: int = 12
    causes: int = 3
    quotes: int = 3
    series_weeks: int = 12
    quote_length: int = 240


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the parts below look up; only to keep their signatures short."""

    week: str
    config: ReportConfig
    population: Population
    statements: Mapping[str, Statement]
    assignments: Mapping[str, Assignment]
    themes: Mapping[str, Theme]
    owners: Mapping[str, OwnerMatch]
    stages: Mapping[str, StageMatch]
    weeks: np.ndarray[tuple[int], np.dtype[np.str_]]
    shown_weeks: tuple[str, ...]

    def label(self, theme_id: str, fallback: str) -> str:
        """The theme's label in the registry, else the one a record carries."""
        theme = self.themes.get(theme_id)
        return theme.label if theme else fallback

    def owner(self, theme_id: str) -> tuple[str, str]:
        """Id and name of the theme's owner; empty where none was matched."""
        match = self.owners.get(theme_id)
        return (match.owner_id, match.owner_name) if match else ("", "")

    def stage(self, theme_id: str) -> str:
        """Name of the theme's journey stage; empty where none was matched."""
        match = self.stages.get(theme_id)
        return match.stage_name if match else ""


def make_scene(
    week: str,
    config: ReportConfig,
    population: Population,
    *,
    statements: Mapping[str, Statement],
    assignments: Mapping[str, Assignment],
    themes: Sequence[Theme],
    owners: Mapping[str, OwnerMatch],
    stages: Mapping[str, StageMatch],
) -> Scene:
    """Index the records of `week`; the trend lines begin with the first week of feedback."""
    names = population.week_names()
    first = min((name for name in names if name <= week), default=week)
    start = max(first, shift(week, 1 - config.series_weeks))
    return Scene(
        week=week,
        config=config,
        population=population,
        statements=statements,
        assignments=assignments,
        themes={theme.id: theme for theme in themes},
        owners=owners,
        stages=stages,
        weeks=np.array(names, dtype=np.str_)[population.places_of(names)],
        shown_weeks=weeks_between(start, week),
    )


def series(scene: Scene, members: IntArray, theme_id: str | None) -> tuple[Point, ...]:
    """Customers and statements a week; without a theme, messages stand in for statements."""
    weeks = scene.weeks[members]
    points: list[Point] = []
    for week in scene.shown_weeks:
        rows = members[weeks == week]
        said = (
            rows.size
            if theme_id is None
            else sum(len(scene.population.statements.get((theme_id, int(i)), ())) for i in rows)
        )
        points.append(Point(week, scene.population.distinct_customers(rows), int(said)))
    return tuple(points)


def theme_series(scene: Scene, theme_id: str) -> tuple[Point, ...]:
    """A theme's customers and statements a week, over the weeks shown."""
    nobody = np.zeros(0, dtype=np.int64)
    return series(scene, scene.population.members.get(theme_id, nobody), theme_id)


def copies_told(scene: Scene, theme_id: str, weeks: Sequence[str]) -> str:
    """That many of a theme's mentions in these weeks are one text; or ""."""
    population = scene.population
    rows = population.members.get(theme_id, np.zeros(0, dtype=np.int64))
    said: list[Said] = []
    for index in rows[np.isin(scene.weeks[rows], weeks)].tolist():
        message = population.feedback[index]
        for name in population.statements.get((theme_id, index), ()):
            statement = scene.statements.get(name)
            if statement is not None:
                said.append(Said(statement.text, message.key, message.customer))
    return copies_note(most_copied(said), weeks=len(weeks))


def finite(value: float | None) -> float | None:
    """JSON has no infinity: an open bound is a missing one."""
    return value if value is not None and np.isfinite(value) else None
