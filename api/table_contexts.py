"""What the pages of tables show, as data: themes, the health of the data, definitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from api.schemas.runs import IngestOut, RunOut
from api.table_cells import CauseCells, ThemeCells
from api.theme_contexts import StatementFilters
from service.data_health import CoverageWeek, HealthOfData

Direction = Literal["", "ascending", "descending"]
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """The head of a column that can be sorted by.

    href: the same table sorted by it. direction: how it is sorted now; empty when by another.
    """

    title: str
    numeric: bool
    href: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class ThemeTablePage:
    """The themes of a week in a table. `chosen_*`: the filters in force; choices are (id, name).

    latest: the last published week. total: themes that fit the filters; `all_themes` without any.
    sort: the order in force, one of `sorts`. order_text: the same in words.
    chosen_week: the week asked for; empty for the last one. next_href, first_href: further rows,
    and the way back to the first; empty where there are none. part: the part of the feedback that
    customers in all are counted in, and what can be chosen.
    """

    section: str
    week: str
    latest: str
    rows: tuple[ThemeCells, ...]
    total: int
    all_themes: int
    columns: tuple[ColumnHead, ...]
    sort: str
    order_text: str
    next_href: str
    first_href: str
    export_href: str
    weeks: tuple[str, ...]
    owners: Choices
    stages: Choices
    statuses: Choices
    levels: Choices
    sorts: Choices
    chosen_words: str
    chosen_owner: str
    chosen_stage: str
    chosen_status: str
    chosen_level: str
    chosen_week: str
    filtered: bool
    part: StatementFilters


@dataclass(frozen=True, slots=True)
class CausesPage:
    """The root causes of a week, by rank. `chosen_*`: the filters in force; lists are (id, name).

    `chosen_week`: the week asked for, empty for the last one, which `latest` names. `part`: the
    part of the feedback that customers are counted in, and what can be chosen. `part_query`: the
    same part as a query, for links. `next_href`: further rows; empty where there are none.
    """

    section: str
    week: str
    latest: str
    rows: tuple[CauseCells, ...]
    total: int
    ranked: int
    next_href: str
    owners: Choices
    stages: Choices
    states: tuple[str, ...]
    statuses: tuple[str, ...]
    chosen_owner: str
    chosen_stage: str
    chosen_state: str
    chosen_status: str
    chosen_week: str
    filtered: bool
    part: StatementFilters
    part_query: str


@dataclass(frozen=True, slots=True)
class HealthPage:
    """How far the numbers can be trusted, and what to do when something is off.

    health: as `/v1/data-health` has it. drift_text: the residue's drift in a sentence.
    chart: its share by week, with a text that says the same. weeks: coverage of the latest ones;
    runs, ingests: the latest; all the last first; `more_...`: there are others.
    """

    section: str
    health: HealthOfData
    drift_text: str
    chart: Markup
    weeks: tuple[CoverageWeek, ...]
    more_weeks: bool
    runs: tuple[RunOut, ...]
    more_runs: bool
    ingests: tuple[IngestOut, ...]
    more_ingests: bool


@dataclass(frozen=True, slots=True)
class MetricShown:
    """A metric: `key` is its anchor and its name in labels/metrics.yaml."""

    key: str
    name: str
    definition: str
    formula: str
    guardian: str
    moves_when: str


@dataclass(frozen=True, slots=True)
class DefinitionsPage:
    """Every metric, in the order of labels/metrics.yaml. `own`: the file is not the package's."""

    section: str
    metrics: tuple[MetricShown, ...]
    own: bool
