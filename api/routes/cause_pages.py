"""Pages for people: the root causes of a week, and one with all its evidence."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Query
from starlette.responses import HTMLResponse

from api.cursors import paginate
from api.filters import Filters, Known, Paging, check_week, question, read_paging
from api.page_contexts import CausePage, CausesPage, PieceShown
from api.page_rows import cause_rows, said_pieces
from api.rendering import render_page
from api.routes.causes import known_cause
from api.routes.pages import by_name, no_data
from api.scope import load_snapshot, pick_week
from api.sessions import Reading, TheLabels, ThePopulations
from api.shelf import check_settled
from api.theme_numbers import SERIES_WEEKS, onset_marks
from api.views import cause_order
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
from store.snapshots import published_weeks
from store.verdicts import active_efforts, active_verdicts

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_ROWS = 100
_STATEMENTS = 200  # of each piece; the API has all


@router.get(
    "/causes",
    dependencies=[
        Depends(
            Known("week", "owner", "stage", "state", "status", "cursor", "limit", attributes=False)
        )
    ],
)
def causes(
    session: Reading,
    paging: Annotated[Paging, Depends(read_paging)],
    *,
    week: Annotated[str, Query()] = "",
    owner: Annotated[str, Query()] = "",
    stage: Annotated[str, Query()] = "",
    state: Annotated[str, Query()] = "",
    status: Annotated[str, Query()] = "",
) -> HTMLResponse:
    """All root causes of a published week in a table, the costliest first."""
    published = published_weeks(session)
    if not published:
        return no_data(session, "causes")
    asked = check_week("week", week) if week else None
    pinned = paging.cursor.week if paging.cursor else asked
    snapshot = load_snapshot(session, pick_week(session, week=pinned))
    filters = Filters(week=asked, owner=owner or None, stage=stage or None)
    last = snapshot.week == published[-1]
    rows = [
        row
        for row in cause_rows(
            snapshot,
            snapshot.chosen(filters),
            verdicts=active_verdicts(session) if last else None,
        )
        if (not state or row.cause.state == state) and (not status or row.cause.trend == status)
    ]
    found = paginate(
        rows,
        key=lambda row: cause_order(row.cause),
        limit=_ROWS,
        week=snapshot.week,
        question=question("page causes", filters, state, status),
        cursor=paging.cursor,
    )
    return render_page(
        "causes.html",
        CausesPage(
            section="causes",
            week=snapshot.week,
            latest=published[-1],
            rows=found.rows,
            total=len(rows),
            ranked=sum(row.cause.rank is not None for row in rows),
            next_cursor=found.next_cursor,
            owners=tuple(
                sorted({(o.owner_id, o.owner_name) for o in snapshot.owners.values()}, key=by_name)
            ),
            stages=tuple(
                sorted({(s.stage_id, s.stage_name) for s in snapshot.stages.values()}, key=by_name)
            ),
            states=get_args(CauseState),
            statuses=get_args(TrendStatus),
            chosen_owner=owner,
            chosen_stage=stage,
            chosen_state=state,
            chosen_status=status,
            chosen_week=week,
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
        pieces={piece.id: piece for piece in snapshot.causes},
        friction=found.friction,
        setting=explaining_setting(
            labels.scoring,
            theme_id=found.cause.theme_id,
            owner_id=owner.owner_id if owner else "",
            decided=active_efforts(session),
        ),
    )
    return tuple(change_text(change, told.rank) for change in told.changes)
