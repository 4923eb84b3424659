"""The owners' pages, put together from a snapshot and the feedback behind it."""

from __future__ import annotations

from collections.abc import Mapping

from api.owner_contexts import OwnedTheme, OwnerPage, OwnersPage
from api.page_contexts import ThemeRow
from api.page_rows import cause_rows, theme_points, theme_rows
from api.schemas.owners import OwnerOut, is_open, owners_out
from api.scope import Snapshot
from labels.schema import Labels
from nlp.population import Population
from nlp.records import Verdict
from nlp.scoring import explaining_setting

_TREND_WEEKS = 12  # as in the weekly report
_MOVED = {"new": 0, "rising": 1, "falling": 2}


def owners_page(
    snapshot: Snapshot,
    labels: Labels,
    *,
    efforts: Mapping[str, float],
    verdicts: Mapping[str, Verdict],
) -> OwnersPage:
    """All owners with their numbers."""
    owners = owners_out(snapshot, labels, efforts=efforts, verdicts=verdicts)
    owners.sort(key=lambda one: (-one.score, -one.themes, one.name, one.id))
    leaves = [theme.id for theme in snapshot.themes.values() if theme.level == "leaf"]
    return OwnersPage(
        section="owners",
        week=snapshot.week,
        owners=tuple(owners),
        most=max((one.score for one in owners), default=0.0),
        unowned=sum(name not in snapshot.owners for name in leaves),
        unconfirmed=sum(one.unconfirmed for one in owners),
    )


def owner_page(
    snapshot: Snapshot,
    population: Population,
    labels: Labels,
    owner: OwnerOut,
    *,
    efforts: Mapping[str, float],
    verdicts: Mapping[str, Verdict],
) -> OwnerPage:
    """One owner with what is theirs."""
    theirs = set(owner.theme_ids)
    rows = sorted(theme_rows(snapshot, population, theirs), key=row_key)
    narrow = [row for row in rows if row.theme.level == "leaf"]
    total = sum(item.score for item in snapshot.friction if item.score is not None)
    return OwnerPage(
        section="owners",
        week=snapshot.week,
        owner=owner,
        rows=tuple(
            OwnedTheme(
                row=row,
                series=theme_points(
                    population, row.theme.id, week=snapshot.week, weeks=_TREND_WEEKS
                ),
                effort_why=explaining_setting(
                    labels.scoring, theme_id=row.theme.id, owner_id=owner.id, decided=efforts
                ).effort_why
                if row.friction
                else "",
            )
            for row in rows
        ),
        moved=tuple(
            sorted(
                (row for row in narrow if row.trend and row.trend.status in _MOVED),
                key=lambda row: (_place(row), row_key(row)),
            )
        ),
        causes=tuple(
            row
            for row in cause_rows(snapshot, theirs, verdicts=verdicts)
            if is_open(row.cause, verdicts)
        ),
        to_confirm=tuple(row for row in narrow if row.owner and row.owner.needs_confirmation),
        ranked=sum(item.rank is not None for item in snapshot.friction),
        share=owner.score / total if total > 0 else None,
        reach_weeks=labels.scoring.window.friction_weeks,
    )


def row_key(row: ThemeRow) -> tuple[bool, int, int, str]:
    """Themes by rank; unranked ones last, by customers; a total order."""
    rank = row.friction.rank if row.friction else None
    return (rank is None, rank or 0, -row.customers, row.theme.id)


def _place(row: ThemeRow) -> int:
    return _MOVED[row.trend.status] if row.trend else len(_MOVED)
