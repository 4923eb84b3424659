"""Forms that correct a theme, a cause, a statement or an owner's effort: previewed, then kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.access import caller_of
from api.correct_contexts import CorrectionPreviewPage, Notice, Tried
from api.correct_forms import TypedForm, read_correction, read_moment, sent_again
from api.correct_views import (
    cause_page,
    effort_page,
    notice_of,
    statement_action,
    statement_page,
    theme_page,
    told_cause,
)
from api.filters import Known
from api.problems import ProblemError
from api.rendering import cause_href, owner_href, render_page, theme_href
from api.schemas.correction_kinds import wish_of
from api.scope import SHELF
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
_OWNER_KINDS = ("effort",)
_SHIFTS = 10  # shown of those an owner's effort moves; the API has all

Done = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
_NOTICES = [Depends(Known("done", "undone", attributes=False))]
_NONE = [Depends(Known(attributes=False))]


@dataclass(frozen=True, slots=True)
class _About:
    """What a page's forms are about, where they are sent, and what they may ask.

    draw: the page with what was just done on it, or what was typed and why it cannot be.
    """

    section: str
    action: str
    subject: Mapping[str, str]
    kinds: tuple[str, ...]
    draw: Callable[[Session, Tried, Notice | None], HTMLResponse]


def _theme_forms(theme_id: str, labels: TheLabels, populations: ThePopulations) -> _About:
    def draw(session: Session, tried: Tried, notice: Notice | None) -> HTMLResponse:
        return theme_page(session, labels, populations, theme_id, tried=tried, notice=notice)

    action = f"{theme_href(theme_id)}/correct"
    return _About("themes", action, {"theme_id": theme_id}, _THEME_KINDS, draw)


def _cause_forms(cause_id: str, labels: TheLabels, engine: TheEngine) -> _About:
    def draw(session: Session, tried: Tried, notice: Notice | None) -> HTMLResponse:
        return cause_page(session, labels, cause_id, tried=tried, notice=notice)

    with read_scope(engine) as session:
        _, cause = told_cause(session, cause_id)
    subject = {"cause_id": cause_id, "theme_id": cause.theme_id}
    return _About("causes", f"{cause_href(cause_id)}/correct", subject, _CAUSE_KINDS, draw)


def _statement_forms(statement_id: str, labels: TheLabels) -> _About:
    def draw(session: Session, tried: Tried, notice: Notice | None) -> HTMLResponse:
        return statement_page(session, labels, statement_id, tried=tried, notice=notice)

    subject = {"statement": statement_id}
    return _About("themes", statement_action(statement_id), subject, _STATEMENT_KINDS, draw)


def _owner_forms(owner_id: str, labels: TheLabels) -> _About:
    def draw(session: Session, tried: Tried, notice: Notice | None) -> HTMLResponse:
        return effort_page(session, labels, owner_id, tried=tried, notice=notice)

    action = f"{owner_href(owner_id)}/correct"
    return _About("owners", action, {"owner_id": owner_id}, _OWNER_KINDS, draw)


def _notice(
    session: Reading, labels: TheLabels, done: Done = None, undone: Done = None
) -> Notice | None:
    return notice_of(session, labels, done=done, undone=undone)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A form that was sent, and what it is answered with."""

    form: Mapping[str, str]
    request: Request
    engine: Engine
    labels: Labels


def _sent(form: TypedForm, request: Request, engine: TheEngine, labels: TheLabels) -> _Sent:
    return _Sent(form, request, engine, labels)


ANotice = Annotated[Notice | None, Depends(_notice)]
ASent = Annotated[_Sent, Depends(_sent)]


@router.get("/themes/{theme_id}/correct", dependencies=_NOTICES)
def correct_theme(
    session: Reading, about: Annotated[_About, Depends(_theme_forms)], notice: ANotice
) -> HTMLResponse:
    """What can be corrected about a theme."""
    return about.draw(session, Tried(), notice)


@router.post("/themes/{theme_id}/correct", dependencies=_NONE)
def correct_theme_form(about: Annotated[_About, Depends(_theme_forms)], sent: ASent) -> Response:
    """Preview a correction of a theme, or keep it once it was confirmed."""
    return _answer(sent, about)


@router.get("/causes/{cause_id}/correct", dependencies=_NOTICES)
def correct_cause(
    session: Reading, about: Annotated[_About, Depends(_cause_forms)], notice: ANotice
) -> HTMLResponse:
    """What can be said of a root cause."""
    return about.draw(session, Tried(), notice)


@router.post("/causes/{cause_id}/correct", dependencies=_NONE)
def correct_cause_form(about: Annotated[_About, Depends(_cause_forms)], sent: ASent) -> Response:
    """Preview a verdict or an effort, or keep it once it was confirmed."""
    return _answer(sent, about)


@router.get("/statements/{statement_id:path}/correct", dependencies=_NOTICES)
def correct_statement(
    session: Reading, about: Annotated[_About, Depends(_statement_forms)], notice: ANotice
) -> HTMLResponse:
    """Where a statement stands, and where it could."""
    return about.draw(session, Tried(), notice)


@router.post("/statements/{statement_id:path}/correct", dependencies=_NONE)
def correct_statement_form(
    about: Annotated[_About, Depends(_statement_forms)], sent: ASent
) -> Response:
    """Preview what becomes of a statement, or keep it once it was confirmed."""
    return _answer(sent, about)


@router.get("/owners/{owner_id}/correct", dependencies=_NOTICES)
def correct_owner(
    session: Reading, about: Annotated[_About, Depends(_owner_forms)], notice: ANotice
) -> HTMLResponse:
    """What it takes to mend what is an owner's."""
    return about.draw(session, Tried(), notice)


@router.post("/owners/{owner_id}/correct", dependencies=_NONE)
def correct_owner_form(about: Annotated[_About, Depends(_owner_forms)], sent: ASent) -> Response:
    """Preview an owner's effort, or keep it once it was confirmed."""
    return _answer(sent, about)


def _answer(sent: _Sent, about: _About) -> Response:
    """The preview; or, of a confirmed one, the way back; or the forms with what is wrong."""
    form, labels = sent.form, sent.labels
    kind = form.get("kind", "")
    if kind not in about.kinds:
        raise ProblemError(
            422, "unknown-kind", f"{kind!r} is no form of this page", known=about.kinds
        )
    try:
        moment = read_moment(form)
        asked = read_correction(kind, form, about.subject)
        wish = wish_of(asked, who=caller_of(sent.request).name, when=moment)
        if moment is None:
            with read_scope(sent.engine) as session:
                seen = foresee(session, wish, labels=labels)
                text = told(wish.kind, wish.theme_id, wish.value, names_now(session, labels))
            return _preview(wish, text, seen, form, about)
        check_moment(moment)
        with writing(sent.engine) as session:
            kept = keep(session, wish, labels=labels)
    except DecisionError as error:
        with read_scope(sent.engine) as session:
            session.info[SHELF] = sent.request.app.state.shelf
            return about.draw(session, Tried(kind, for_web(str(error)), form), None)
    return RedirectResponse(f"{about.action}?done={kept.id}", 303)


def _preview(
    wish: Wish, text: str, seen: Foreseen, form: Mapping[str, str], about: _About
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
            known=seen.known,
            fields=sent_again(form),
            moment=dt.datetime.now(dt.UTC).isoformat(),
        ),
    )
