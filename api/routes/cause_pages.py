"""Pages for people: the root causes of a week, and one with all its evidence."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from api.cursors import paginate
from api.filters import Known, Paging, as_query, check_week, question, read_paging
from api.page_contexts import CausePage, PieceShown
from api.page_rows import cause_rows, said_pieces
from api.problems import ProblemError
from api.rendering import render_page
from api.routes.causes import known_cause
from api.routes.pages import by_name, no_data
from api.scope import load_snapshot, pick_week, restricted
from api.sessions import Reading, TheLabels, ThePopulations, TheWindows
from api.shelf import check_settled, known_weeks
from api.statement_filters import filters_of, filters_shown
from api.table_cells import cause_cells
from api.table_contexts import CausesPage
from api.theme_numbers import SERIES_WEEKS, onset_marks
from api.views import cause_order, told_within
from labels.schema import Labels
from nlp.explain import explain_root_cause
from nlp.records import CauseState, TrendStatus
from nlp.scoring import explaining_setting
from nlp.theme_series import theme_series
from report.backlog import root_cause_line
from report.cause_wording import score_parts, trend_text
from report.explain import change_text
from report.trend_chart import marked
from report.verdict_wording import pending_text
from store.database import Session
from store.root_causes import RootCauseFile, root_cause_file
from store.verdicts import active_efforts, active_verdicts

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_ROWS = 100
_STATEMENTS = 200  # of each piece; the API has all


@router.get("/causes", dependencies=[Depends(Known(*Known.SHARED, "state", "status"))])
def causes(
    request: Request,
    session: Reading,
    populations: ThePopulations,
    windows: TheWindows,
    paging: Annotated[Paging, Depends(read_paging)],
    *,
    state: Annotated[str, Query(max_length=200)] = "",
    status: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """All root causes of a published week in a table, the costliest first.

    With `since`, `until`, `kind` or a segment, customers are counted in that part of the feedback,
    and pieces and causes without evidence there are left out, as in `/v1/root-causes`.
    """
    published = known_weeks(session)
    if not published:
        return no_data(session, "causes")
    filters = filters_of(request)
    for name, value, known in (
        ("state", state, get_args(CauseState)),
        ("status", status, get_args(TrendStatus)),
    ):
        if value and value not in known:
            raise ProblemError(
                422, f"unknown-{name}", f"{value!r} is no {name} of a root cause", known=known
            )
    pinned = paging.cursor.week if paging.cursor else filters.week
    snapshot = load_snapshot(session, pick_week(session, week=pinned))
    population = populations.of(session, snapshot.week)
    part = restricted(population, filters)
    fitting = [
        cause
        for cause in told_within(snapshot, population, part, snapshot.chosen(filters), ids=False)
        if (not state or cause.state == state) and (not status or cause.trend == status)
    ]
    found = paginate(
        fitting,
        key=cause_order,
        limit=paging.limit if "limit" in request.query_params else _ROWS,
        week=snapshot.week,
        question=question("page causes", filters, state, status),
        cursor=paging.cursor,
    )
    own = {"state": state or None, "status": status or None}
    further = {**filters.parameters(), **own, "cursor": found.next_cursor}
    last = snapshot.week == published[-1]
    return render_page(
        "causes.html",
        CausesPage(
            section="causes",
            week=snapshot.week,
            latest=published[-1],
            rows=tuple(
                map(
                    cause_cells,
                    cause_rows(
                        snapshot,
                        found.rows,
                        population=population,
                        part=part,
                        verdicts=active_verdicts(session) if last else None,
                    ),
                )
            ),
            total=len(fitting),
            ranked=sum(cause.rank is not None for cause in fitting),
            next_href=f"/causes{as_query(further)}" if found.next_cursor else "",
            owners=tuple(
                sorted({(o.owner_id, o.owner_name) for o in snapshot.owners.values()}, key=by_name)
            ),
            stages=tuple(
                sorted({(s.stage_id, s.stage_name) for s in snapshot.stages.values()}, key=by_name)
            ),
            states=get_args(CauseState),
            statuses=get_args(TrendStatus),
            chosen_owner=filters.owner or "",
            chosen_stage=filters.stage or "",
            chosen_state=state,
            chosen_status=status,
            chosen_week=filters.week or "",
            filtered=bool(filters.restricts or filters.owner or filters.stage or state or status),
            part=filters_shown(windows.choices(population), filters, words=""),
            part_query=as_query(filters.of_the_feedback()),
        ),
    )


@router.get("/causes/{cause_id}", dependencies=[Depends(Known("week", attributes=False))])
def cause(
    cause_id: str,
    session: Reading,
    populations: ThePopulations,
    labels: TheLabels,
    week: Annotated[str | None, Query()] = None,
) -> HTMLResponse:
    """One root cause: what it claims, each piece with its statements, its score, the verdict."""
    latest = pick_week(session)
    told = pick_week(session, week=check_week("week", week)) if week else None
    found = known_cause(root_cause_file(session, cause_id, week=told), cause_id, told)
    check_settled(session, found.week)
    line = root_cause_line(found.cause, {one.piece.id: one.piece for one in found.evidence})
    shown = {one.piece.id: one.statements for one in found.evidence}
    population = populations.of(session, found.week)
    series = theme_series(population, found.cause.theme_id, week=found.week, weeks=SERIES_WEEKS)
    return render_page(
        "cause.html",
        CausePage(
            section="causes",
            week=found.week,
            cause=found.cause,
            line=line,
            trend=trend_text(found.cause),
            theme_label=found.theme_label,
            friction_rank=found.friction.rank if found.friction else None,
            score_parts=score_parts(found.cause),
            changes=_changes(session, found, labels),
            pieces=tuple(
                PieceShown(
                    line=piece,
                    statements=tuple(
                        said_pieces(statement, message)
                        for statement, message in shown[piece.cause_id]
                    )[:_STATEMENTS],
                    total=len(shown[piece.cause_id]),
                )
                for piece in line.pieces
            ),
            pending=pending_text(found.last, found.verdict),
            latest=latest,
            last_week=found.last_week,
            weeks=series,
            marks=marked(series, onset_marks(session, [one.piece for one in found.evidence])),
        ),
    )


def _changes(session: Session, found: RootCauseFile, labels: Labels) -> tuple[str, ...]:
    """What would change its rank among the causes of its week."""
    snapshot = load_snapshot(session, found.week)
    owner = snapshot.owners.get(found.cause.theme_id)
    told = explain_root_cause(
        found.cause,
        week=found.week,
        root_causes=snapshot.root_causes,
        pieces=snapshot.pieces,
        friction=found.friction,
        setting=explaining_setting(
            labels.scoring,
            theme_id=found.cause.theme_id,
            owner_id=owner.owner_id if owner else "",
            decided=active_efforts(session),
        ),
    )
    return tuple(change_text(change, told.rank) for change in told.changes)
