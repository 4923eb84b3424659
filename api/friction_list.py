"""The backlog as one answer: what to fix first, for whom, why, whose it is, in whose words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Annotated

from api.cursors import Key, paginate
from api.filters import Filters, Paging, question
from api.quoting import theme_quotes
from api.ranking import ranked_within
from api.schemas.common import Page
from api.schemas.friction import Asked, FrictionPoint, friction_point
from api.scope import (
    Behind,
    Populations,
    Snapshot,
    Workbench,
    load_snapshot,
    pick_week,
    restricted,
)
from api.sorting import Value, order_of, sort_query
from api.views import cause_order, root_cause_row, told_within, with_ids
from labels.schema import Labels
from nlp.part import Part
from nlp.records import Friction, RootCause
from store.database import Session

_CAUSES = 3

SORTS: Mapping[str, Callable[[Friction], Value]] = {
    "rank": lambda item: item.rank,
    "score": lambda item: item.score,
    "reach": lambda item: item.reach,
    "impact": lambda item: item.impact,
    "confidence": lambda item: item.confidence,
    "effort": lambda item: item.effort,
    "revenue": lambda item: item.revenue,
    "label": lambda item: item.label.casefold(),
}

FrictionSort = Annotated[str | None, sort_query(SORTS, default="rank", example="-score")]


def friction_answer(
    session: Session,
    populations: Populations,
    labels: Labels,
    filters: Filters,
    paging: Paging,
    *,
    sort: str | None = None,
) -> Page[FrictionPoint]:
    """A page of the backlog, each point with causes, owner and three quotes.

    Without `since`, `until`, `kind` and segments these are the ranks the week published. With one
    of them, reach, impact and rank are computed anew over that part of the feedback, among all
    themes; causes are the published ones with evidence there, and quotes are of that part.
    Confidence and effort stay those of all feedback. `owner` and `stage` then choose from it.

    Raises:
        ProblemError: 404, when the week was not published; 422, for an owner, stage, segment or
            sort that is not known, and for a cursor of another question.
    """
    order = order_of(sort, SORTS, default="rank", tie=_tie)
    pinned = paging.cursor.week if paging.cursor else filters.week
    snapshot = load_snapshot(session, pick_week(session, week=pinned))
    chosen = snapshot.chosen(filters)
    population = populations.of(session, snapshot.week)
    part = restricted(population, filters)
    ranking = (
        ranked_within(part, snapshot=snapshot, labels=labels, filters=filters)
        if filters.restricts
        else snapshot.friction
    )
    found = paginate(
        [item for item in ranking if item.theme_id in chosen],
        key=order.key,
        descending=order.descending,
        limit=paging.limit,
        week=snapshot.week,
        question=question("friction points", filters, order.name),
        cursor=paging.cursor,
    )
    shown = {item.theme_id for item in found.rows}
    behind = _behind(session, snapshot, (population, part), filters, shown)
    asked = Asked.of(filters)
    return Page(
        week=snapshot.week,
        items=[
            friction_point(
                item,
                snapshot=snapshot,
                causes=behind[item.theme_id].causes,
                quotes=behind[item.theme_id].quotes,
                asked=asked,
            )
            for item in found.rows
        ],
        next_cursor=found.next_cursor,
    )


def _behind(
    session: Session,
    snapshot: Snapshot,
    populations: tuple[Part, Part],
    filters: Filters,
    shown: Collection[str],
) -> dict[str, Behind]:
    """Main causes and quotes of the themes shown; those that are not kept are made.

    Args:
        populations: all feedback of the week, and the part asked for.
    """
    population, part = populations
    bench: Workbench = part.shared
    mark, found = snapshot.mark, dict[str, Behind]()
    if mark is not None:
        for name in shown:
            if kept := bench.behind.found((snapshot.week, filters.part, mark, name)):
                found[name] = kept
    missing = [name for name in shown if name not in found]
    told: dict[str, list[RootCause]] = {}
    for cause in told_within(snapshot, population, part, missing, ids=False):
        if cause.state != "rejected":
            told.setdefault(cause.theme_id, []).append(cause)
    quotes = theme_quotes(session, snapshot, part, missing, last=filters.last_week(snapshot.week))
    for name in missing:
        best = [
            with_ids(snapshot, population, part, one)
            for one in sorted(told.get(name, ()), key=cause_order)[:_CAUSES]
        ]
        rows = tuple(root_cause_row(snapshot, one, population, part) for one in best)
        made = found[name] = Behind(rows, quotes[name])
        if mark is not None:
            bench.behind.of((snapshot.week, filters.part, mark, name), partial(_itself, made))
    return found


def _itself(made: Behind) -> Behind:
    return made


def _tie(item: Friction) -> Key:
    return (-item.reach, item.theme_id)
