"""What the owners' pages show, as data: a template sees these fields and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from api.page_contexts import CauseRow, ThemeRow
from api.schemas.owners import OwnerOut
from api.theme_contexts import StatementFilters
from report.document import Point


@dataclass(frozen=True, slots=True)
class OwnersPage:
    """All owners, the costliest first. `most`: the highest sum of scores among them.

    unowned, unconfirmed: narrow themes that nobody owns, and those whose owner somebody has to
    confirm. part: the part of the feedback that is counted, and what can be chosen; part_query: the
    same part as a query, for links.
    """

    section: str
    week: str
    owners: tuple[OwnerOut, ...]
    most: float
    unowned: int
    unconfirmed: int
    part: StatementFilters
    part_query: str


@dataclass(frozen=True, slots=True)
class OwnedTheme:
    """A theme on its owner's page. `series`: customers a week, the last one marked.

    effort_why: who says its effort; empty where it is not ranked.
    """

    row: ThemeRow
    series: tuple[Point, ...]
    effort_why: str


@dataclass(frozen=True, slots=True)
class OwnerPage:
    """One owner and what is theirs, costliest first; of long lists their beginning.

    more_rows, more_moved, more_causes, more_to_confirm: how many more there are of each list.
    themes_href, causes_href: addresses of the tables that have them all, in the same part.
    moved: themes of theirs that are new, rising or falling this week, in this order; broad ones
    left out. causes: root causes nobody has confirmed or rejected, by rank. to_confirm: themes
    whose owner somebody has to confirm. ranked: friction points of the week, all owners together.
    share: part of all scores that is theirs, 0..1; None where nothing is ranked. reach_weeks:
    weeks that customers reached are counted on. part: the part of the feedback that is counted, and
    what can be chosen; part_query: the same part as a query, for links.
    """

    section: str
    week: str
    owner: OwnerOut
    rows: tuple[OwnedTheme, ...]
    moved: tuple[ThemeRow, ...]
    causes: tuple[CauseRow, ...]
    to_confirm: tuple[ThemeRow, ...]
    more_rows: int
    more_moved: int
    more_causes: int
    more_to_confirm: int
    themes_href: str
    causes_href: str
    ranked: int
    share: float | None
    reach_weeks: int
    part: StatementFilters
    part_query: str
