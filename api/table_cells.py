"""The cells of a table's rows, ready to write: its template looks nothing up in the loop."""

from __future__ import annotations

from typing import NamedTuple

from api.page_contexts import CauseRow, ThemeRow
from api.rendering import cause_href, owner_href, theme_href
from nlp.records import OwnerMatch
from report.figures import short
from report.wording import count

_NO_OWNER = ("", "", False)


class ThemeCells(NamedTuple):
    """A theme in a table. Empty texts and a rank of None stand for what there is none of.

    ranks: the ranks it could as well have, where there are others.
    """

    rank: int | None
    ranks: str
    href: str
    label: str
    broad: bool
    owner_href: str
    owner: str
    unsure: bool
    stage: str | None
    status: str
    this_week: str
    change: str
    score: str
    customers: str


class CauseCells(NamedTuple):
    """A root cause in a table; as `ThemeCells`. tied: how many others have its rank."""

    rank: int | None
    ranks: str
    tied: str
    unranked: str
    href: str
    text: str
    exploratory: bool
    theme_href: str
    theme: str
    owner_href: str
    owner: str
    unsure: bool
    state: str
    pending: str
    trend: str
    customers: str
    score: str


def theme_cells(row: ThemeRow) -> ThemeCells:
    """What is written of a theme."""
    theme, friction, trend = row.theme, row.friction, row.trend
    rank = friction.rank if friction else None
    changed = trend is not None and trend.status != "not enough data"
    return ThemeCells(
        rank,
        _ranks(rank, friction.rank_low, friction.rank_high) if friction else "",
        theme_href(theme.id),
        theme.label,
        theme.level == "parent",
        *_owner(row.owner),
        row.stage.stage_name if row.stage else None,
        trend.status if trend else "",
        count(trend.customers, "customer") if trend else "",
        short(trend.rate_ratio) if trend and changed and trend.rate_ratio is not None else "",
        short(friction.score) if friction and friction.score is not None else "",
        f"{row.customers:,}",
    )


def cause_cells(row: CauseRow) -> CauseCells:
    """What is written of a root cause."""
    cause = row.cause
    return CauseCells(
        cause.rank,
        _ranks(cause.rank, cause.rank_low, cause.rank_high),
        count(len(cause.tied_with), "other") if cause.tied_with else "",
        row.unranked,
        cause_href(cause.id),
        row.text,
        cause.exploratory,
        theme_href(cause.theme_id),
        row.theme_label,
        *_owner(row.owner),
        cause.state,
        row.pending,
        row.trend,
        f"{cause.customers:,}",
        short(cause.score) if cause.score is not None else "",
    )


def _ranks(rank: int | None, low: int | None, high: int | None) -> str:
    return "" if rank is None or low == high else f"({low} to {high})"


def _owner(match: OwnerMatch | None) -> tuple[str, str, bool]:
    """Its page, its name, and whether that needs to be confirmed."""
    if match is None:
        return _NO_OWNER
    return owner_href(match.owner_id), match.owner_name, match.needs_confirmation
