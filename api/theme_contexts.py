"""What a theme's page shows, as data: its template sees these fields and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from api.page_contexts import Said, ThemeRow
from nlp.records import Theme
from nlp.theme_segments import SegmentShare
from nlp.theme_series import WeekRate
from report.document import RootCauseLine
from report.life import Moment
from report.trend_chart import Mark
from service.correction_list import Recorded


@dataclass(frozen=True, slots=True)
class SegmentShown:
    """An attribute value over- or under-represented in a theme, and the same in words."""

    share: SegmentShare
    text: str


@dataclass(frozen=True, slots=True)
class SegmentChoice:
    """An attribute that statements can be filtered by. `chosen`: the value in force, or empty."""

    name: str
    values: tuple[str, ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class StatementFilters:
    """The filters of the statements in force, empty where there is none, and what can be chosen.

    `active`: whether any is in force. `segments`: attributes with few enough values to list.
    """

    active: bool
    words: str
    kind: str
    since: str
    until: str
    kinds: tuple[str, ...]
    weeks: tuple[str, ...]
    segments: tuple[SegmentChoice, ...]


@dataclass(frozen=True, slots=True)
class ThemePage:
    """One theme among those of `week`, counted with today's feedback.

    latest: the last published week. parent, children, siblings: its place in the tree.
    weeks: its series, the last half year at most; marks: onsets and dated events within them.
    friction_weeks: weeks its reach is counted on.
    score_effect: what a mention costs in scores, in words; after_effects: coming back, reopened,
    days to resolve. segments: who speaks of it more or less than others, in the last
    `segment_weeks` weeks; those called only, of two values that mirror each other the
    stronger. segments_tested: values looked at.
    statements: a page of those that the filters let through, `found` of `statement_total`.
    copies: that many mentions are one text, in words; empty where they are not.
    more: query of the next page of statements, or empty. earlier, later: neighbouring weeks.
    waiting: corrections of it that the next run applies; of the latest week only.
    """

    section: str
    week: str
    latest: str
    earlier: str | None
    later: str | None
    row: ThemeRow
    parent: Theme | None
    children: tuple[ThemeRow, ...]
    siblings: tuple[ThemeRow, ...]
    weeks: tuple[WeekRate, ...]
    marks: tuple[Mark, ...]
    friction_weeks: int
    score_effect: str
    after_effects: tuple[str, ...]
    segments: tuple[SegmentShown, ...]
    segments_tested: int
    segment_weeks: int
    causes: tuple[RootCauseLine, ...]
    life: tuple[Moment, ...]
    typical: tuple[str, ...]
    filters: StatementFilters
    statements: tuple[Said, ...]
    found: int
    statement_total: int
    copies: str
    more: str
    waiting: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class EndedThemePage:
    """A theme that is no longer alive in `week`: how it ended, and what took its place."""

    section: str
    week: str
    theme: Theme
    standing: str
    successors: tuple[Theme, ...]
    life: tuple[Moment, ...]
