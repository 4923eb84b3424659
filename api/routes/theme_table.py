"""Pages for people: all themes of a week in a table, sorted and filtered by the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from api.cursors import Key, paginate
from api.filters import Filters, Known, Paging, as_query, question, read_paging
from api.page_rows import theme_rows
from api.problems import ProblemError
from api.rendering import render_page
from api.routes.pages import by_name, no_data
from api.scope import Populations, Snapshot, load_snapshot, pick_week, restricted
from api.sessions import Reading, ThePopulations, TheWindows
from api.shelf import known_weeks
from api.sorting import Value, order_of
from api.statement_filters import filters_of, filters_shown
from api.table_cells import theme_cells
from api.table_contexts import ColumnHead, ThemeTablePage
from api.views import mention_count
from api.windows import Windows
from nlp.population import Population
from nlp.records import Friction, Theme, Trend, TrendStatus
from store.database import Session

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_ROWS = 100
_LEVELS = (("leaf", "narrow themes"), ("parent", "broad themes"))
_KNOWN = (
    *("week", "since", "until", "kind", "owner", "stage", "status", "level", "words"),
    *("sort", "cursor", "limit"),
)

Choice = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A theme with what it can be sorted by, before anything is counted."""

    theme: Theme
    trend: Trend | None
    friction: Friction | None
    owner: str | None
    stage: str | None


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: what people read above it, and what it sorts by. `first`: on the first click."""

    title: str
    value: Callable[[_Entry], Value]
    words: str
    numeric: bool = False
    first: str = ""


_COLUMNS: Mapping[str, _Column] = {
    "rank": _Column(
        "Rank", lambda e: e.friction.rank if e.friction else None, "the costliest", numeric=True
    ),
    "label": _Column("Theme", lambda e: e.theme.label.casefold(), "by name"),
    "owner": _Column("Owner", lambda e: e.owner.casefold() if e.owner else None, "by owner"),
    "stage": _Column("Stage", lambda e: e.stage.casefold() if e.stage else None, "by stage"),
    "this_week": _Column(
        *("This week", lambda e: e.trend.customers if e.trend else None),
        words="customers this week",
        first="-",
    ),
    "change": _Column(
        *("Change", lambda e: e.trend.rate_ratio if e.trend else None),
        words="change against usual weeks",
        numeric=True,
        first="-",
    ),
    "score": _Column(
        *("Score", lambda e: e.friction.score if e.friction else None),
        words="score",
        numeric=True,
        first="-",
    ),
}


@router.get("/themes", dependencies=[Depends(Known(*_KNOWN))])
def themes(
    request: Request,
    session: Reading,
    populations: ThePopulations,
    windows: TheWindows,
    paging: Annotated[Paging, Depends(read_paging)],
    *,
    status: Choice = "",
    level: Choice = "",
    words: Annotated[str, Query(max_length=400)] = "",
    sort: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """All themes in a table, the costliest first unless another order is asked for.

    With `since`, `until`, `kind` or a segment, customers in all are counted in that part of the
    feedback, and themes nobody there speaks of are left out, as in `/v1/themes`.
    """
    published = known_weeks(session)
    if not published:
        return no_data(session, "themes")
    filters = filters_of(request)
    own = {"status": status, "level": level, "words": words, "sort": sort}
    asked = {
        **{name: text for name, text in filters.parameters().items() if text is not None},
        **{name: text for name, text in own.items() if text},
    }
    rows = paging.limit if "limit" in request.query_params else _ROWS
    return render_page(
        "themes.html",
        _page(
            session,
            populations,
            windows,
            paging,
            filters=filters,
            asked=asked,
            rows=rows,
            known=published,
        ),
    )


def _page(
    session: Session,
    populations: Populations,
    windows: Windows,
    paging: Paging,
    *,
    filters: Filters,
    asked: Mapping[str, str],
    rows: int,
    known: list[str],
) -> ThemeTablePage:
    pinned = paging.cursor.week if paging.cursor else filters.week
    snapshot = load_snapshot(session, pick_week(session, week=pinned))
    whole = populations.of(session, snapshot.week)
    population = restricted(whole, filters)
    status, level = _choices(asked.get("status", ""), asked.get("level", ""))
    words = asked.get("words", "").casefold().split()
    entries = [
        entry
        for entry in _entries(snapshot, snapshot.chosen(filters))
        if (not status or (entry.trend is not None and entry.trend.status == status))
        and (not level or entry.theme.level == level)
        and (not words or _holds(entry.theme, words))
        and not (filters.restricts and _customers(population, entry.theme.id) == 0)
    ]
    columns = {name: column.value for name, column in _COLUMNS.items()}
    columns |= {"customers": lambda entry: _customers(population, entry.theme.id)}
    order = order_of(asked.get("sort"), columns, default="rank", tie=_tie)
    found = paginate(
        entries,
        key=order.key,
        descending=order.descending,
        limit=rows,
        week=snapshot.week,
        question=question(
            *("page themes", filters, asked.get("status"), asked.get("level")),
            *(asked.get("words"), order.name),
        ),
        cursor=paging.cursor,
    )
    shown = {
        row.theme.id: theme_cells(row)
        for row in theme_rows(snapshot, population, {entry.theme.id for entry in found.rows})
    }
    cursor = {"cursor": found.next_cursor}
    return ThemeTablePage(
        section="themes",
        week=snapshot.week,
        latest=known[-1],
        rows=tuple(shown[entry.theme.id] for entry in found.rows),
        total=len(entries),
        all_themes=len(snapshot.themes),
        columns=_heads(asked, order.name),
        sort=order.name,
        order_text=_order_text(order.name),
        next_href=f"/themes{as_query({**asked, **cursor})}" if found.next_cursor else "",
        first_href=f"/themes{as_query(asked)}" if paging.cursor else "",
        export_href="/v1/exports/themes"
        + as_query({**filters.of_the_feedback(), "format": "csv", "week": snapshot.week}),
        part=filters_shown(windows.choices(whole), filters, words=""),
        weeks=tuple(reversed(known)),
        owners=tuple(
            sorted({(o.owner_id, o.owner_name) for o in snapshot.owners.values()}, key=by_name)
        ),
        stages=tuple(
            sorted({(s.stage_id, s.stage_name) for s in snapshot.stages.values()}, key=by_name)
        ),
        statuses=tuple((name, name) for name in get_args(TrendStatus)),
        levels=_LEVELS,
        sorts=_sorts(order.name),
        chosen_words=asked.get("words", ""),
        chosen_owner=asked.get("owner", ""),
        chosen_stage=asked.get("stage", ""),
        chosen_status=asked.get("status", ""),
        chosen_level=asked.get("level", ""),
        chosen_week=asked.get("week", ""),
        filtered=bool(asked.keys() - {"week", "sort"}),
    )


def _entries(snapshot: Snapshot, chosen: frozenset[str]) -> list[_Entry]:
    friction = snapshot.friction_of
    found: list[_Entry] = []
    for theme in snapshot.themes.values():
        if theme.id not in chosen:
            continue
        owner, stage = snapshot.owners.get(theme.id), snapshot.stages.get(theme.id)
        found.append(
            _Entry(
                theme,
                trend=snapshot.trends.get(theme.id),
                friction=friction.get(theme.id),
                owner=owner.owner_name if owner else None,
                stage=stage.stage_name if stage else None,
            )
        )
    return found


def _choices(status: str, level: str) -> tuple[str, str]:
    """The same, if there are such.

    Raises:
        ProblemError: 422, for one that no theme can have.
    """
    for name, value, known in (
        ("status", status, get_args(TrendStatus)),
        ("level", level, [one for one, _ in _LEVELS]),
    ):
        if value and value not in known:
            raise ProblemError(
                422, f"unknown-{name}", f"{value!r} is no {name} of a theme", known=known
            )
    return status, level


def _holds(theme: Theme, words: Sequence[str]) -> bool:
    told = " ".join((theme.label, *theme.terms)).casefold()
    return all(word in told for word in words)


def _customers(population: Population, theme_id: str) -> int:
    return mention_count(population, theme_id)[0]


def _tie(entry: _Entry) -> Key:
    return (-entry.trend.customers if entry.trend else 0, entry.theme.id)


def _heads(asked: Mapping[str, str], order: str) -> tuple[ColumnHead, ...]:
    """Column heads; a second click turns the order around."""
    last = _Column("Customers in all", lambda _: None, "customers in all", numeric=True, first="-")
    heads: list[ColumnHead] = []
    for name, column in (*_COLUMNS.items(), ("customers", last)):
        sorted_by = order.removeprefix("-") == name
        turned = name if order.startswith("-") else f"-{name}"
        wanted = turned if sorted_by else f"{column.first}{name}"
        link = {**asked, "sort": None if wanted == "rank" else wanted}
        heads.append(
            ColumnHead(
                title=column.title,
                numeric=column.numeric,
                href=f"/themes{as_query(link)}",
                direction=("descending" if order.startswith("-") else "ascending")
                if sorted_by
                else "",
            )
        )
    return tuple(heads)


def _sorts(order: str) -> tuple[tuple[str, str], ...]:
    """Orders to choose from: each column's first one, and the one in force."""
    usual = [f"{column.first}{name}" for name, column in _COLUMNS.items()] + ["-customers"]
    return tuple((name, _order_text(name)) for name in dict.fromkeys([*usual, order]))


def _order_text(order: str) -> str:
    name = order.removeprefix("-")
    if order == "rank":
        return "the costliest first"
    words = "customers in all" if name == "customers" else _COLUMNS[name].words
    if name in {"label", "owner", "stage"}:
        return f"{words}, {'Z to A' if order.startswith('-') else 'A to Z'}"
    if name == "rank":
        return "the least costly first"
    return f"by {words}, the {'highest' if order.startswith('-') else 'lowest'} first"
