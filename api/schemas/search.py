"""What a search finds: statements with their scores, and counts of all that was found."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from urllib.parse import quote

from pydantic import ConfigDict, Field

from api.schemas.common import Answer
from api.schemas.themes import StatementClause
from api.search_rows import Hit, Searched
from nlp.records import Kind

_HIT: dict[str, Any] = {
    "id": "helpdesk/tick-0283#0",
    "feedback_id": "tick-0283",
    "source": "helpdesk",
    "kind": "ticket",
    "week": "2026-W42",
    "created_at": "2026-10-13T09:12:00Z",
    "text": "The monthly price has become too expensive because of the increase you announced",
    "score": 0.024266,
    "meaning": 0.71233,
    "words": 9.8412,
    "found_by": "both",
    "same": 0,
    "theme_id": "T-561611592a",
    "theme_label": "Price increase on Starter",
    "clauses": [
        {
            "text": "the increase you announced",
            "connective": "because of",
            "relation": "causal",
            "start": 43,
            "end": 80,
        }
    ],
    "links": {
        "theme": "/v1/themes/T-561611592a",
        "like": "/v1/search?like=helpdesk%2Ftick-0283%230",
        "page": "/search?like=helpdesk%2Ftick-0283%230",
    },
}


class SearchHit(Answer):
    """A statement found; others that say just the same are counted in `same`."""

    model_config = ConfigDict(json_schema_extra={"examples": [_HIT]})

    id: str
    feedback_id: str
    source: str
    kind: Kind
    week: str
    created_at: dt.datetime
    text: str
    score: float = Field(
        description="Places by meaning and by words, fused (reciprocal ranks); 1 when it was asked "
        "for by id. Only the order counts."
    )
    meaning: float | None = Field(
        description="Cosine of the statement's embedding with the query's; null without one."
    )
    words: float = Field(description="BM25 of the query's words; 0 when it holds none.")
    found_by: Literal["id", "meaning", "words", "both"]
    same: int = Field(description="Further statements found that say exactly this.")
    theme_id: str | None
    theme_label: str | None
    clauses: list[StatementClause] = Field(description="Reasons in the customer's words.")
    links: dict[str, str]


class SearchTheme(Answer):
    """How many statements found stand in a theme or under it; null: in none."""

    theme_id: str | None = Field(examples=["T-561611592a"])
    theme_label: str | None = Field(examples=["Price increase on Starter"])
    statements: int = Field(examples=[41])


class SearchWeek(Answer):
    """How much was found of one week."""

    week: str = Field(examples=["2026-W42"])
    customers: int = Field(examples=[23])
    statements: int = Field(examples=[25])


class SearchAnswer(Answer):
    """A page of what was found, the best first, and counts over all that was found."""

    week: str = Field(
        description="The last published week; statements up to it are searched.",
        examples=["2026-W46"],
    )
    items: list[SearchHit]
    statements: int = Field(description="Statements found in all.", examples=[47])
    texts: int = Field(description="In how many wordings.", examples=[43])
    themes: list[SearchTheme] = Field(
        description="Where they stand, most first; what stands in a narrow theme is counted in the "
        "broad one above it, too, as the filter `theme` finds it."
    )
    weeks: list[SearchWeek] = Field(description="When they were said, week by week.")
    unknown_words: list[str] = Field(description="Words of the query that no statement holds.")
    note: str = Field(description="Why only words were looked for; else empty.")
    up_to_date: bool = Field(
        description="False while newer feedback is not searchable yet: what was said before is "
        "searched, and statements that have changed since are left out of `items`. Such an answer "
        "is not kept; the same question finds the newer feedback a little later."
    )
    next_cursor: str | None = Field(
        default=None, description="Give it as `cursor` for the next page; null on the last page."
    )


def search_answer(found: Searched) -> SearchAnswer:
    """A search as the API shows it."""
    return SearchAnswer(
        week=found.week,
        items=[_hit(hit) for hit in found.hits],
        statements=found.statements,
        texts=found.texts,
        themes=[
            SearchTheme(
                theme_id=one.theme.id if one.theme else None,
                theme_label=one.theme.label if one.theme else None,
                statements=one.statements,
            )
            for one in found.themes
        ],
        weeks=[
            SearchWeek(week=one.week, customers=one.customers, statements=one.statements)
            for one in found.weeks
        ],
        unknown_words=list(found.unknown),
        note=found.note,
        up_to_date=found.current,
        next_cursor=found.next_cursor,
    )


def _hit(hit: Hit) -> SearchHit:
    quoted = quote(hit.statement.id, safe="")
    links = {"like": f"/v1/search?like={quoted}", "page": f"/search?like={quoted}"}
    if hit.theme is not None:
        links["theme"] = f"/v1/themes/{hit.theme.id}"
    return SearchHit(
        id=hit.statement.id,
        feedback_id=hit.message.id,
        source=hit.message.source,
        kind=hit.message.kind,
        week=hit.message.week,
        created_at=hit.message.created_at,
        text=hit.statement.text,
        score=round(hit.score, 6),
        meaning=hit.meaning,
        words=hit.words,
        found_by=hit.found_by,
        same=hit.same,
        theme_id=hit.theme.id if hit.theme else None,
        theme_label=hit.theme.label if hit.theme else None,
        clauses=[
            StatementClause(
                text=one.text,
                connective=one.connective,
                relation=one.relation,
                start=one.start,
                end=one.end,
            )
            for one in hit.statement.clauses
        ],
        links=links,
    )
