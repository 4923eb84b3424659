"""The pages with forms, filled: what can be corrected about a theme, a root cause, a statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from starlette.responses import HTMLResponse

from api.correct_contexts import (
    Choice,
    CorrectCausePage,
    CorrectOwnerPage,
    CorrectStatementPage,
    CorrectThemePage,
    Notice,
    Tried,
)
from api.correct_forms import PARTS
from api.page_contexts import Said
from api.page_rows import said_pieces
from api.problems import ProblemError
from api.rendering import cause_href, owner_href, render_page, theme_href
from api.scope import SHELF, Populations, Shelf, load_snapshot, pick_week
from api.shelf import check_settled, registry
from api.views import mentions
from labels.schema import Labels
from nlp.records import RootCause, Theme
from nlp.scoring import explaining_setting
from nlp.weeks import monday
from report.backlog import called
from service.correction_list import recorded, waiting
from service.near_themes import Meanings, meanings, nearest_themes
from service.ways_out import for_web
from service.week_inputs import when_it_counts
from store.assignments import assignments_of
from store.database import Session
from store.feedback import feedback_by_key
from store.snapshots import load_causes, load_friction, told_root_cause
from store.statements import statements_by_id
from store.themes import themes_as_of
from store.verdicts import active_efforts

_NEAR = 8
_TEXTS = 30  # to choose examples of a split from
_LOOKED_AT = 120  # statements, so that copies do not fill the choice


def statement_action(statement_id: str) -> str:
    """Address of the page that moves a statement."""
    return f"/statements/{quote(statement_id, safe='')}/correct"


def notice_of(
    session: Session, labels: Labels, *, done: int | None, undone: int | None
) -> Notice | None:
    """What the page before says was just done; None where it was not."""
    number = done or undone
    rows = recorded(session, labels=labels) if number else []
    row = next((one for one in rows if one.id == number), None)
    if row is None:
        return None
    return Notice(row, row.state == "undone", for_web(when_it_counts(session, "decisions")))


def theme_page(
    session: Session,
    labels: Labels,
    populations: Populations,
    theme_id: str,
    *,
    tried: Tried,
    notice: Notice | None,
) -> HTMLResponse:
    """The forms of a theme.

    Raises:
        ProblemError: 404, when there is no such theme (any more).
    """
    snapshot = load_snapshot(session, pick_week(session))
    week = snapshot.week
    # One that ended can still be named or given to somebody, and may come back.
    theme = registry(session, week).get(theme_id)
    if theme is None:
        raise ProblemError(404, "unknown-theme", f"there is no theme {theme_id!r} in {week}")
    owner = snapshot.owners.get(theme_id)
    leaf = theme.level == "leaf"
    near, others = _choices(session, week, snapshot.themes, theme) if leaf else ((), ())
    return render_page(
        "correct_theme.html",
        CorrectThemePage(
            section="themes",
            action=f"{theme_href(theme_id)}/correct",
            theme_id=theme_id,
            label=theme.label,
            leaf=leaf,
            owner_id=owner.owner_id if owner else "",
            owner_name=owner.owner_name if owner else "",
            effort=_effort(session, week, theme_id),
            near=near,
            others=others,
            owners=tuple(sorted(((o.id, o.name) for o in labels.owners), key=_by_name)),
            statements=_texts(session, populations, week, theme_id) if leaf else (),
            parts=PARTS,
            waiting=waiting(session, labels=labels, theme=theme_id),
            notice=notice,
            tried=tried,
        ),
        status=422 if tried.error else 200,
    )


def cause_page(
    session: Session, labels: Labels, cause_id: str, *, tried: Tried, notice: Notice | None
) -> HTMLResponse:
    """The forms of a root cause.

    Raises:
        ProblemError: 404, when no week told it.
    """
    week = pick_week(session)
    check_settled(session, week)
    told, cause = told_cause(session, cause_id)
    theme_id = cause.theme_id
    pieces = {one.id: one for _, one in load_causes(session, week=told, ids=cause.evidence)}
    theme = next(iter(themes_as_of(session, told, theme_id=theme_id)), None)
    page = CorrectCausePage(
        section="causes",
        action=f"{cause_href(cause_id)}/correct",
        cause_id=cause_id,
        text=called(cause, pieces),
        state=cause.state,
        theme_id=theme_id,
        label=theme.label if theme else theme_id,
        effort=_effort(session, week, theme_id),
        waiting=waiting(session, labels=labels, theme=theme_id, cause=cause_id),
        notice=notice,
        tried=tried,
    )
    return render_page("correct_cause.html", page, status=422 if tried.error else 200)


def effort_page(
    session: Session, labels: Labels, owner_id: str, *, tried: Tried, notice: Notice | None
) -> HTMLResponse:
    """The form of an owner.

    Raises:
        ProblemError: 404, when the labels have no such owner (any more).
    """
    snapshot = load_snapshot(session, pick_week(session))
    owner = labels.owner(owner_id)
    if owner is None:
        raise ProblemError(404, "unknown-owner", f"the labels have no owner {owner_id!r}")
    decided = active_efforts(session)
    setting = explaining_setting(labels.scoring, theme_id="", owner_id=owner_id, decided=decided)
    living = snapshot.themes
    sources = [
        setting.scoring.effort_source(theme_id, owner_id)
        for theme_id, match in snapshot.owners.items()
        if match.owner_id == owner_id and theme_id in living and living[theme_id].level == "leaf"
    ]
    page = CorrectOwnerPage(
        section="owners",
        action=f"{owner_href(owner_id)}/correct",
        owner_id=owner_id,
        owner_name=owner.name,
        effort=f"{setting.effort:g}",
        effort_why=setting.effort_why,
        own=sources.count("theme"),
        inherit=len(sources) - sources.count("theme"),
        waiting=waiting(session, labels=labels, theme=owner_id),
        notice=notice,
        tried=tried,
    )
    return render_page("correct_owner.html", page, status=422 if tried.error else 200)


def statement_page(
    session: Session, labels: Labels, statement_id: str, *, tried: Tried, notice: Notice | None
) -> HTMLResponse:
    """The forms of a statement.

    Raises:
        ProblemError: 404, when there is no such statement.
    """
    snapshot = load_snapshot(session, pick_week(session))
    week = snapshot.week
    found = _said(session, [statement_id])
    if not found:
        raise ProblemError(404, "unknown-statement", f"there is no statement {statement_id!r}")
    themes = snapshot.themes
    place = assignments_of(session, [statement_id], week).get(statement_id)
    theme = themes.get(place.theme_id or "") if place else None
    near, others = _choices(session, week, themes, theme)
    return render_page(
        "correct_statement.html",
        CorrectStatementPage(
            section="themes",
            action=statement_action(statement_id),
            said=found[0],
            theme_id=theme.id if theme else "",
            label=theme.label if theme else "",
            near=near,
            others=others,
            waiting=waiting(session, labels=labels, statement=statement_id),
            notice=notice,
            tried=tried,
        ),
        status=422 if tried.error else 200,
    )


def told_cause(session: Session, cause_id: str) -> tuple[str, RootCause]:
    """A root cause as it was told last, and the week that told it.

    Raises:
        ProblemError: 404, when no week told it.
    """
    found = told_root_cause(session, cause_id)
    if found is None:
        raise ProblemError(404, "unknown-root-cause", f"there is no root cause {cause_id!r}")
    return found


def _choices(
    session: Session, week: str, themes: Mapping[str, Theme], theme: Theme | None
) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """Other leaves: the nearest in meaning, then the rest by name."""
    leaves = [one for one in themes.values() if one.level == "leaf" and one != theme]
    near: list[str] = []
    if theme:
        means = _meanings(session, week, themes)
        if theme.id not in themes:  # it ended
            means = {**means, **meanings(session, [theme])}
        near = nearest_themes(means, theme.id, [one.id for one in leaves], k=_NEAR)
    rest = sorted(((one.id, one.label) for one in leaves if one.id not in near), key=_by_name)
    return tuple((name, themes[name].label) for name in near), tuple(rest)


def _meanings(session: Session, week: str, themes: Mapping[str, Theme]) -> Meanings:
    """Of the narrow themes of a week, read once as long as it stays as it was published."""

    def read() -> Meanings:
        return meanings(session, [one for one in themes.values() if one.level == "leaf"])

    shelf = session.info.get(SHELF)
    if not isinstance(shelf, Shelf):
        return read()
    return shelf.part(shelf.revision(session, "published"), week, "meanings", read)


def _effort(session: Session, week: str, theme_id: str) -> str:
    """The effort that counts, a person's before the ranking's."""
    decided = active_efforts(session).get(theme_id)
    ranked = next(
        (one.effort for _, one in load_friction(session, week=week, theme_id=theme_id)), 1.0
    )
    return f"{ranked if decided is None else decided:g}"


def _texts(
    session: Session, populations: Populations, week: str, theme_id: str
) -> tuple[Said, ...]:
    """Distinct texts of a theme, the latest first."""
    said = sorted(
        mentions(populations.of(session, week), theme_id),
        key=lambda one: (-monday(one.week).toordinal(), one.statement_id),
    )
    ids = [one.statement_id for one in said[:_LOOKED_AT]]
    return tuple(_said(session, ids, most=_TEXTS))


def _said(session: Session, ids: Sequence[str], *, most: int = 1) -> list[Said]:
    """Statements as pages show them, one of each text, in the order given."""
    statements = statements_by_id(session, ids)
    known = [statements[name] for name in ids if name in statements]
    first = {one.sha: one for one in reversed(known)}
    shown = [one for one in known if first[one.sha] is one][:most]
    messages = feedback_by_key(session, {one.feedback_key for one in shown})
    return [
        said_pieces(one, messages[one.feedback_key])
        for one in shown
        if one.feedback_key in messages
    ]


def _by_name(choice: Choice) -> tuple[str, str]:
    return (choice[1].casefold(), choice[0])
