"""Forms that correct a theme, a root cause or a statement: typed, previewed, confirmed, kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.access import caller_of
from api.correct_contexts import CorrectionPreviewPage, Tried
from api.correct_forms import TypedForm, read_correction, read_moment, sent_again
from api.correct_views import cause_page, notice_of, statement_action, statement_page, theme_page
from api.filters import Known
from api.problems import ProblemError
from api.rendering import cause_href, render_page, theme_href
from api.schemas.correction_kinds import wish_of
from api.sessions import Reading, TheEngine, TheLabels, ThePopulations, writing
from labels.schema import Labels
from service.correcting import Foreseen, check_moment, foresee, keep
from service.correction_list import names_now, told
from service.ways_out import for_web
from store.database import Engine, Session, read_scope
from store.deciding import DecisionError, Wish

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_THEME_KINDS = ("rename", "owner", "merge", "split", "dismiss", "pin", "effort")
_CAUSE_KINDS = ("confirm-cause", "reject-cause", "effort")
_STATEMENT_KINDS = ("move", "must-link", "cannot-link")
_SHIFTS = 10  # shown of those an owner's effort moves; the API has all

Done = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
_NOTICES = Depends(Known("done", "undone", attributes=False))
_NONE = Depends(Known(attributes=False))

# Draws the forms again, with what was typed and why it cannot be.
_Forms = Callable[[Session, Tried], HTMLResponse]


@dataclass(frozen=True, slots=True)
class _About:
    """What a page's forms are about, where they are sent, and what they may ask."""

    section: str
    action: str
    subject: Mapping[str, str]
    kinds: tuple[str, ...]


@router.get("/themes/{theme_id}/correct", dependencies=[_NOTICES])
def correct_theme(
    theme_id: str,
    session: Reading,
    labels: TheLabels,
    populations: ThePopulations,
    *,
    done: Done = None,
    undone: Done = None,
) -> HTMLResponse:
    """What can be corrected about a theme."""
    notice = notice_of(session, labels, done=done, undone=undone)
    return theme_page(session, labels, populations, theme_id, tried=Tried(), notice=notice)


@router.post("/themes/{theme_id}/correct", dependencies=[_NONE])
def correct_theme_form(
    theme_id: str,
    form: TypedForm,
    request: Request,
    engine: TheEngine,
    *,
    labels: TheLabels,
    populations: ThePopulations,
) -> Response:
    """Preview a correction of a theme, or keep it once it was confirmed."""
    about = _About(
        "themes", f"{theme_href(theme_id)}/correct", {"theme_id": theme_id}, _THEME_KINDS
    )

    def forms(session: Session, tried: Tried) -> HTMLResponse:
        return theme_page(session, labels, populations, theme_id, tried=tried, notice=None)

    return _answer(request, form, engine, labels, about=about, forms=forms)


@router.get("/causes/{cause_id}/correct", dependencies=[_NOTICES])
def correct_cause(
    cause_id: str,
    session: Reading,
    labels: TheLabels,
    done: Done = None,
    undone: Done = None,
) -> HTMLResponse:
    """What can be said of a root cause."""
    notice = notice_of(session, labels, done=done, undone=undone)
    return cause_page(session, labels, cause_id, tried=Tried(), notice=notice)[0]


@router.post("/causes/{cause_id}/correct", dependencies=[_NONE])
def correct_cause_form(
    cause_id: str, form: TypedForm, request: Request, engine: TheEngine, labels: TheLabels
) -> Response:
    """Preview a verdict or an effort, or keep it once it was confirmed."""
    with read_scope(engine) as session:
        theme_id = cause_page(session, labels, cause_id, tried=Tried(), notice=None)[1]
    about = _About(
        "causes",
        f"{cause_href(cause_id)}/correct",
        {"cause_id": cause_id, "theme_id": theme_id},
        _CAUSE_KINDS,
    )

    def forms(session: Session, tried: Tried) -> HTMLResponse:
        return cause_page(session, labels, cause_id, tried=tried, notice=None)[0]

    return _answer(request, form, engine, labels, about=about, forms=forms)


@router.get("/statements/{statement_id:path}/correct", dependencies=[_NOTICES])
def correct_statement(
    statement_id: str,
    session: Reading,
    labels: TheLabels,
    done: Done = None,
    undone: Done = None,
) -> HTMLResponse:
    """Where a statement stands, and where it could."""
    notice = notice_of(session, labels, done=done, undone=undone)
    return statement_page(session, labels, statement_id, tried=Tried(), notice=notice)


@router.post("/statements/{statement_id:path}/correct", dependencies=[_NONE])
def correct_statement_form(
    statement_id: str, form: TypedForm, request: Request, engine: TheEngine, labels: TheLabels
) -> Response:
    """Preview what becomes of a statement, or keep it once it was confirmed."""
    about = _About(
        "themes", statement_action(statement_id), {"statement": statement_id}, _STATEMENT_KINDS
    )

    def forms(session: Session, tried: Tried) -> HTMLResponse:
        return statement_page(session, labels, statement_id, tried=tried, notice=None)

    return _answer(request, form, engine, labels, about=about, forms=forms)


def _answer(
    request: Request,
    form: dict[str, str],
    engine: Engine,
    labels: Labels,
    *,
    about: _About,
    forms: _Forms,
) -> Response:
    """The preview; or, of a confirmed one, the way back; or the forms with what is wrong."""
    kind = form.get("kind", "")
    if kind not in about.kinds:
        raise ProblemError(
            422, "unknown-kind", f"{kind!r} is no form of this page", known=about.kinds
        )
    try:
        moment = read_moment(form)
        asked = read_correction(kind, form, about.subject)
        wish = wish_of(asked, who=caller_of(request).name, when=moment)
        if moment is None:
            with read_scope(engine) as session:
                seen = foresee(session, wish, labels=labels)
                text = told(wish.kind, wish.theme_id, wish.value, names_now(session, labels))
            return _preview(wish, text, seen, form, about)
        check_moment(moment)
        with writing(engine) as session:
            kept = keep(session, wish, labels=labels)
    except DecisionError as error:
        with read_scope(engine) as session:
            return forms(session, Tried(kind, for_web(str(error)), form))
    return RedirectResponse(f"{about.action}?done={kept.id}", 303)


def _preview(
    wish: Wish, text: str, seen: Foreseen, form: dict[str, str], about: _About
) -> HTMLResponse:
    shifts = seen.ranks.shifts if seen.ranks else ()
    return render_page(
        "correct_preview.html",
        CorrectionPreviewPage(
            section=about.section,
            action=about.action,
            text=text,
            who=wish.who,
            why=wish.why,
            swap=seen.swap,
            changes=seen.changes,
            shifts=shifts[:_SHIFTS],
            more_shifts=max(0, len(shifts) - _SHIFTS),
            others=seen.ranks.others if seen.ranks else 0,
            notes=tuple(map(for_web, seen.notes)),
            not_applied=tuple(map(for_web, seen.not_applied)),
            counts=for_web(seen.counts),
            fields=sent_again(form),
            moment=dt.datetime.now(dt.UTC).isoformat(),
        ),
    )
