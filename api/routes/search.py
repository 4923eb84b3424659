"""Search by meaning and words: `/search` for people, `/v1/search` for programs."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.filters import ATTRIBUTE_PARAMETER, AnyFilters, AnyPaging, Known, Paging, read_paging
from api.problems import ProblemError, documented
from api.rendering import cause_href, render_page, theme_href
from api.routes.pages import no_data
from api.schemas.search import SearchAnswer, search_answer
from api.scope import load_snapshot
from api.search_contexts import HitShown, Piece, SearchPage, ThemeHits
from api.search_rows import Hit, Searched, search
from api.sessions import Reading, ThePopulations, TheSearcher, TheWindows
from api.statement_filters import filters_of, filters_shown, given_of, query_with
from nlp.query_words import QueryWords, word_spans
from nlp.records import Statement
from store.snapshots import published_weeks

router = APIRouter()

_KNOWN = ("q", "like", "theme", "kind", "since", "until", "cursor")
_MOST_TEXT = 400  # characters of a question; a statement is rarely longer
_HITS = 20
_THEMES = 8
# Of an answer that will be another one although nothing is written: see `api.answers`.
_PASSING = "private, no-store"
_WHY = {
    "id": "it is what you named",
    "both": "near in meaning, and in your words",
    "meaning": "near in meaning",
    "words": "in your words",
}

Asked = Annotated[
    str,
    Query(
        max_length=_MOST_TEXT,
        description=(
            "What is sought, in any words; what means the same is found, too. A phrase in quotes "
            "must be there word for word; the id of a statement or message finds it."
        ),
        examples=["too expensive for a small business"],
    ),
]
Like = Annotated[
    str,
    Query(
        max_length=500,
        description="Id of a statement: find what means the same. Instead of `q`.",
    ),
]
InTheme = Annotated[
    str, Query(max_length=100, description="Only statements of this theme, or of those under it.")
]


@router.get(
    "/v1/search",
    tags=["search"],
    responses=documented(404, 409, 422),
    openapi_extra=ATTRIBUTE_PARAMETER,
    dependencies=[Depends(Known(*_KNOWN, "limit"))],
)
def search_statements(
    session: Reading,
    populations: ThePopulations,
    searcher: TheSearcher,
    filters: AnyFilters,
    paging: AnyPaging,
    *,
    response: Response,
    q: Asked = "",
    like: Like = "",
    theme: InTheme = "",
) -> SearchAnswer:
    """Statements that say something, by meaning and words together, the best first.

    Found is what is near in meaning or holds most of the telling words. Statements that say just
    the same are one hit; the counts by theme and week are of all statements found.

    A cursor goes on as long as what was shown is still what is found first; when a write has
    changed that, the answer is 409 and the search starts again without it.
    """
    if bool(q.strip()) == bool(like):
        raise ProblemError(
            422, "nothing-asked", "say what is sought, as q=WORDS or as like=STATEMENT_ID, not both"
        )
    found = search(session, populations, searcher, filters, paging, text=q, like=like, theme=theme)
    if not found.current:
        response.headers["cache-control"] = _PASSING
    return search_answer(found)


@router.get(
    "/search",
    include_in_schema=False,
    response_class=HTMLResponse,
    dependencies=[Depends(Known(*_KNOWN))],
)
def search_page(
    request: Request,
    session: Reading,
    populations: ThePopulations,
    searcher: TheSearcher,
    *,
    windows: TheWindows,
    paging: Annotated[Paging, Depends(read_paging)],
    q: Annotated[str, Query(max_length=_MOST_TEXT)] = "",
    like: Annotated[str, Query(max_length=500)] = "",
    theme: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """A question and what was found; the id of a theme or a cause leads to its page."""
    published = published_weeks(session)
    if not published:
        return no_data(session, "search")
    filters, given = filters_of(request), given_of(request)
    text, like = q.strip(), like.strip()
    snapshot = load_snapshot(session, published[-1])
    if text in snapshot.themes:
        return RedirectResponse(theme_href(text), 303)
    if text and any(cause.id == text for cause in snapshot.root_causes):
        return RedirectResponse(cause_href(text), 303)
    found: Searched | None = None
    if text or like:
        # With a new question in the box, "more like this" is over.
        like = "" if text else like
        found = search(
            session,
            populations,
            searcher,
            filters,
            Paging(_HITS, paging.cursor),
            text=text,
            like=like,
            theme=theme,
        )
    week = found.week if found else published[-1]
    choices = found.choices if found else windows.choices(populations.of(session, week))
    without = {name: value for name, value in given.items() if name != "theme"}
    page = render_page(
        "search.html",
        SearchPage(
            section="search",
            week=week,
            text=text,
            like=found.like.text if found and found.like else "",
            like_id=like,
            asked=found is not None,
            filters=filters_shown(choices, filters, words=""),
            theme=snapshot.themes.get(theme),
            all_href=f"/search?{query_with(without)}",
            hits=tuple(_shown(hit, found.words) for hit in found.hits) if found else (),
            statements=found.statements if found else 0,
            texts=found.texts if found else 0,
            themes=tuple(
                ThemeHits(
                    one.theme,
                    one.statements,
                    f"/search?{query_with(without, theme=one.theme.id)}" if one.theme else "",
                )
                for one in found.themes[:_THEMES]
            )
            if found
            else (),
            theme_total=len(found.themes) if found else 0,
            weeks=found.weeks if found else (),
            unknown=found.unknown if found else (),
            note=found.note if found else "",
            behind=found is not None and not found.current,
            more=query_with(given, cursor=found.next_cursor) if found and found.next_cursor else "",
        ),
    )
    if found is not None and not found.current:
        page.headers["cache-control"] = _PASSING
    return page


def _shown(hit: Hit, words: QueryWords) -> HitShown:
    return HitShown(
        statement_id=hit.statement.id,
        week=hit.message.week,
        kind=hit.message.kind,
        pieces=pieces(hit.statement, words),
        theme=hit.theme,
        why=_WHY[hit.found_by],
        same=hit.same,
    )


def pieces(statement: Statement, words: QueryWords) -> tuple[Piece, ...]:
    """A statement cut where its reasons and the words sought begin and end."""
    text = statement.text
    reason, sought = np.zeros(len(text), dtype=np.bool_), np.zeros(len(text), dtype=np.bool_)
    for clause in statement.clauses:
        reason[clause.start : clause.end] = True
    for start, end in word_spans(text, words):
        sought[start:end] = True
    turns = np.flatnonzero(np.diff(reason) | np.diff(sought)) + 1
    edges = [0, *turns.tolist(), len(text)]
    return tuple(
        Piece(text[start:end], bool(reason[start]), bool(sought[start]))
        for start, end in pairwise(edges)
        if end > start
    )
