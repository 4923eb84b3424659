"""The filters of a theme's statements: kind, weeks, segments and words, from a form without JS."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import Request

from api.filters import Filters, filters_given
from api.theme_contexts import SegmentChoice, StatementFilters
from api.views import Mention, mentions
from api.windows import Choices
from nlp.population import Population
from nlp.query_words import holds_all, read_query
from nlp.records import KINDS
from store.database import Session
from store.statements import statements_by_id

# A list to choose from is read at a glance up to a dozen values; more attributes than six would
# hide the statements behind their filters. The API takes all.
_MOST_VALUES, _MOST_ATTRIBUTES = 12, 6
_NOT_LISTED = frozenset({"kind"})  # it has a filter of its own


def filters_of(request: Request) -> Filters:
    """The filters of a page's form, whose empty fields mean "any".

    Raises:
        ProblemError: 422, for a kind there is none of, a week that is none, or an empty range.
    """
    return filters_given(given_of(request))


def given_of(request: Request) -> dict[str, str]:
    """The parameters that say something; a form sends its empty fields, too."""
    return {name: value for name, value in request.query_params.items() if value.strip()}


def query_with(given: Mapping[str, str], **more: str) -> str:
    """The same question with other paging: what stands after the `?`."""
    return urlencode({**{k: v for k, v in given.items() if k != "cursor"}, **more})


def filters_shown(choices: Choices, filters: Filters, *, words: str) -> StatementFilters:
    """The form as it stands."""
    chosen = dict(filters.attributes)
    listed = [
        SegmentChoice(name, values, chosen.get(name, ""))
        for name, values in choices.segments
        if name in chosen or (len(values) <= _MOST_VALUES and name not in _NOT_LISTED)
    ]
    listed.sort(key=lambda one: (not one.chosen, one.name))
    return StatementFilters(
        active=bool(words or filters.restricts),
        words=words,
        kind=filters.kind or "",
        since=filters.since or "",
        until=filters.until or "",
        kinds=KINDS,
        weeks=choices.weeks,
        segments=tuple(listed[: max(_MOST_ATTRIBUTES, len(chosen))]),
    )


def chosen_mentions(
    session: Session, part: Population, theme_id: str, *, words: str
) -> list[Mention]:
    """The theme's statements in a part of the feedback that hold all the words."""
    found = mentions(part, theme_id)
    query = read_query(words)
    if query.empty:
        return found
    texts = statements_by_id(session, [one.statement_id for one in found])
    return [
        one
        for one in found
        if one.statement_id in texts and holds_all(texts[one.statement_id].text, query)
    ]
