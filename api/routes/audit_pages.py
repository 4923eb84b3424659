"""The audit: what people corrected, who, when and why, with a form to take each back."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.access import caller_of
from api.correct_contexts import CorrectionsPage, Notice, Tried
from api.correct_forms import TypedForm
from api.correct_views import notice_of
from api.correction_answers import KINDS, recorded_page, unknown_correction
from api.filters import Known, Paging, read_paging
from api.problems import ProblemError
from api.rendering import render_page
from api.routes.sign_in import local_path
from api.schemas.correction_kinds import MAX_WHY
from api.sessions import Reading, TheEngine, TheLabels, writing
from labels.schema import Labels
from nlp.seen import is_seen
from service.correcting import NotInForceError, take_back
from service.correction_list import STATES, Recorded, recorded
from service.ways_out import for_web
from store.database import Session, read_scope
from store.themes import themes_as_of

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_ROWS = 50
_AUDIT = "/corrections"
_WITH_FORMS = ("/themes/", "/causes/", "/statements/", "/owners/")

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Done = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@router.get(
    "/corrections",
    dependencies=[
        Depends(Known("kind", "state", "theme", "cursor", "done", "undone", attributes=False))
    ],
)
def corrections(
    session: Reading,
    labels: TheLabels,
    paging: Annotated[Paging, Depends(read_paging)],
    *,
    kind: Annotated[str, Query()] = "",
    state: Annotated[str, Query()] = "",
    theme: Annotated[str, Query()] = "",
    done: Done = None,
    undone: Done = None,
) -> HTMLResponse:
    """All corrections, the latest first."""
    known = next((one for one in STATES if one == state), None)
    if state and known is None:
        raise ProblemError(422, "unknown-state", f"{state!r} is no state", known=STATES)
    found = recorded_page(
        session, labels, kind=kind, theme=theme, state=known, paging=paging, limit=_ROWS
    )
    chosen = {"kind": kind, "state": state, "theme": theme, "cursor": found.next_cursor or ""}
    return _page(
        session,
        labels,
        found.rows,
        more_href=f"?{urlencode({name: value for name, value in chosen.items() if value})}",
        next_cursor=found.next_cursor,
        chosen=(kind, state, theme),
        notice=notice_of(session, labels, done=done, undone=undone),
    )


@router.post("/corrections/{number}/undo", dependencies=[Depends(Known(attributes=False))])
def undo(
    number: Number, form: TypedForm, request: Request, engine: TheEngine, labels: TheLabels
) -> Response:
    """Take a correction back; then the page it was done on, or the audit."""
    why = " ".join(form.get("why", "").split())
    error, status = "", 422
    if not is_seen(why) or len(why) > MAX_WHY or "\x00" in why:
        error = f"Say why, in at most {MAX_WHY:,} characters."
    else:
        try:
            with writing(engine) as session:
                take_back(session, number, who=caller_of(request).name, why=why)
        except KeyError as unknown:
            raise unknown_correction(number) from unknown
        except NotInForceError as over:
            error, status = for_web(str(over)), 409
    if not error:
        back = local_path(form.get("back", "") or _AUDIT).partition("?")[0]
        return RedirectResponse(f"{back if _has_notice(back) else _AUDIT}?undone={number}", 303)
    with read_scope(engine) as session:
        row = next((one for one in recorded(session, labels=labels) if one.id == number), None)
        if row is None:
            raise unknown_correction(number)
        tried = Tried("undo", error, form)
        return _page(session, labels, (row,), only=number, tried=tried, status=status)


def _has_notice(path: str) -> bool:
    """Whether the page at a path says what was just undone."""
    return path.startswith(_WITH_FORMS) and path.endswith("/correct")


def _page(
    session: Session,
    labels: Labels,
    rows: tuple[Recorded, ...],
    *,
    more_href: str = "",
    next_cursor: str | None = None,
    chosen: tuple[str, str, str] = ("", "", ""),
    only: int | None = None,
    notice: Notice | None = None,
    tried: Tried | None = None,
    status: int = 200,
) -> HTMLResponse:
    kind, state, theme = chosen
    return render_page(
        "corrections.html",
        CorrectionsPage(
            section="corrections",
            action=_AUDIT,
            rows=rows,
            living={one.id: one.label for one in themes_as_of(session) if one.retired_week is None},
            owners={one.id: one.name for one in labels.owners},
            more_href=more_href,
            next_cursor=next_cursor,
            kinds=tuple((name, name.replace("-", " ")) for name in KINDS),
            states=tuple((name, name.replace("-", " ")) for name in STATES),
            chosen_kind=kind,
            chosen_state=state,
            chosen_theme=theme,
            only=only,
            notice=notice,
            tried=tried or Tried(),
        ),
        status=status,
    )
