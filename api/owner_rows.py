"""The owners' pages, put together from a snapshot and the feedback behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.filters import as_query
from api.owner_contexts import OwnedTheme, OwnerPage, OwnersPage
from api.page_contexts import ThemeRow
from api.page_rows import cause_rows, theme_points, theme_rows
from api.schemas.owners import OwnerOut, is_open, owners_out
from api.scope import Snapshot
from api.theme_contexts import StatementFilters
from api.views import cause_order
from labels.schema import Labels
from nlp.population import Population
from nlp.records import Verdict
from nlp.scoring import explaining_setting

_TREND_WEEKS = 12  # as in the weekly report
# Of each list: two screens full. An owner of a hundred themes finds the others in the tables, which
# can be sorted and filtered.
MOST_SHOWN = 20
_MOVED = {"new": 0, "rising": 1, "falling": 2}


@dataclass(frozen=True, slots=True)
class OwnersView:
    """What the owners' pages are made from, in the part of the feedback that is asked for.

    snapshot: as `narrowed` gives it for `part` of `population`; shown, given: the filters as the
    pages show them, and as links carry them on.
    """

    snapshot: Snapshot
    population: Population
    part: Population
    labels: Labels
    efforts: Mapping[str, float]
    verdicts: Mapping[str, Verdict]
    shown: StatementFilters
    given: Mapping[str, str | None]

    def query(self, **more: str) -> str:
        """The filters, and what more a link asks for, as what stands from the `?` on."""
        return as_query({**self.given, **more})

    def owners(self) -> list[OwnerOut]:
        """All owners with their numbers, by id."""
        return owners_out(self.snapshot, self.labels, efforts=self.efforts, verdicts=self.verdicts)


def owners_page(view: OwnersView) -> OwnersPage:
    """All owners with their numbers."""
    snapshot = view.snapshot
    owners = view.owners()
    owners.sort(key=lambda one: (-one.score, -one.themes, one.name, one.id))
    leaves = [theme.id for theme in snapshot.themes.values() if theme.level == "leaf"]
    return OwnersPage(
        section="owners",
        week=snapshot.week,
        owners=tuple(owners),
        most=max((one.score for one in owners), default=0.0),
        unowned=sum(name not in snapshot.owners for name in leaves),
        unconfirmed=sum(one.unconfirmed for one in owners),
        part=view.shown,
        part_query=view.query(),
    )


def owner_page(view: OwnersView, owner: OwnerOut) -> OwnerPage:
    """One owner with what is theirs."""
    snapshot, scoring = view.snapshot, view.labels.scoring
    theirs = set(owner.theme_ids)
    rows = sorted(theme_rows(snapshot, view.part, theirs), key=row_key)
    narrow = [row for row in rows if row.theme.level == "leaf"]
    moved = sorted(
        (row for row in narrow if row.trend and row.trend.status in _MOVED),
        key=lambda row: (_place(row), row_key(row)),
    )
    causes = sorted(
        (
            cause
            for cause in snapshot.root_causes
            if cause.theme_id in theirs and is_open(cause, view.verdicts)
        ),
        key=cause_order,
    )
    to_confirm = [row for row in narrow if row.owner and row.owner.needs_confirmation]
    total = sum(item.score for item in snapshot.friction if item.score is not None)
    return OwnerPage(
        section="owners",
        week=snapshot.week,
        owner=owner,
        rows=tuple(
            OwnedTheme(
                row=row,
                series=theme_points(
                    view.part, row.theme.id, week=snapshot.week, weeks=_TREND_WEEKS
                ),
                effort_why=explaining_setting(
                    scoring, theme_id=row.theme.id, owner_id=owner.id, decided=view.efforts
                ).effort_why
                if row.friction
                else "",
            )
            for row in rows[:MOST_SHOWN]
        ),
        moved=tuple(moved[:MOST_SHOWN]),
        causes=tuple(
            cause_rows(
                snapshot,
                causes[:MOST_SHOWN],
                population=view.population,
                part=view.part,
                verdicts=view.verdicts,
            )
        ),
        to_confirm=tuple(to_confirm[:MOST_SHOWN]),
        more_rows=_more(rows),
        more_moved=_more(moved),
        more_causes=_more(causes),
        more_to_confirm=_more(to_confirm),
        themes_href=f"/themes{view.query(owner=owner.id)}",
        causes_href=f"/causes{view.query(owner=owner.id)}",
        ranked=sum(item.rank is not None for item in snapshot.friction),
        share=owner.score / total if total > 0 else None,
        reach_weeks=scoring.window.friction_weeks,
        part=view.shown,
        part_query=view.query(),
    )


def _more(found: Sequence[object]) -> int:
    return max(0, len(found) - MOST_SHOWN)


def row_key(row: ThemeRow) -> tuple[bool, int, int, str]:
    """Themes by rank; unranked ones last, by customers; a total order."""
    rank = row.friction.rank if row.friction else None
    return (rank is None, rank or 0, -row.customers, row.theme.id)


def _place(row: ThemeRow) -> int:
    return _MOVED[row.trend.status] if row.trend else len(_MOVED)
