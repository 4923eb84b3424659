"""Pages for people: one theme, alive or ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from api.cursors import paginate
from api.filters import Known, Paging, question, read_paging
from api.lives import theme_life
from api.page_contexts import ThemeRow
from api.page_rows import said, theme_rows
from api.problems import ProblemError
from api.rendering import render_page
from api.scope import Snapshot, load_snapshot, pick_week, restricted
from api.sessions import Reading, TheLabels, ThePopulations, TheWindows
from api.shelf import known_weeks, registry
from api.statement_filters import (
    chosen_mentions,
    filters_of,
    filters_shown,
    given_of,
    query_with,
)
from api.theme_contexts import EndedThemePage, SegmentShown, ThemePage
from api.theme_numbers import SERIES_WEEKS, numbered_in, segments_of, theme_marks
from api.views import COPY_WEEKS, copies_in, mention_count, statement_records, typical_texts
from nlp.impact import ImpactConfig
from nlp.records import Theme
from nlp.theme_segments import called_once
from nlp.theme_series import theme_series
from nlp.weeks import monday
from report.backlog import cause_order, root_cause_line
from report.feeling import after_effects, score_effect
from report.life import Moment, standing
from report.segment_wording import segment_text
from report.trend_chart import marked
from report.wording import copies_note
from service.correction_list import waiting
from store.database import Session
from store.snapshots import load_trends

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_STATEMENTS = 20
_SEGMENTS = 12
_KNOWN = ("week", "words", "kind", "since", "until", "cursor")


@router.get("/themes/{theme_id}", dependencies=[Depends(Known(*_KNOWN))])
def theme(
    request: Request,
    theme_id: str,
    session: Reading,
    *,
    populations: ThePopulations,
    windows: TheWindows,
    labels: TheLabels,
    paging: Annotated[Paging, Depends(read_paging)],
    words: Annotated[str, Query(max_length=400)] = "",
) -> HTMLResponse:
    """One theme: its trend, causes, who and how they feel, its life and statements."""
    filters = filters_of(request)
    pinned = paging.cursor.week if paging.cursor else filters.week
    week = pick_week(session, week=pinned)
    snapshot = load_snapshot(session, week)
    if theme_id not in snapshot.themes:
        return _ended(session, theme_id, week)
    found = snapshot.themes[theme_id]
    population = populations.of(session, week)
    kept = chosen_mentions(session, restricted(population, filters), theme_id, words=words)
    page = paginate(
        kept,
        key=lambda row: (-monday(row.week).toordinal(), row.statement_id),
        limit=_STATEMENTS,
        week=week,
        question=question(f"page {theme_id}", filters, words),
        cursor=paging.cursor,
    )
    records = statement_records(session, week, [row.statement_id for row in page.rows])
    window = labels.scoring.window
    segments = segments_of(windows.of(population, week=week, weeks=window.cause_weeks), theme_id)
    series = theme_series(population, theme_id, week=week, weeks=SERIES_WEEKS)
    rows = {row.theme.id: row for row in theme_rows(snapshot, population, _family(snapshot, found))}
    row = rows.pop(theme_id)
    published = known_weeks(session)
    place = published.index(week)
    given = given_of(request)
    return render_page(
        "theme.html",
        ThemePage(
            section="themes",
            week=week,
            latest=published[-1],
            earlier=published[place - 1] if place else None,
            later=published[place + 1] if place + 1 < len(published) else None,
            row=row,
            parent=snapshot.themes.get(found.parent_id or ""),
            children=tuple(
                sorted((one for one in rows.values() if one.theme.parent_id == theme_id), key=_size)
            ),
            siblings=tuple(
                sorted((one for one in rows.values() if one.theme.parent_id != theme_id), key=_size)
            ),
            weeks=series,
            marks=numbered_in(marked(series, theme_marks(session, snapshot, theme_id))),
            friction_weeks=window.friction_weeks,
            score_effect=score_effect(row.friction, least_scored=labels.scoring.minimum.scored),
            after_effects=after_effects(row.friction, recontact_days=ImpactConfig().recontact_days),
            segments=tuple(
                SegmentShown(share, segment_text(share)) for share in called_once(segments)
            )[:_SEGMENTS],
            segments_tested=len(segments),
            segment_weeks=window.cause_weeks,
            causes=tuple(
                root_cause_line(cause, snapshot.pieces)
                for cause in sorted(snapshot.causes_of.get(theme_id, ()), key=cause_order)
            ),
            life=_life(session, found, snapshot.themes, week),
            typical=() if paging.cursor else typical_texts(session, found, labels),
            filters=filters_shown(windows.choices(population), filters, words=words),
            statements=tuple(said(record) for record in records),
            found=len(kept),
            statement_total=mention_count(population, theme_id)[1],
            copies=copies_note(
                copies_in(session, population, theme_id, week=week), weeks=COPY_WEEKS
            ),
            more=query_with(given, cursor=page.next_cursor) if page.next_cursor else "",
            waiting=waiting(session, labels=labels, theme=theme_id)
            if week == published[-1]
            else (),
        ),
    )


def _family(snapshot: Snapshot, theme: Theme) -> set[str]:
    """The theme, its narrower themes, and those under the same broad one."""
    return {
        one.id
        for one in snapshot.themes.values()
        if theme.id in {one.id, one.parent_id}
        or (theme.parent_id is not None and one.parent_id == theme.parent_id)
    }


def _size(row: ThemeRow) -> tuple[int, str]:
    return (-row.customers, row.theme.id)


def _life(
    session: Session, theme: Theme, themes: Mapping[str, Theme], week: str
) -> tuple[Moment, ...]:
    published = [one for one in load_trends(session, theme_id=theme.id) if one.week <= week]
    return theme_life(session, theme, themes=themes, published=published, week=week)


def _ended(session: Session, theme_id: str, week: str) -> HTMLResponse:
    themes = registry(session, week)
    found = themes.get(theme_id)
    if found is None:
        raise ProblemError(404, "unknown-theme", f"there is no theme {theme_id!r} in {week}")
    return render_page(
        "theme_ended.html",
        EndedThemePage(
            section="themes",
            week=week,
            theme=found,
            standing=standing(found),
            successors=tuple(themes[name] for name in found.successors if name in themes),
            life=_life(session, found, themes, week),
        ),
    )
