"""The root causes of a week by rank, each beside its theme and owner, and as a table."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nlp.records import RootCause
from report.backlog import called, cause_order, why_unranked
from report.figures import short
from report.wording import count, shorten
from store.database import Session
from store.snapshots import last_root_causes, load_causes, load_owners, load_root_causes
from store.themes import themes_as_of

# Piped, rich takes 80 columns, which breaks every cell; a file can be as wide as it likes.
_PIPED_WIDTH = 180
_CAUSE_LENGTH = 90
_THEME_LENGTH = 40
_NOTE_WIDTH = 18


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A root cause as `week` told it, without rank and score unless that is the week asked for."""

    week: str
    cause: RootCause
    theme_label: str
    owner: str
    headline: str

    def plain(self) -> dict[str, Any]:
        """All fields as one mapping; those that came later stand last."""
        return {
            "week": self.week,
            **asdict(self.cause),
            "theme_label": self.theme_label,
            "owner": self.owner,
            "headline": self.headline,
        }


def cause_rows(session: Session, *, week: str, everything: bool) -> list[CauseRow]:
    """The root causes of a published week by rank, unranked ones last, of them the rejected.

    Args:
        everything: those that only other weeks told come after them, the latest first. Their ranks
            were among other causes, and are left out.
    """
    told = sorted(
        load_root_causes(session, week=week), key=lambda pair: (*cause_order(pair[1]), pair[0])
    )
    if everything:
        known = {one.id for _, one in told}
        gone = [pair for pair in last_root_causes(session) if pair[1].id not in known]
        gone.sort(key=lambda pair: pair[0], reverse=True)  # stable: by id within a week
        told += [(at, _unranked(one)) for at, one in gone]
    labels = {theme.id: theme.label for theme in themes_as_of(session)}
    labels |= {theme.id: theme.label for theme in themes_as_of(session, week)}
    owners = {at: load_owners(session, at) for at in sorted({at for at, _ in told})}
    pieces = {at: {one.id: one for _, one in load_causes(session, week=at)} for at in owners}
    rows = []
    for at, one in told:
        owner = owners[at].get(one.theme_id)
        label = labels.get(one.theme_id, "")
        name = owner.owner_name if owner else ""
        rows.append(CauseRow(at, one, label, name, called(one, pieces[at])))
    return rows


def print_causes(rows: Sequence[CauseRow], *, week: str) -> None:
    """Prints the rows to standard output, and how many there are."""
    table = Table(title=f"Root causes, {week}", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("rank", max_width=_NOTE_WIDTH)
    table.add_column("id", no_wrap=True)
    table.add_column("theme")
    table.add_column("owner")
    table.add_column("customers", justify="right")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("cause")
    for row in rows:
        one = row.cause
        words = (
            _rank(row, week),
            one.id,
            shorten(row.theme_label or one.theme_id, limit=_THEME_LENGTH),
            row.owner or "no owner yet",
            f"{one.customers:,}",
            short(one.score) if one.score is not None else "-",
            one.state,
            shorten(row.headline, limit=_CAUSE_LENGTH),
        )
        table.add_row(*(escape(word) for word in words))
    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(table)
    if any(row.cause.tied_with for row in rows):
        print(
            "= tied: its rank cannot be told apart from others'; groundswell explain ID names them"
        )
    print(_total(rows, week))


def _total(rows: Sequence[CauseRow], week: str) -> str:
    now = sum(row.week == week for row in rows)
    ranked = sum(row.cause.rank is not None for row in rows)
    line = f"{count(now, 'root cause')}, {ranked} ranked"
    return f"{line}; {len(rows) - now} told in other weeks only" if now < len(rows) else line


def _rank(row: CauseRow, week: str) -> str:
    """The rank with the ranks it could as well have, or in a few words why there is none."""
    one = row.cause
    if row.week != week:
        return f"- (last told in {row.week})"
    if one.rank is None:
        return why_unranked(one)
    tied = "=" if one.tied_with else ""
    if one.rank_low is None or one.rank_high is None or one.rank_low == one.rank_high:
        return f"{one.rank}{tied}"
    return f"{one.rank}{tied} ({one.rank_low} to {one.rank_high})"


def _unranked(cause: RootCause) -> RootCause:
    return replace(
        cause,
        score=None,
        score_low=None,
        score_high=None,
        rank=None,
        rank_low=None,
        rank_high=None,
        top5_probability=None,
        tied_with=(),
    )
