"""What a week published. Everything of a week is replaced together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import JSON, ColumnElement, Table, Text, cast, delete, func, select, tuple_

from nlp.records import Cause, Friction, OwnerMatch, RootCause, StageMatch, Trend
from nlp.weeks import shift
from store.database import Session
from store.revision import mark_changed
from store.rows import Row, among, insert, read, read_keyed, to_row
from store.tables import CAUSE, FRICTION, OWNER_MATCH, REPORT, ROOT_CAUSE, STAGE_MATCH, TREND

SNAPSHOT_TABLES = (TREND, CAUSE, ROOT_CAUSE, FRICTION, OWNER_MATCH, STAGE_MATCH, REPORT)


def save_snapshot(
    session: Session,
    week: str,
    *,
    trends: Sequence[Trend],
    causes: Sequence[Cause],
    friction: Sequence[Friction],
    owners: Mapping[str, OwnerMatch],
    stages: Mapping[str, StageMatch],
    report_json: str,
    root_causes: Sequence[RootCause] = (),
) -> None:
    """Publish a week; what it had published before is replaced.

    Raises:
        ValueError: when a trend belongs to another week.
    """
    other = sorted({trend.week for trend in trends} - {week})
    if other:
        raise ValueError(f"the snapshot of {week} was given trends of {', '.join(other)}")
    mark_changed(session, "published")
    connection = session.connection()
    for table in SNAPSHOT_TABLES:
        connection.execute(delete(table).where(table.c.week == week))
    insert(session, TREND, _sorted_rows(to_row(trend) for trend in trends))
    insert(session, CAUSE, _sorted_rows(to_row(cause, week=week) for cause in causes))
    insert(session, ROOT_CAUSE, _sorted_rows(to_row(one, week=week) for one in root_causes))
    insert(session, FRICTION, _sorted_rows(to_row(one, week=week) for one in friction))
    for table, matches in ((OWNER_MATCH, owners), (STAGE_MATCH, stages)):
        rows = (to_row(match, week=week, theme_id=key) for key, match in matches.items())
        insert(session, table, _sorted_rows(rows))
    insert(session, REPORT, [{"week": week, "report_json": report_json}])


def load_trends(
    session: Session, *, week: str | None = None, theme_id: str | None = None
) -> list[Trend]:
    """Published trends of a week or of all, of a theme or of all.

    By week, rank (unranked last) and theme. What a theme had before it ended stays.
    """
    where = _of(TREND, week)
    if theme_id is not None:
        where.append(TREND.c.theme_id == theme_id)
        if week is None:  # the key begins with the week: so it is looked up in each, not sought
            where.append(TREND.c.week.in_(select(REPORT.c.week)))
    found = read(session, Trend, TREND, *where, order=[])
    return sorted(found, key=lambda one: (one.week, *_rank(one.rank), one.theme_id))


def rising_before(session: Session, week: str) -> list[Trend]:
    """The trends that rose in the weeks before a week without a break, the latest week first."""
    found: list[Trend] = []
    going_on: set[str] | None = None
    while going_on is None or going_on:
        week = shift(week, -1)
        where = (TREND.c.week == week, TREND.c.status == "rising")
        rose = read(session, Trend, TREND, *where, order=[TREND.c.theme_id])
        kept = [one for one in rose if going_on is None or one.theme_id in going_on]
        going_on = {one.theme_id for one in kept}
        found += kept
    return found


def load_causes(
    session: Session,
    *,
    week: str | None = None,
    ids: Collection[str] | None = None,
    theme_id: str | None = None,
) -> list[tuple[str, Cause]]:
    """(week, cause) pairs of a week or of all, by week, theme, rank (unranked last) and id.

    With `ids` only those causes, with `theme_id` only those of that theme.
    """
    where = _of(CAUSE, week)
    if theme_id is not None:
        where.append(CAUSE.c.theme_id == theme_id)
    if ids is not None:
        where.append(among(session, CAUSE.c.id, ids))
    found = read_keyed(session, Cause, CAUSE, "week", *where)
    return sorted(found, key=lambda one: (one[0], one[1].theme_id, *_rank(one[1].rank), one[1].id))


def load_root_causes(
    session: Session,
    *,
    week: str | None = None,
    ids: Collection[str] | None = None,
    themes: Collection[str] | None = None,
) -> list[tuple[str, RootCause]]:
    """(week, root cause) pairs of a week or of all, by week, rank (unranked last), theme and id.

    With `ids` only those root causes, with `themes` only those of these themes.
    """
    where = _of(ROOT_CAUSE, week)
    if ids is not None:
        where.append(among(session, ROOT_CAUSE.c.id, ids))
    if themes is not None:
        where.append(among(session, ROOT_CAUSE.c.theme_id, themes))
    found = read_keyed(session, RootCause, ROOT_CAUSE, "week", *where)
    return sorted(found, key=lambda one: (one[0], *_rank(one[1].rank), one[1].theme_id, one[1].id))


def last_root_causes(
    session: Session, *, before_week: str | None = None, ids: Collection[str] | None = None
) -> list[tuple[str, RootCause]]:
    """(week, root cause) pairs: each as it was published last, by id.

    With `before_week`, as it was before that week; with `ids` only those.
    """
    table = ROOT_CAUSE.c
    earlier = [] if before_week is None else [table.week < before_week]
    if ids is not None:
        earlier.append(among(session, table.id, ids))
    last = select(table.id, func.max(table.week).label("week")).where(*earlier).group_by(table.id)
    newest = last.subquery()
    found = read_keyed(
        session,
        RootCause,
        ROOT_CAUSE,
        "week",
        tuple_(table.id, table.week).in_(select(newest.c.id, newest.c.week)),
    )
    return sorted(found, key=lambda pair: pair[1].id)


def told_root_cause(
    session: Session, cause_id: str, *, week: str | None = None
) -> tuple[str, RootCause] | None:
    """(week, root cause) as a week published it, or (None) as it was published last."""
    table = ROOT_CAUSE.c
    weeks = select(REPORT.c.week) if week is None else [week]
    wanted = select(func.max(table.week)).where(table.id == cause_id, table.week.in_(weeks))
    last = session.connection().execute(wanted).scalar_one_or_none()
    where = (table.id == cause_id, table.week == last)
    return next(iter(read_keyed(session, RootCause, ROOT_CAUSE, "week", *where)), None)


def known_root_causes(session: Session, *, before_week: str) -> list[RootCause]:
    """Every root cause that was ever told before a week, as it was told last, by id.

    `evidence` names the pieces that this cause held last of all causes, also those that were not
    found any more when it was told last: when they come back, they come back to it.
    """
    table = ROOT_CAUSE.c
    wanted = (
        select(table.id, table.evidence)
        .where(table.week < before_week)
        .order_by(table.week, table.id)
    )
    holder: dict[str, str] = {}
    for name, pieces in session.connection().execute(wanted):
        holder.update(dict.fromkeys(pieces, name))
    held: dict[str, list[str]] = {}
    for piece, name in sorted(holder.items()):
        held.setdefault(name, []).append(piece)
    return [
        replace(one, evidence=tuple(held.get(one.id, ())))
        for _, one in last_root_causes(session, before_week=before_week)
    ]


def load_friction(
    session: Session, *, week: str | None = None, theme_id: str | None = None
) -> list[tuple[str, Friction]]:
    """(week, friction) pairs of a week or of all, by week, rank (unranked last) and theme.

    With `theme_id` only that theme's.
    """
    where = _of(FRICTION, week)
    if theme_id is not None:
        where.append(FRICTION.c.theme_id == theme_id)
    found = read_keyed(session, Friction, FRICTION, "week", *where)
    return sorted(found, key=lambda one: (one[0], *_rank(one[1].rank), one[1].theme_id))


def friction_ranks(session: Session, week: str) -> dict[str, int | None]:
    """Theme id to its rank in the backlog of a week, and to None where it had none."""
    table = FRICTION.c
    wanted = select(table.theme_id, table.rank).where(table.week == week).order_by(table.theme_id)
    return dict(session.connection().execute(wanted).tuples().all())


def load_owners(session: Session, week: str) -> dict[str, OwnerMatch]:
    """Theme id to owner, as published in a week, sorted by theme."""
    return dict(
        sorted(read_keyed(session, OwnerMatch, OWNER_MATCH, "theme_id", *_of(OWNER_MATCH, week)))
    )


def load_stages(session: Session, week: str) -> dict[str, StageMatch]:
    """Theme id to journey stage, as published in a week, sorted by theme."""
    return dict(
        sorted(read_keyed(session, StageMatch, STAGE_MATCH, "theme_id", *_of(STAGE_MATCH, week)))
    )


def load_report(session: Session, week: str) -> str | None:
    """The report document of a week as JSON; None when the week was not published."""
    wanted = select(REPORT.c.report_json).where(REPORT.c.week == week)
    return session.connection().execute(wanted).scalar_one_or_none()


def load_report_parts(session: Session, part: str) -> list[tuple[str, str]]:
    """(week, JSON text of one part) of every published report, the earliest first."""
    text = REPORT.c.report_json
    if session.get_bind().dialect.name == "sqlite":
        wanted: ColumnElement[str] = func.json_extract(text, f"$.{part}")
    else:
        wanted = cast(cast(text, JSON)[part], Text)
    found = session.connection().execute(select(REPORT.c.week, wanted).order_by(REPORT.c.week))
    return [(week, told) for week, told in found]


def published_weeks(session: Session) -> list[str]:
    """The weeks that were published, the earliest first."""
    weeks = session.connection().execute(select(REPORT.c.week).order_by(REPORT.c.week))
    return list(weeks.scalars())


def _of(table: Table, week: str | None) -> list[ColumnElement[bool]]:
    return [] if week is None else [table.c.week == week]


def _rank(rank: int | None) -> tuple[bool, int]:
    return (rank is None, rank or 0)


def _sorted_rows(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["theme_id"], row.get("id", "")))
