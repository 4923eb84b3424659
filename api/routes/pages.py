"""Pages for people: this week, themes, owners. Drawn on the server; nothing runs in the browser."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import FileResponse, HTMLResponse

from api.filters import Known, check_week
from api.narrowed import narrowed
from api.owner_rows import OwnersView, owner_page, owners_page
from api.page_contexts import NoDataPage, WeekPage
from api.problems import ProblemError
from api.rendering import STATIC_FILES, render_page
from api.scope import Populations, load_snapshot, pick_week, published_report, restricted
from api.sessions import Reading, TheLabels, ThePopulations, TheWindows
from api.shelf import is_run_anew
from api.statement_filters import filters_of, filters_shown
from api.windows import Windows
from labels.schema import Labels
from store.database import Session
from store.feedback import feedback_weeks
from store.snapshots import published_weeks
from store.verdicts import active_efforts, active_verdicts

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_PART = ("since", "until", "kind")
_MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@router.get("/static/{name}")
def static(name: str) -> FileResponse:
    """One of the few files a page refers to."""
    path = STATIC_FILES.get(name)
    if path is None:
        raise ProblemError(404, "unknown-file", "there is nothing at this address")
    return FileResponse(path, media_type=_MEDIA[path.suffix])


@router.get("/", dependencies=[Depends(Known(attributes=False))])
def this_week(session: Reading) -> HTMLResponse:
    """The last published week, or what to do when there is none."""
    published = published_weeks(session)
    return _week(session, published[-1]) if published else no_data(session, "week")


@router.get("/weeks/{week}", dependencies=[Depends(Known(attributes=False))])
def one_week(week: str, session: Reading) -> HTMLResponse:
    """A published week, as it was published."""
    return _week(session, pick_week(session, week=check_week("week", week)))


@router.get("/owners", dependencies=[Depends(Known(*_PART))])
def owners(
    request: Request,
    session: Reading,
    populations: ThePopulations,
    windows: TheWindows,
    labels: TheLabels,
) -> HTMLResponse:
    """All owners and how much is theirs; with filters, of that part of the feedback."""
    if not published_weeks(session):
        return no_data(session, "owners")
    view = _owners_view(request, session, populations, windows, labels)
    return render_page("owners.html", owners_page(view))


@router.get("/owners/{owner_id}", dependencies=[Depends(Known(*_PART))])
def owner(
    owner_id: str,
    request: Request,
    session: Reading,
    populations: ThePopulations,
    windows: TheWindows,
    *,
    labels: TheLabels,
) -> HTMLResponse:
    """One owner and the themes that are theirs; with filters, of that part of the feedback."""
    view = _owners_view(request, session, populations, windows, labels)
    found = next((item for item in view.owners() if item.id == owner_id), None)
    if found is None:
        raise ProblemError(404, "unknown-owner", f"there is no owner {owner_id!r}")
    return render_page("owner.html", owner_page(view, found))


def _owners_view(
    request: Request,
    session: Session,
    populations: Populations,
    windows: Windows,
    labels: Labels,
) -> OwnersView:
    filters = filters_of(request)
    snapshot = load_snapshot(session, pick_week(session))
    population = populations.of(session, snapshot.week)
    part = restricted(population, filters)
    return OwnersView(
        narrowed(snapshot, population, part, labels=labels, filters=filters),
        population=population,
        part=part,
        labels=labels,
        efforts=active_efforts(session),
        verdicts=active_verdicts(session),
        shown=filters_shown(windows.choices(population), filters, words=""),
        given=filters.of_the_feedback(),
    )


def _week(session: Session, week: str) -> HTMLResponse:
    published = published_weeks(session)
    place = published.index(week)
    return render_page(
        "week.html",
        WeekPage(
            section="week" if place + 1 == len(published) else "weeks",
            report=published_report(session, week),
            earlier=published[place - 1] if place else None,
            later=published[place + 1] if place + 1 < len(published) else None,
            weeks=tuple(published),
            anew=is_run_anew(session, week),
        ),
    )


def no_data(session: Session, section: str) -> HTMLResponse:
    """What to do when no week was published yet."""
    messages = sum(feedback_weeks(session).values())
    return render_page("no_data.html", NoDataPage(section, messages))


def by_name(pair: tuple[str, str]) -> tuple[str, str]:
    """Sort key of (id, name) pairs in a list to choose from."""
    return (pair[1], pair[0])
